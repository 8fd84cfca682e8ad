//! What a complaint tells about its writer and its matter: labelled fields of web forms (`姓名：`), else shapes in free text.
//! What was guessed from free text is named in `unsure`; nothing is filled in that the mail does not say (REQUIREMENTS R4).
//! Called by desk when a case is opened or registered.

use std::collections::{BTreeMap, BTreeSet};

pub use super::fields_labels::labelled;
use super::fields_scan::{address, email, id_number, phone, valid_id};
use super::people::{closing_name, disclaimer, person, signature};
pub use super::thanks::thanks;
pub use super::verdict::{Verdict, satisfaction, withdrawal, withdraws};
use super::wording::{TRAILING, norm, squeeze};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundFields {
    /// Field id → value: `name`, `phone`, `address`, `email`, `id_number`, `identity`, `identity_other`, `student_number`, `wish`,
    /// `occurred_at`, `occurred_place`, `accused`, `reply_way`, `fax`, `organisation`, `title`, `subject`, `content`, `channel`, `received_at`.
    pub values: BTreeMap<String, String>,
    /// Ids of values that were guessed from free text and wait for a person's look.
    pub unsure: BTreeSet<String>,
    /// The writer asks that his identity be kept (請保密, 匿名, 密件 …).
    pub secrecy: bool,
    /// 檢舉, 舉發: the identity is confidential without being asked for.
    pub report: bool,
}

/// Reads the fields of a complaint from its newly written text.
#[must_use]
pub fn from_text(text: &str) -> FoundFields {
    from_form(text, &BTreeMap::new())
}

/// As [`from_text`], with a form's own labels (as printed) and the fields that they name.
#[must_use]
pub fn from_form(text: &str, labels: &BTreeMap<String, String>) -> FoundFields {
    let mut found = FoundFields { values: labelled(text, labels), ..FoundFields::default() };
    tidy(&mut found);
    let lines: Vec<String> = text.lines().map(norm).collect();
    let flat = lines.join("\n");
    let secret_label = found.values.remove("secrecy").map(|v| squeeze(&v));
    let denied = secret_label.as_deref().is_some_and(|v| ["否", "不需", "不用", "無需", "no", "n"].iter().any(|w| v.starts_with(w)));
    found.secrecy = if secret_label.is_some() { !denied } else { asks_secrecy(&flat) };
    found.report = ["檢舉", "舉發", "揭發", "吹哨", "告發", "whistleblow"].iter().any(|w| flat.contains(w));
    let guesses = [
        ("phone", phone(&flat)),
        ("email", email(&flat)),
        ("id_number", id_number(&flat)),
        ("address", lines.iter().find_map(|l| address(l))),
        ("student_number", student_number(&flat)),
        ("name", name(&lines)),
        ("wish", wish(text)),
        ("occurred_at", occurred(&lines)),
    ];
    for (id, value) in guesses {
        if let Some(value) = value.filter(|_| !found.values.contains_key(id)) {
            found.values.insert(id.to_owned(), value);
            if id != "id_number" && id != "email" {
                found.unsure.insert(id.to_owned());
            }
        }
    }
    if !found.values.contains_key("identity")
        && let Some((identity, other)) = identity(&flat, found.values.contains_key("student_number"))
    {
        found.values.insert("identity".to_owned(), identity.to_owned());
        if let Some(other) = other {
            found.values.insert("identity_other".to_owned(), other.to_owned());
        }
        found.unsure.insert("identity".to_owned());
    }
    found
}

/// Brings labelled values into one writing, and takes out those that are not what their label says.
fn tidy(found: &mut FoundFields) {
    type Shape = fn(&str) -> Option<String>;
    let shapes: [(&str, Shape); 2] = [("phone", phone), ("email", email)];
    for (id, shape) in shapes {
        if let Some(value) = found.values.get(id).cloned() {
            match shape(&norm(&value)) {
                Some(shaped) => {
                    found.values.insert(id.to_owned(), shaped);
                }
                None => {
                    found.unsure.insert(id.to_owned());
                }
            }
        }
    }
    if let Some(value) = found.values.get("id_number").map(|v| squeeze(v).to_ascii_uppercase()) {
        if !valid_id(&value) {
            found.unsure.insert("id_number".to_owned());
        }
        found.values.insert("id_number".to_owned(), value);
    }
    if let Some(value) = found.values.get("identity").cloned() {
        let flat = squeeze(&value);
        let ticked =
            flat.split(['■', '☑', '✓', '✔']).nth(1).map(|t| t.split(['□', '☐']).next().unwrap_or_default().to_owned()).unwrap_or(flat);
        if let Some((identity, other)) = group(&ticked) {
            found.values.insert("identity".to_owned(), identity.to_owned());
            if let Some(other) = other {
                found.values.insert("identity_other".to_owned(), other.to_owned());
            }
        }
    }
}

const OTHERS: &[&str] =
    &["家長", "校友", "民眾", "病患", "病人", "家屬", "廠商", "訪客", "里民", "住戶", "消費者", "客戶", "考生", "居民", "旅客"];

fn group(word: &str) -> Option<(&'static str, Option<&'static str>)> {
    if let Some(other) = OTHERS.iter().find(|o| word.contains(**o)) {
        return Some(("其他", Some(other)));
    }
    for (words, identity) in [
        (&["老師", "教師", "教授", "講師", "teacher", "faculty"][..], "老師"),
        (&["學生", "研究生", "大學生", "在校生", "student"][..], "學生"),
        (&["職員", "員工", "行政人員", "助理", "staff"][..], "職員"),
        (&["其他", "other"][..], "其他"),
    ] {
        if words.iter().any(|w| word.contains(w)) {
            return Some((identity, None));
        }
    }
    None
}

fn identity(flat: &str, has_student_number: bool) -> Option<(&'static str, Option<&'static str>)> {
    for opening in ["我是", "本人是", "本人為", "我為", "身為", "我們是", "敝人是", "我身為", "i am a ", "i'm a "] {
        for (at, _) in flat.match_indices(opening) {
            let rest: String =
                flat.get(at + opening.len()..).unwrap_or_default().chars().take(18).take_while(|c| !"。,!?;\n,".contains(*c)).collect();
            if rest.contains("年級")
                || ["大一", "大二", "大三", "大四", "碩一", "碩二", "博士生", "碩士生", "系學生"].iter().any(|w| rest.contains(w))
                    && !rest.contains("家長")
                    && !rest.contains("老師")
            {
                return Some(("學生", None));
            }
            if let Some(found) = group(&rest) {
                return Some(found);
            }
        }
    }
    has_student_number.then_some(("學生", None))
}

fn student_number(flat: &str) -> Option<String> {
    flat.match_indices("學號").find_map(|(at, word)| {
        let rest = flat.get(at + word.len()..)?.trim_start_matches([':', ' ', '是', '為', '(', '(', '：']);
        let number: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let digits = number.chars().filter(char::is_ascii_digit).count();
        ((5..=12).contains(&number.len()) && digits >= 4).then(|| number.to_ascii_uppercase())
    })
}

/// 「我是王小明」, 「我叫…」, or the name that closes the mail.
fn name(lines: &[String]) -> Option<String> {
    let flat = lines.join("\n");
    for opening in ["我的名字是", "我的名字叫", "我叫做", "我叫", "本人姓名", "敝姓", "我是", "本人", "學生", "my name is "]
    {
        for (at, _) in flat.match_indices(opening) {
            let rest = flat.get(at + opening.len()..).unwrap_or_default().trim_start_matches([' ', ':']);
            if opening.is_ascii() {
                let english: Vec<&str> = rest.split(['.', ',', '\n']).next().unwrap_or_default().split_whitespace().take(3).collect();
                if !english.is_empty() && english.iter().all(|w| w.chars().all(|c| c.is_ascii_alphabetic() || c == '-')) {
                    return Some(english.iter().map(|w| capital(w)).collect::<Vec<_>>().join(" "));
                }
            }
            let word: String = rest.chars().take_while(|c| super::wording::han(*c)).take(8).collect();
            let ended = rest.chars().nth(word.chars().count()).is_none_or(|c| !super::wording::han(c));
            let count = word.chars().count();
            if ended && (2..=4).contains(&count) && person(&word) && !word.ends_with(['系', '師', '生', '員']) {
                return Some(word);
            }
        }
    }
    let last: Vec<&String> = lines.iter().filter(|l| !l.is_empty()).collect();
    last.iter().rev().take(5).take_while(|l| signature(l) || closing_name(l).is_some()).find_map(|l| closing_name(l))
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + chars.as_str())
}

/// The first sentence that says what is wanted.
fn wish(text: &str) -> Option<String> {
    const OPENS: &[&str] = &["希望", "盼", "懇請", "請求", "期望", "期盼", "訴求", "要求", "冀望", "i hope", "i would like", "please "];
    text.lines().flat_map(|l| l.split_inclusive(['。', '！', '!', '；'])).map(str::trim).find_map(|sentence| {
        let flat = norm(sentence);
        let bare = flat.trim_start_matches(['我', '們', '也', '並', ',', ' ', '因', '此', '所', '以', '本', '人']);
        let opens = OPENS.iter().any(|w| bare.starts_with(w)) && bare.chars().count() >= 5;
        opens.then(|| sentence.trim_end_matches(TRAILING).to_owned())
    })
}

/// The first date (with its hour, where one follows) that the text names.
fn occurred(lines: &[String]) -> Option<String> {
    lines.iter().find_map(|line| {
        line.char_indices()
            .filter(|(at, c)| {
                c.is_ascii_digit()
                    && !line.get(..*at).is_some_and(|b| b.ends_with(|p: char| p.is_ascii_alphanumeric() || "/-.#:".contains(p)))
            })
            .find_map(|(at, _)| {
                let tail = line.get(at..)?;
                // A date and its hour are short, and every digit of a long line is asked.
                let tail = tail.char_indices().nth(120).and_then(|(end, _)| tail.get(..end)).unwrap_or(tail);
                let (super::until::Until::Date(_), rest) = super::until::leading(tail)? else { return None };
                let length = tail.len().checked_sub(rest.len())?;
                let date = tail.get(..length)?.trim_end_matches([',', ' ', ':', '止', '前']);
                if !date.contains(['/', '月', '-', '.']) {
                    return None;
                }
                let hour: String = rest
                    .chars()
                    .take_while(|c| c.is_ascii_digit() || "上下中午晚早凌晨傍點時分半:約 一二三四五六七八九十".contains(*c))
                    .collect();
                let hour = if hour.contains(['點', '時', ':', '午', '晚', '早']) { hour.trim_end_matches([' ', ':']) } else { "" };
                Some(if hour.is_empty() { date.to_owned() } else { format!("{date} {}", hour.trim()) })
            })
    })
}

/// Words that ask for secrecy.
const SECRECY: &[&str] = &[
    "請保密",
    "要保密",
    "予以保密",
    "代為保密",
    "幫我保密",
    "身分保密",
    "身份保密",
    "個資保密",
    "姓名保密",
    "務必保密",
    "希望保密",
    "能保密",
    "請為我保密",
    "全程保密",
    "保密處理",
    "匿名",
    "不具名",
    "不願具名",
    "密件",
    "不要透露",
    "勿透露",
    "不得透露",
    "別透露",
    "不要公開我",
    "請勿公開",
    "不要讓",
    "別讓",
    "不想讓",
    "不希望讓",
    "勿讓",
    "不願透露",
    "不方便具名",
    "隱匿我",
    "隱匿身",
    "不要告訴",
    "不要說是我",
    "不要洩漏",
    "不要洩露",
    "勿洩漏",
    "勿洩露",
    "請勿外洩",
    "怕被報復",
    "擔心被報復",
    "身分曝光",
    "身份曝光",
    "keep it confidential",
    "keep this confidential",
    "keep confidential",
    "in confidence",
    "stay confidential",
    "remain confidential",
    "anonymous",
    "do not disclose",
    "don't disclose",
    "keep my name",
];

/// Words that do without it.
const NO_SECRECY: &[&str] =
    &["不需保密", "不用保密", "無須保密", "無需保密", "不必保密", "不要保密", "不須保密", "不匿名", "非匿名", "不是匿名"];

/// Whether the writer asks in any words that his identity be kept. Complaints about broken secrecy (保密協議, 洩密) are not such words.
fn asks_secrecy(flat: &str) -> bool {
    let mut said = flat.lines().take_while(|l| !disclaimer(l)).flat_map(|l| l.split(['。', '!', ';']));
    said.any(|sentence| {
        let let_know = ["不要讓", "別讓", "不想讓", "不希望讓", "勿讓"];
        let asks = SECRECY
            .iter()
            .filter(|w| sentence.contains(**w))
            .any(|w| !let_know.contains(w) || ["知道", "看到", "發現", "得知"].iter().any(|k| sentence.contains(k)));
        (asks || sentence.trim_matches(TRAILING) == "保密")
            && !NO_SECRECY.iter().any(|w| sentence.contains(w))
            && !sentence.contains("保密協議")
    })
}

/// The ids of the fields that a form's labels may name.
pub fn ids() -> impl Iterator<Item = &'static str> {
    super::fields_labels::ids()
}

/// The id of the record field that people call so, by the labels of web forms.
#[must_use]
pub fn field_named(label: &str) -> Option<&'static str> {
    super::fields_labels::id_of(label)
}

/// Whether the writer asks that the whole matter be handled as 密件 (S 附表一), not only that his name be kept.
#[must_use]
pub fn asks_seal(words: &str) -> bool {
    let flat = words.replace(char::is_whitespace, "");
    let asked = ["密件方式", "以密件", "請列密件", "列為密件", "密件處理", "密件辦理", "請密件"].iter().any(|w| flat.contains(w));
    asked && !["非密件", "不列密件", "無須密件", "不需密件", "毋須密件"].iter().any(|w| flat.contains(w))
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
