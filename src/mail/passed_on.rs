//! A complaint inside somebody else's mail (R59): forwarded in the text, attached whole, or reported with its writer's name and address.
//! Reads who wrote it, its subject and words, and what the passer-on says above (來文字號, 限辦日期, 復知). Who may pass on, and whether
//! that is believed, is the desk's.

use super::address::Mailbox;
use super::fields_scan;
use super::html::Line;
use super::parse::Inbound;
use super::people::signature;
use super::textparts::plain_lines;
use super::trim::{self, block, separator};
use super::until::{self, Until};
use super::wording::{norm, salutation, squeeze};

/// How many mails in a mail's text are followed.
const DEEPEST: usize = 4;
/// Lines that are looked through for the old header lines.
const LOOKED: usize = 400;

/// The complaint inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// Who wrote it, as far as the mail tells; without an address where only a name stands there.
    pub person: Mailbox,
    /// Its subject, empty where none is told.
    pub subject: String,
    /// Its words.
    pub text: String,
    /// Its Message-ID, where the whole mail is attached.
    pub message_id: Option<String>,
    /// Those who passed it on before, nearest to the writer last (an authority whose mail a secretary forwards).
    pub through: Vec<Mailbox>,
    /// What the passers-on wrote above it.
    pub cover: String,
}

/// What a passer-on says of the complaint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cover {
    /// 來文字號.
    pub reference: Option<String>,
    /// 限辦日期.
    pub due: Option<Until>,
    /// 復知: he wants to hear the result.
    pub tell: bool,
}

/// The complaint that this mail passes on, by its shape alone: a forward that says so, or an attached mail below a covering note.
#[must_use]
pub fn inside(mail: &Inbound) -> Option<Inside> {
    let lent = mail.warnings.iter().any(|w| w == super::parse::LENT);
    let own = if lent { "" } else { mail.reply_text.trim() };
    if let Some(nested) = mail.nested.iter().find(|n| n.from.as_ref().is_some_and(|f| !f.address.is_empty() || !f.name.is_empty()))
        && (own.is_empty() || passes(own))
    {
        let found = Inside {
            person: nested.from.clone().unwrap_or_default(),
            subject: nested.subject.trim().to_owned(),
            text: trimmed(&nested.text),
            message_id: nested.message_id.clone(),
            through: Vec::new(),
            cover: own.to_owned(),
        };
        return Some(deeper(found, &nested.text));
    }
    let whole = mail.text.as_str();
    let (cover, found) = in_text(whole, &mail.subject)?;
    let bare = without_signature(&cover);
    (bare.is_empty() || passes(&bare)).then(|| {
        let first = Inside { cover: cover.clone(), ..found.0 };
        deeper(first, &found.1)
    })
}

/// A mail inside the one found belongs to whoever stands in the innermost one; the others passed it on.
fn deeper(first: Inside, whole: &str) -> Inside {
    let (mut found, mut whole) = (first, whole.to_owned());
    for _ in 0..DEEPEST {
        let Some((cover, (inner, rest))) = in_text(&whole, &found.subject) else { break };
        let bare = without_signature(&cover);
        if !(bare.is_empty() || passes(&bare)) {
            break;
        }
        found.through.push(found.person);
        found = Inside { through: found.through, cover: format!("{}\n{cover}", found.cover), ..inner };
        whole = rest;
    }
    found
}

/// The first forwarded mail of a text: what stands above it, the mail, and its words untrimmed.
fn in_text(text: &str, subject: &str) -> Option<(String, (Inside, String))> {
    let lines: Vec<&str> = text.lines().collect();
    let forwarded = forward_subject(subject);
    for at in 0..lines.len().min(LOOKED) {
        let rest = lines.get(at..)?;
        let announced = separator::forwards(rest.first()?);
        if !(announced || forwarded && (separator::length(rest).is_some() || block::length(rest).is_some())) {
            continue;
        }
        // Apple Mail quotes what it forwards.
        let below: Vec<&str> = rest.iter().skip(usize::from(announced || separator::length(rest).is_some())).copied().collect();
        let quoted = below.iter().find(|l| !l.trim().is_empty()).is_some_and(|l| l.starts_with('>'));
        let below: Vec<&str> = if quoted {
            below.iter().map(|l| l.strip_prefix('>').unwrap_or(l)).map(|l| l.strip_prefix(' ').unwrap_or(l)).collect()
        } else {
            below
        };
        let blanks = below.iter().take_while(|l| l.trim().is_empty()).count();
        let (length, old) = block::read(below.get(blanks..)?)?;
        let words = below.get(blanks + length..).unwrap_or_default().join("\n").trim().to_owned();
        let person = author(&old.from);
        if person.name.is_empty() && person.address.is_empty() {
            return None;
        }
        let cover = lines.get(..at).unwrap_or_default().join("\n").trim().to_owned();
        let inside =
            Inside { person, subject: old.subject, text: trimmed(&words), message_id: None, through: Vec::new(), cover: String::new() };
        return Some((cover, (inside, words)));
    }
    None
}

/// `陳小華 <hua@mail.example>`, `陳小華 [mailto:hua@mail.example]`, an address alone, a name alone.
fn author(written: &str) -> Mailbox {
    let address = fields_scan::email(&written.replace("mailto:", " ")).unwrap_or_default();
    let name = match written.find(['<', '[', '(', '（', '＜']) {
        Some(at) => written.get(..at).unwrap_or_default(),
        None if address.is_empty() => written,
        None => written.split(address.as_str()).next().unwrap_or_default(),
    };
    let name = name.trim_matches(|c: char| c.is_whitespace() || "\"'*「」,;，；".contains(c));
    let name = if name.contains('@') { "" } else { name };
    Mailbox { name: name.chars().take(60).collect(), address: address.to_lowercase() }
}

/// The new words of a mail in a mail; all of it where that would be nothing.
fn trimmed(text: &str) -> String {
    let lines: Vec<Line> = plain_lines(text);
    let reply = trim::trim(&lines).reply;
    if reply.trim().is_empty() { text.trim().to_owned() } else { reply }
}

/// Whether the subject says that a mail was passed on, behind any marks of replies.
#[must_use]
pub fn forward_subject(subject: &str) -> bool {
    const MARKS: &[&str] = &["fw", "fwd", "wg", "tr", "轉寄", "轉發", "转发", "轉信", "轉呈", "轉", "轉知", "轉送", "転送", "轉陳"];
    let mut rest = norm(subject);
    for _ in 0..6 {
        let Some((head, tail)) = rest.split_once(':') else { return false };
        let head = head.trim().trim_matches(['[', ']']);
        if MARKS.contains(&head) {
            return true;
        }
        if head.chars().count() > 6 {
            return false;
        }
        rest = tail.trim().to_owned();
    }
    false
}

/// What stands above without who signed it.
fn without_signature(cover: &str) -> String {
    let lines: Vec<&str> = cover.lines().collect();
    let marked = lines.iter().position(|l| matches!(l.trim(), "--" | "—")).unwrap_or(lines.len());
    let mut kept: Vec<&str> = lines.get(..marked).unwrap_or_default().to_vec();
    while kept.last().is_some_and(|l| l.trim().is_empty() || signature(&norm(l))) {
        kept.pop();
    }
    kept.join("\n").trim().to_owned()
}

/// Whether the words above hand something on and are no complaint of their own.
#[must_use]
pub fn passes(cover: &str) -> bool {
    const WORDS: &[&str] = &[
        "轉寄",
        "轉知",
        "轉請",
        "轉送",
        "轉陳",
        "轉交",
        "轉來",
        "轉上",
        "轉給",
        "移請",
        "移送",
        "函轉",
        "函送",
        "檢送",
        "檢附",
        "請查照",
        "請卓處",
        "卓處",
        "惠處",
        "逕復",
        "惠復",
        "見復",
        "妥處",
        "請協處",
        "協助處理",
        "請處理",
        "請貴",
        "請登記",
        "請立案",
        "請受理",
        "請依權責",
        "權責處理",
        "民眾陳情",
        "民眾來信",
        "陳情信",
        "來信如下",
        "信如下",
        "如下",
        "如附",
        "附件",
        "敬請處理",
        "請參考",
        "供參",
        "如後附",
        "fyi",
        "please handle",
        "please take care",
        "for your action",
        "forwarding",
        "forwarded",
        "passing on",
        "pass this on",
        "see below",
        "for your information",
    ];
    let lines: Vec<String> = cover.lines().map(norm).filter(|l| !l.is_empty() && !salutation(l)).collect();
    let said: usize = lines.iter().map(|l| l.chars().count()).sum();
    let flat = lines.join("\n");
    said <= 12 || (said <= 600 && WORDS.iter().any(|w| flat.contains(w)))
}

/// What a passer-on says above the complaint, or anywhere in a letter that reports one.
#[must_use]
pub fn cover(text: &str) -> Cover {
    let lines: Vec<String> = text.lines().take(LOOKED).map(norm).collect();
    let flat = lines.iter().map(|l| squeeze(l)).collect::<Vec<_>>().join("\n");
    Cover {
        reference: lines.iter().find_map(|l| reference(l)),
        due: lines.iter().find_map(|l| due(l)),
        tell: [
            "復知",
            "覆知",
            "惠復",
            "惠覆",
            "見復",
            "見覆",
            "副知本",
            "副知敝",
            "回報",
            "並復本",
            "函復本",
            "副本抄送本",
            "letusknow",
            "copyus",
            "reporttous",
        ]
        .iter()
        .any(|w| flat.contains(w))
            && !["免復知", "無須復知", "無需復知", "不需復知", "毋須復知", "免予復知", "免復", "無需回報", "毋須見復"]
                .iter()
                .any(|w| flat.contains(w)),
    }
}

/// 「來文字號：高市府研字第1150001234號」.
fn reference(line: &str) -> Option<String> {
    const LABELS: &[&str] = &[
        "來文字號",
        "來文文號",
        "發文字號",
        "公文文號",
        "公文字號",
        "文號",
        "字號",
        "陳情編號",
        "案件編號",
        "受理編號",
        "reference",
        "ref",
    ];
    let (label, value) = line.split_once(':')?;
    let label = unnumbered(&squeeze(label));
    let value = value.trim().trim_end_matches(['。', ',', ';']);
    let fits = LABELS.iter().any(|l| label == *l) && value.chars().any(|c| c.is_ascii_digit()) && value.chars().count() <= 60;
    fits.then(|| value.to_owned())
}

/// A label without 「一、」, 「(二)」 or ornaments before it, as official letters number their lines.
fn unnumbered(label: &str) -> String {
    label.trim_start_matches(|c: char| c.is_numeric() || "一二三四五六七八九十、.()*■●◎-".contains(c)).to_owned()
}

/// 「限辦日期：115年3月20日」, 「請於3月20日前逕復陳情人」, 「請於7日內回復」.
fn due(line: &str) -> Option<Until> {
    const LABELS: &[&str] = &[
        "限辦日期",
        "限辦期限",
        "限辦",
        "辦理期限",
        "處理期限",
        "回復期限",
        "回覆期限",
        "答復期限",
        "答覆期限",
        "限期",
        "辦畢日期",
        "應復日期",
        "預定辦畢日期",
        "due",
        "duedate",
        "replyby",
    ];
    let read = |text: &str| until::leading(text).map(|(until, _)| until).filter(|u| !matches!(u, Until::Unclear(_)));
    if let Some((label, value)) = line.split_once(':')
        && LABELS.contains(&unnumbered(&squeeze(label)).as_str())
    {
        return read(value.trim());
    }
    let at = ["請於", "務請於", "限於", "應於"].iter().find_map(|w| line.find(w).map(|at| at + w.len()))?;
    let (found, rest) = until::leading(line.get(at..)?)?;
    let asked = ["復", "覆", "辦", "處", "答"].iter().any(|w| rest.chars().take(24).collect::<String>().contains(w));
    asked.then_some(found)
}

#[cfg(test)]
#[path = "passed_on_tests.rs"]
mod tests;
