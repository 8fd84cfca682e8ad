//! Which mails a form on a web page sends (R80): patterns of sender and subject, as the config writes them. What its labels name is
//! read by fields.rs; what becomes of it is the desk's.

use super::wording::norm;

/// Whether the address is meant by a pattern: the address itself, all of a domain (`www.kmu.example`), or with `*` for anything.
#[must_use]
pub fn sender_fits(pattern: &str, address: &str) -> bool {
    let (pattern, address) = (norm(pattern), norm(address));
    if pattern.contains('*') {
        return fits(&pattern, &address);
    }
    match pattern.trim_start_matches('@').split_once('@') {
        Some(_) => pattern == address,
        None => address.rsplit_once('@').is_some_and(|(_, domain)| domain == pattern.trim_start_matches('@')),
    }
}

/// Whether the subject is meant: it holds the pattern; with `*` it is the pattern as a whole.
#[must_use]
pub fn subject_fits(pattern: &str, subject: &str) -> bool {
    let (pattern, subject) = (norm(pattern), norm(subject));
    if pattern.contains('*') { fits(&pattern, &subject) } else { subject.contains(&pattern) }
}

/// `*` stands for any characters, none too. Every piece is looked for once, from the left: nothing is tried twice.
fn fits(pattern: &str, text: &str) -> bool {
    let pieces: Vec<&str> = pattern.split('*').collect();
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return false };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for piece in pieces.iter().skip(1).take(pieces.len().saturating_sub(2)) {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_and_subjects_by_pattern() {
        assert!(sender_fits("noreply@www.kmu.example", "NoReply@WWW.kmu.example"));
        assert!(sender_fits("www.kmu.example", "form@www.kmu.example") && sender_fits("@www.kmu.example", "form@www.kmu.example"));
        assert!(!sender_fits("kmu.example", "x@www.kmu.example") && !sender_fits("kmu.example", "x@evilkmu.example"));
        assert!(sender_fits("*@*.kmu.example", "a@b.kmu.example") && !sender_fits("*@*.kmu.example", "a@kmu.example"));
        assert!(subject_fits("意見信箱", "【意見信箱】新的留言") && !subject_fits("意見信箱", "留言"));
        assert!(subject_fits("[意見*] *", "[意見信箱] 漏水") && !subject_fits("[意見*] *", "Re: [意見信箱] 漏水"));
        assert!(subject_fits("*", "") && subject_fits("a*a", "aa") && !subject_fits("a*a", "a"));
    }
}
