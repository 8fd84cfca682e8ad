//! New words apart from quoted words. Nothing is thrown away: what is not new comes back as `quoted`.
//!
//! The families of mail programs each have their file: `marker` (our own letters), `citation` (Gmail, Apple, Thunderbird: a line that says who wrote),
//! `block` (Outlook, OWA, Foxmail, Notes: old header lines repeated), `separator`, `signature`. This file puts their findings together.

pub mod block;
pub mod citation;
pub mod marker;
pub mod separator;
pub mod signature;

use super::html::Line;

/// Most lines that are looked at; what stands below is quoted.
const MAX_LINES: usize = 20_000;

/// The two halves of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// What the writer newly wrote.
    pub reply: String,
    /// The rest, in its order: quotes, old header lines, signature.
    pub quoted: String,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Text,
    /// Starts with `>` or stands in a program's quote element.
    Quote,
    /// Says who wrote what follows.
    Cite,
    /// Below a mark after which all is old.
    Old,
    /// Signature.
    Sign,
}

/// Splits the lines of a mail.
#[must_use]
pub fn trim(lines: &[Line]) -> Trimmed {
    let (lines, beyond) = lines.split_at(lines.len().min(MAX_LINES));
    let parted;
    let lines = if lines.iter().any(|l| l.text.contains(" On ")) {
        parted = part_shared_lines(lines);
        &parted
    } else {
        lines
    };
    let text: Vec<&str> = lines.iter().map(|l| l.text.as_str()).collect();
    let mut kinds = first_look(lines, true);
    if !kinds.contains(&Kind::Text) {
        // A forward with nothing above it: what the program put into its quote element is all there is.
        kinds = first_look(lines, false);
    }
    mend_quotes(&text, &mut kinds);
    mark_citations(&text, &mut kinds);
    cut_at_marks(lines, &text, &mut kinds);
    drop_unquoted_tail_of_citation(&mut kinds);
    keep_chosen_quotes(&text, lines, &mut kinds);
    signature::mark(&text, &mut kinds);
    let reply = collect(&text, &kinds, |k| matches!(k, Kind::Text | Kind::Blank));
    let mut out = if reply.is_empty() {
        sensible(&text, &kinds)
    } else {
        Trimmed { reply, quoted: collect(&text, &kinds, |k| !matches!(k, Kind::Text)) }
    };
    for l in beyond {
        out.quoted.push('\n');
        out.quoted.push_str(&l.text);
    }
    out
}

/// Nothing new was found: take back the signature, else all, unless our own letter is what stands there.
fn sensible(text: &[&str], kinds: &[Kind]) -> Trimmed {
    let with_signature = collect(text, kinds, |k| matches!(k, Kind::Text | Kind::Blank | Kind::Sign));
    if !with_signature.is_empty() {
        let quoted = collect(text, kinds, |k| matches!(k, Kind::Quote | Kind::Cite | Kind::Old));
        return Trimmed { reply: with_signature, quoted };
    }
    let all = collect(text, kinds, |_| true);
    // Below our own marker stands our own letter: its words must never be taken for the sender's.
    if text.iter().any(|t| marker::is_marker(t)) {
        return Trimmed { reply: String::new(), quoted: all };
    }
    Trimmed { reply: all, quoted: String::new() }
}

fn collect(text: &[&str], kinds: &[Kind], keep: impl Fn(Kind) -> bool) -> String {
    let mut out = String::new();
    let mut gap = false;
    for (t, k) in text.iter().zip(kinds) {
        if !keep(*k) {
            gap |= !out.is_empty();
            continue;
        }
        if t.trim().is_empty() {
            gap = true;
            continue;
        }
        if gap && !out.is_empty() {
            out.push('\n');
        }
        gap = false;
        out.push_str(t);
        out.push('\n');
    }
    out.trim().to_owned()
}

fn first_look(lines: &[Line], elements: bool) -> Vec<Kind> {
    lines
        .iter()
        .map(|l| match l.text.trim_start() {
            "" => Kind::Blank,
            _ if elements && l.quoted => Kind::Quote,
            t if (t.starts_with('>') && !separator::is_groupwise(t)) || initialled(t) => Kind::Quote,
            _ => Kind::Text,
        })
        .collect()
}

/// `AB> text`: the quote of old news readers, with the writer's initials.
fn initialled(line: &str) -> bool {
    let initials = line.chars().take_while(char::is_ascii_uppercase).count();
    let after = line.get(initials..).unwrap_or_default();
    (1..=3).contains(&initials) && (after == ">" || after.starts_with("> ") || after.starts_with(">>"))
}

/// `yes--- On Monday … wrote:` and `yes On Monday … wrote:` above a quote are two lines that a program ran together.
fn part_shared_lines(lines: &[Line]) -> Vec<Line> {
    let mut out = Vec::with_capacity(lines.len());
    for (i, l) in lines.iter().enumerate() {
        match shared_at(lines, i).and_then(|at| Some((l.text.get(..at)?, l.text.get(at..)?))) {
            Some((new, old)) => {
                out.push(Line { text: new.trim_end().to_owned(), ..l.clone() });
                out.push(Line { text: old.trim_start().to_owned(), quoted: l.quoted, cut: false });
            }
            None => out.push(l.clone()),
        }
    }
    out
}

/// Where the citation starts inside the line.
fn shared_at(lines: &[Line], i: usize) -> Option<usize> {
    let text = lines.get(i)?.text.as_str();
    if text.starts_with('>') || text.len() > 2000 || !text.ends_with([':', '：', '-']) {
        return None;
    }
    let quote_below = || lines.iter().skip(i + 1).find(|l| !l.text.is_empty()).is_some_and(|l| l.text.starts_with('>'));
    let at = text.find("--- On ").or_else(|| text.find(" On ").filter(|_| quote_below()))?;
    let words_above = text.get(..at)?.chars().any(char::is_alphanumeric);
    (words_above && !citation::is_citation(text.get(..at)?) && citation::is_citation(text.get(at..)?)).then_some(at)
}

/// A quoted line that was broken too late leaves its end unquoted between two quoted ones. Where a program did so once, it did so to
/// shorter lines of the same quote too.
fn mend_quotes(text: &[&str], kinds: &mut [Kind]) {
    let mut broken = false;
    for again in [false, true] {
        for i in 1..text.len() {
            let between =
                kinds.get(i) == Some(&Kind::Text) && kinds.get(i - 1) == Some(&Kind::Quote) && kinds.get(i + 1) == Some(&Kind::Quote);
            if !between {
                continue;
            }
            let line = text.get(i).copied().unwrap_or_default();
            let above = text.get(i - 1).copied().unwrap_or_default();
            let short = || line.chars().count() <= 40 && line.starts_with(|c: char| c.is_lowercase());
            if is_broken_end(above, line) || (again && short()) {
                broken = true;
                set(kinds, i..i + 1, Kind::Quote);
            }
        }
        if !broken {
            return;
        }
    }
}

fn is_broken_end(above: &str, line: &str) -> bool {
    let t = line.trim();
    let open_link = above.rfind("(http").is_some_and(|p| !above.get(p..).unwrap_or_default().contains(')'))
        || above.rfind("<http").is_some_and(|p| !above.get(p..).unwrap_or_default().contains('>'));
    let only_link = (t.starts_with("(http") || t.starts_with("<http")) && t.ends_with([')', '>']);
    let went_on = above.chars().count() >= 60
        && !above.ends_with(['.', '?', '!', ':', '。', '？', '！', '：'])
        && t.starts_with(|c: char| c.is_lowercase());
    (open_link && !t.contains(' ')) || only_link || went_on
}

fn mark_citations(text: &[&str], kinds: &mut [Kind]) {
    let mut i = 0usize;
    while i < text.len() {
        let fresh = i.checked_sub(1).is_none_or(|p| kinds.get(p) != Some(&Kind::Text));
        let plain = kinds.get(i..).unwrap_or_default().iter().map(|k| *k == Kind::Text);
        let below = text.get(i..).unwrap_or_default();
        if kinds.get(i) == Some(&Kind::Text)
            && let Some(n) = citation::length(below, plain, fresh).or_else(|| citation::broken_by_blanks(below))
        {
            set(kinds, i..i + n, Kind::Cite);
            i += n;
            continue;
        }
        let next = || kinds.get(i + 1..).unwrap_or_default().iter().find(|k| **k != Kind::Blank);
        if kinds.get(i) == Some(&Kind::Text) && text.get(i).is_some_and(|l| citation::introduces(l)) && next() == Some(&Kind::Quote) {
            set(kinds, i..i + 1, Kind::Cite);
        } else if fresh && let Some(n) = introduced(text, kinds, i) {
            set(kinds, i..i + n, Kind::Cite);
        }
        i += 1;
    }
}

/// A paragraph of two or three lines above a quote that tells who wrote it: how many.
fn introduced(text: &[&str], kinds: &[Kind], at: usize) -> Option<usize> {
    let n = kinds.get(at..)?.iter().take(4).take_while(|k| **k == Kind::Text).count();
    let next = kinds.get(at + n..)?.iter().find(|k| **k != Kind::Blank);
    let told = (2..=3).contains(&n) && next == Some(&Kind::Quote) && citation::introduces_together(text.get(at..at + n)?);
    told.then_some(n)
}

fn set(kinds: &mut [Kind], range: std::ops::Range<usize>, to: Kind) {
    for k in kinds.get_mut(range).unwrap_or_default() {
        if *k != Kind::Blank {
            *k = to;
        }
    }
}

fn words_before(kinds: &[Kind], at: usize) -> bool {
    kinds.get(..at).unwrap_or_default().contains(&Kind::Text)
}

/// Our marker line, separators, header blocks and the marks of HTML writers: everything below is old, if something stands above.
fn cut_at_marks(lines: &[Line], text: &[&str], kinds: &mut [Kind]) {
    for i in 0..text.len() {
        if !matches!(kinds.get(i), Some(Kind::Text | Kind::Cite)) {
            continue;
        }
        let rest = text.get(i..).unwrap_or_default();
        let marked = lines.get(i).is_some_and(|l| l.cut);
        let own = marker::is_marker(text.get(i).copied().unwrap_or_default());
        let found = if marked || own { Some(1) } else { separator::length(rest).or_else(|| block::length(rest)) };
        let Some(n) = found else { continue };
        if own || words_before(kinds, i) {
            set(kinds, i..text.len(), Kind::Old);
            return;
        }
        // Nothing above: the old words are quoted below with new words under them, or the mail is a bare forward whose words count.
        if !marked {
            set(kinds, i..i + n, Kind::Cite);
        }
    }
}

/// Quotes without any word of who wrote them were chosen by hand: a writer sets a sentence over the own answer, or shows what somebody said.
/// Above new words they stay; below all new words they are the usual tail of a program.
fn keep_chosen_quotes(text: &[&str], lines: &[Line], kinds: &mut [Kind]) {
    let said = |i: usize| {
        let bare = text.get(i).map(|t| t.trim_start_matches(['>', ' '])).unwrap_or_default();
        citation::is_citation(bare)
            || marker::is_marker(bare)
            || block::length(&[bare, text.get(i + 1).map(|t| t.trim_start_matches(['>', ' '])).unwrap_or_default()]).is_some()
    };
    let cited = kinds
        .iter()
        .enumerate()
        .any(|(i, k)| matches!(k, Kind::Cite | Kind::Old) || (*k == Kind::Quote && (lines.get(i).is_some_and(|l| l.quoted) || said(i))));
    // What stands above everything that is old was quoted by hand as well, where the writer goes on below it (a rule that an answer cites).
    let first = kinds.iter().enumerate().position(|(i, k)| {
        matches!(k, Kind::Cite | Kind::Old) || (*k == Kind::Quote && (lines.get(i).is_some_and(|l| l.quoted) || said(i)))
    });
    let above = if cited { first.unwrap_or(0) } else { kinds.len() };
    let Some(last) = kinds.get(..above).unwrap_or_default().iter().rposition(|k| *k == Kind::Text) else { return };
    for k in kinds.get_mut(..last).unwrap_or_default() {
        if *k == Kind::Quote {
            *k = Kind::Text;
        }
    }
}

/// After `… wrote:` without `>` below, the old words stand unmarked up to the end.
fn drop_unquoted_tail_of_citation(kinds: &mut [Kind]) {
    let mut i = 0usize;
    while i < kinds.len() {
        if kinds.get(i) != Some(&Kind::Cite) {
            i += 1;
            continue;
        }
        let end = i + kinds.get(i..).unwrap_or_default().iter().take_while(|k| **k == Kind::Cite).count();
        let next = kinds.get(end..).unwrap_or_default().iter().find(|k| **k != Kind::Blank).copied();
        if next == Some(Kind::Text) && words_before(kinds, i) {
            set(kinds, i..kinds.len(), Kind::Old);
            return;
        }
        i = end;
    }
}

#[cfg(test)]
mod asia_tests;
#[cfg(test)]
mod citation_tests;
#[cfg(test)]
mod clients_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::textparts::plain_lines;

    fn reply(text: &str) -> String {
        trim(&plain_lines(text)).reply
    }

    #[test]
    fn an_empty_answer_never_speaks_with_our_words() {
        let letter = "——— 請在此線以上回覆 ———\n收件單號 115-014\n#核准";
        assert_eq!(reply(letter), "");
        assert_eq!(reply(&format!("寄件者: 校園意見信箱\n寄件日期: 2026年11月23日\n收件者: 林\n主旨: x\n\n{letter}")), "");
        assert_eq!(trim(&plain_lines(letter)).quoted, letter);
    }

    #[test]
    fn quotes_of_programs_go_and_quotes_of_people_stay() {
        assert_eq!(reply("於 2026/11/23 下午 02:10, 信箱 寫道:\n> 何時恢復？\n\n明日。"), "明日。");
        assert_eq!(reply("> 何時恢復？\n\n明日。"), "> 何時恢復？\n\n明日。");
        assert_eq!(reply("明日。\n\n> 何時恢復？"), "明日。");
    }

    #[test]
    fn nothing_is_lost() {
        let text = "明日。\n-- \n林\n\n寄件者: 信箱 <a@b.c>\n寄件日期: 2026年11月23日\n收件者: 林\n主旨: x\n\n何時恢復？";
        let t = trim(&plain_lines(text));
        assert_eq!(t.reply, "明日。");
        for line in ["林", "寄件者: 信箱 <a@b.c>", "何時恢復？"] {
            assert!(t.quoted.contains(line), "{line}");
        }
    }

    #[test]
    fn a_passage_between_rules_is_no_signature() {
        let long = (1..20).map(|i| format!("第 {i} 點")).collect::<Vec<_>>().join("\n");
        let text = format!("以下分兩部分：\n\n----------\n{long}");
        assert_eq!(reply(&text), text);
    }
}
