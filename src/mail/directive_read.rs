//! What stands behind a directive's name, read into its value: grades, dates, lists, `欄位=值`.
//! Used by directive.rs; `grade` also by whoever reads a grade from a person's words.

use super::directive::{Directive, Line};
use super::directive_words::Name;
use super::until::{self, Until};
use super::wording::{norm, squeeze};

/// Makes the directives of one name and its argument (補登 may hold several fields, all others give one).
#[expect(clippy::too_many_lines, reason = "one arm a name")]
pub(super) fn build(name: Name, argument: &str, source: &str) -> Vec<Line> {
    let text = || argument.to_owned();
    let some = || (!argument.is_empty()).then(text);
    let one = match name {
        Name::Set => return sets(argument, source),
        Name::Accept => Directive::Accept,
        Name::Assign => Directive::Assign(text()),
        Name::CoAssign => Directive::CoAssign(list(argument)),
        Name::Handler => Directive::Handler(text()),
        Name::SelfHandle => Directive::SelfHandle(some()),
        Name::Reject => Directive::Reject(text()),
        Name::Refer => two(argument, |agency, reason| Directive::Refer { agency, reason }),
        Name::NoAction => two(argument, |word, reason| Directive::NoAction { ground: ground(&word), reason }),
        Name::Merge => Directive::Merge(case_number(argument)),
        Name::Link => Directive::Link(case_number(argument)),
        Name::Grade => graded(argument),
        Name::Category => Directive::Category(list(argument)),
        Name::Major => Directive::Major(!denied(argument)),
        Name::NotMajor => Directive::Major(false),
        Name::Confidential => Directive::Confidential(!denied(argument)),
        Name::NotConfidential => Directive::Confidential(false),
        Name::Sealed => Directive::Sealed(!denied(argument)),
        Name::NotSealed => Directive::Sealed(false),
        Name::Hold => Directive::Hold(text()),
        Name::NotHold => Directive::Unhold(text()),
        Name::Release => Directive::Release,
        Name::AskIdentity => Directive::AskIdentity(text()),
        Name::GrantIdentity => Directive::GrantIdentity,
        Name::RefuseIdentity => Directive::RefuseIdentity(text()),
        Name::Approve => Directive::Approve,
        Name::Return => Directive::Return(text()),
        Name::Note => Directive::Note(text()),
        Name::Ask => Directive::Ask(text()),
        Name::Extend => {
            let (until, reason) = until_and_reason(argument);
            Directive::Extend { until, reason }
        }
        Name::Urge => Directive::Urge(some()),
        Name::Action => Directive::Action(text()),
        Name::Recommend => Directive::Recommend(text()),
        Name::Close => Directive::Close(text()),
        Name::Continue => Directive::Continue(text()),
        Name::Register => Directive::Register(text()),
        Name::Status => Directive::Status(some()),
        Name::Report => Directive::Report(text()),
        Name::Help => Directive::Help,
        Name::Spam => Directive::Spam,
        Name::Withdraw => Directive::Withdraw(text()),
        Name::Supplement => Directive::Supplement(text()),
        Name::Start => Directive::Start,
        Name::Promise => Directive::Promise(until_and_reason(argument).0),
        Name::Preliminary => Directive::Preliminary(text()),
        Name::Phone => Directive::Phone(text()),
        Name::Copy => Directive::Copy(text()),
        Name::Survey => Directive::Survey(text()),
        Name::Closure => Directive::Closure(text()),
        Name::Duty => Directive::Duty(text()),
        Name::NoComment => Directive::NoComment,
        Name::Dossier => Directive::Dossier(text()),
        Name::PaperApproval => Directive::PaperApproval(text()),
        Name::Proposal => Directive::Proposal(text()),
        Name::Satisfied => Directive::Satisfied,
        Name::Dissatisfied => Directive::Dissatisfied,
        Name::Confirm => Directive::Confirm,
        Name::Recall => Directive::Recall,
    };
    vec![Line { directive: one, source: source.to_owned() }]
}

/// A grade in its short form, whatever it was dressed in: 「Ｂ級」, 「A件」, 「Level 3」, 「第三級」, 「特急件」 → `B`, `A`, `3`, `3`, `特急`.
/// What is no grade of any shipped procedure comes back squeezed, for the profile to know or refuse.
#[must_use]
pub fn grade(text: &str) -> String {
    let flat = squeeze(text);
    let mut word = flat
        .trim_start_matches("level")
        .trim_start_matches("等級")
        .trim_start_matches("lv.")
        .trim_start_matches("lv")
        .trim_matches([':', '.', '。', ',']);
    word = word.strip_prefix('第').unwrap_or(word);
    word = word.strip_prefix('l').filter(|rest| rest.chars().all(|c| c.is_ascii_digit()) && !rest.is_empty()).unwrap_or(word);
    for suffix in ["級件", "案件", "件", "級", "類", "level"] {
        if let Some(bare) = word.strip_suffix(suffix).filter(|b| !b.is_empty()) {
            word = bare;
            break;
        }
    }
    match word {
        "一" => "1".to_owned(),
        "二" => "2".to_owned(),
        "三" => "3".to_owned(),
        "四" => "4".to_owned(),
        "五" => "5".to_owned(),
        "緊急" => "急".to_owned(),
        "普通" => "一般".to_owned(),
        other => other.to_ascii_uppercase(),
    }
}

/// The number of a ticked criterion: `3`, 「第3項」.
#[must_use]
pub fn criterion(word: &str) -> Option<u32> {
    squeeze(word).trim_matches(['.', '、', '，', ',', '項', '第']).parse().ok().filter(|n| *n > 0 && *n < 100)
}

fn graded(argument: &str) -> Directive {
    let mut words = argument.split_whitespace();
    let mut first = words.next().unwrap_or_default().to_owned();
    let bare = squeeze(&first);
    if matches!(bare.as_str(), "level" | "lv" | "lv." | "等級" | "第") {
        first.push_str(words.next().unwrap_or_default());
    }
    let rest: Vec<&str> = words.collect();
    let rest: Vec<&str> = rest.into_iter().filter(|w| !matches!(squeeze(w).as_str(), "級" | "件" | "level")).collect();
    Directive::Grade { grade: grade(&first), criteria: list(&rest.join(" ")) }
}

/// Words of a list, split at 、，,;； and / where there are any, else at spaces.
fn list(text: &str) -> Vec<String> {
    const MARKS: &[char] = &['、', '，', ',', ';', '；', '/', '／'];
    let words: Vec<&str> = if text.contains(MARKS) { text.split(MARKS).collect() } else { text.split_whitespace().collect() };
    words.into_iter().map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn two(argument: &str, make: impl FnOnce(String, String) -> Directive) -> Directive {
    let (first, rest) = argument.split_once(|c: char| c.is_whitespace() || "，,：:".contains(c)).unwrap_or((argument, ""));
    make(first.to_owned(), rest.trim().to_owned())
}

fn ground(word: &str) -> String {
    let flat: String = squeeze(word).chars().filter(|c| !"()（）第款.、項".contains(*c)).collect();
    match flat.as_str() {
        "一" | "1" => "1".to_owned(),
        "二" | "2" => "2".to_owned(),
        "三" | "3" => "3".to_owned(),
        "四" | "4" => "4".to_owned(),
        "五" => "5".to_owned(),
        "六" => "6".to_owned(),
        "七" => "7".to_owned(),
        "八" => "8".to_owned(),
        "九" => "9".to_owned(),
        number if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) => number.to_owned(),
        _ => word.to_owned(),
    }
}

fn case_number(argument: &str) -> String {
    let flat = norm(argument);
    let flat = flat.trim_start_matches(['#', ':', ' ']);
    let bare = ["收件單號", "案件編號", "案號", "案", "號"].iter().find_map(|p| flat.strip_prefix(p)).unwrap_or(flat);
    bare.trim_matches([' ', ':', '號', '案', '#', '。']).to_ascii_uppercase()
}

fn denied(argument: &str) -> bool {
    matches!(squeeze(argument).as_str(), "否" | "非" | "不" | "取消" | "解除" | "no" | "off" | "false" | "n" | "0")
}

fn until_and_reason(argument: &str) -> (Until, String) {
    if let Some((until, reason)) = until::leading(argument) {
        return (until, unlabelled(&reason).to_owned());
    }
    // 「廠商缺料 3日」: the length stands last. Only a whole last word that is one.
    if let Some((reason, last)) = argument.trim_end().rsplit_once(char::is_whitespace)
        && let Some((until, left)) = until::leading(last)
        && left.is_empty()
    {
        return (until, unlabelled(reason.trim_end()).to_owned());
    }
    (Until::Unclear(argument.to_owned()), String::new())
}

/// The text without a leading 「原因：」, 「理由：」 or `Reason:`.
pub(super) fn unlabelled(text: &str) -> &str {
    let text = text.trim_start();
    for label in ["退回原因", "退回理由", "原因", "理由", "Reason", "reason", "REASON", "因"] {
        if let Some(rest) = text.strip_prefix(label)
            && let Some(rest) = rest.trim_start().strip_prefix([':', '：', '︰', '﹕'])
        {
            return rest.trim_start();
        }
    }
    text
}

/// `欄位=值` pairs, several on a line (each after a space) or one a line; also with `：`. A line without a sign goes on with the value before.
fn sets(argument: &str, source: &str) -> Vec<Line> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for line in argument.lines() {
        for word in line.split_inclusive(char::is_whitespace) {
            let cut = word
                .char_indices()
                .find(|(_, c)| matches!(c, '=' | '＝' | ':' | '：' | '︰' | '﹕'))
                .map(|(at, c)| (at, at + c.len_utf8()));
            let field = cut.and_then(|(at, _)| word.get(..at)).filter(|f| label(f));
            match (field, cut.and_then(|(_, after)| word.get(after..))) {
                (Some(field), Some(value)) => pairs.push((field.trim().to_owned(), value.to_owned())),
                _ => match pairs.last_mut() {
                    Some((_, value)) => value.push_str(word),
                    None => pairs.push((String::new(), word.to_owned())),
                },
            }
        }
        if let Some((_, value)) = pairs.last_mut() {
            value.push('\n');
        }
    }
    if pairs.is_empty() {
        pairs.push((String::new(), String::new()));
    }
    pairs
        .into_iter()
        .map(|(field, value)| Line { directive: Directive::Set { field, value: value.trim().to_owned() }, source: source.to_owned() })
        .collect()
}

fn label(field: &str) -> bool {
    let field = field.trim();
    !field.is_empty()
        && field.chars().count() <= 20
        && field.chars().all(|c| c.is_alphanumeric() || "_-/()（）".contains(c))
        && !field.chars().all(|c| c.is_ascii_digit())
        && !matches!(field, "http" | "https" | "mailto")
}
