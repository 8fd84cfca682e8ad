//! What a complaint tells about its writer and its matter: labelled fields of web forms (`姓名：`), else shapes in free text.
//! What was guessed from free text is named in `unsure`; nothing is filled in that the mail does not say (REQUIREMENTS R4).
//! Called by desk when a case is opened or registered.

use std::collections::{BTreeMap, BTreeSet};

use super::fields_scan::{address, email, id_number, phone, valid_id};
pub use super::verdict::{Verdict, satisfaction, withdrawal};
use super::wording::{TRAILING, closing_name, norm, person, signature, squeeze};

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

/// Field ids and the labels under which web forms and people write them, squeezed.
const LABELS: &[(&str, &[&str])] = &[
    (
        "name",
        &[
            "姓名",
            "您的姓名",
            "陳情人",
            "陳情人姓名",
            "申訴人",
            "申訴人姓名",
            "客訴人",
            "客訴人姓名",
            "抱怨人",
            "抱怨人姓名",
            "反映人",
            "反映人姓名",
            "聯絡人",
            "連絡人",
            "投訴人",
            "真實姓名",
            "name",
            "yourname",
            "fullname",
            "contactname",
        ],
    ),
    (
        "phone",
        &[
            "電話",
            "聯絡電話",
            "連絡電話",
            "手機",
            "行動電話",
            "手機號碼",
            "電話號碼",
            "您的電話",
            "聯絡方式",
            "連絡方式",
            "tel",
            "phone",
            "mobile",
            "phonenumber",
            "telephone",
        ],
    ),
    (
        "email",
        &[
            "email",
            "e-mail",
            "電子郵件",
            "電子信箱",
            "電子郵件信箱",
            "電郵",
            "信箱",
            "聯絡信箱",
            "email信箱",
            "e-mail信箱",
            "emailaddress",
            "youremail",
            "mail",
        ],
    ),
    ("address", &["地址", "聯絡地址", "連絡地址", "住址", "通訊地址", "戶籍地址", "address"]),
    (
        "id_number",
        &["身分證字號", "身份證字號", "身分證號", "身份證號", "身分證", "身份證", "身分證統一編號", "居留證號", "居留證號碼", "idnumber"],
    ),
    ("identity", &["身分別", "身份別", "身分", "身份", "您的身分", "您的身份", "identity"]),
    ("student_number", &["學號", "studentid", "studentnumber"]),
    (
        "wish",
        &[
            "期望解決方式",
            "希望解決方式",
            "希望處理方式",
            "期望處理方式",
            "期望的解決方式",
            "希望的解決方式",
            "訴求",
            "我的訴求",
            "期望",
            "期望結果",
            "希望結果",
            "wish",
        ],
    ),
    ("occurred_at", &["發生時間", "事發時間", "事件時間", "發生日期", "事發日期", "事件發生時間", "dateofincident"]),
    ("occurred_place", &["發生地點", "事發地點", "地點", "事件地點"]),
    ("accused", &["客訴對象", "被客訴單位", "被投訴單位", "被檢舉人", "申訴對象", "投訴對象", "檢舉對象", "被申訴人", "陳情對象"]),
    ("reply_way", &["希望回覆方式", "回覆方式", "希望回復方式", "回復方式", "答覆方式"]),
    ("fax", &["傳真", "傳真號碼", "fax"]),
    ("organisation", &["單位", "服務單位", "系所", "系級", "公司", "公司名稱", "科系", "就讀系所", "客訴人單位"]),
    ("title", &["職稱", "稱謂"]),
    ("subject", &["主旨", "主題", "標題", "意見主旨", "陳情主旨", "subject", "案由"]),
    (
        "content",
        &[
            "內容",
            "意見內容",
            "陳情內容",
            "申訴內容",
            "客訴內容",
            "投訴內容",
            "反映內容",
            "抱怨內容",
            "事件經過",
            "事由",
            "問題描述",
            "意見",
            "留言",
            "留言內容",
            "您的意見",
            "說明",
            "抱怨意見及事由",
            "message",
            "content",
            "comments",
            "description",
        ],
    ),
    ("channel", &["管道", "抱怨管道", "客訴方式", "陳情方式", "來源", "來文管道"]),
    ("received_at", &["接獲時間", "收件時間", "來電時間", "接獲日期", "受理時間", "抱怨時間"]),
    ("secrecy", &["是否保密", "保密", "身分保密", "個資保密", "請保密"]),
];

/// Reads the fields of a complaint from its newly written text.
#[must_use]
pub fn from_text(text: &str) -> FoundFields {
    let mut found = FoundFields { values: labelled(text, &BTreeMap::new()), ..FoundFields::default() };
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

/// Labelled values of a web form's or a `#登錄` mail: several on a line or one a line, the value beside the label or on the next line;
/// wish and content go on until the next label. `labels` maps further labels (as typed) to field ids and goes before our own. The first value of a field stays.
#[must_use]
pub fn labelled(text: &str, labels: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        let marks = marks(line, labels);
        let Some((_, _, _)) = marks.first() else {
            if let Some(id) = &open {
                let long = matches!(id.as_str(), "wish" | "content");
                let value = out.entry(id.clone()).or_default();
                if long {
                    value.push('\n');
                    value.push_str(line);
                } else if !line.trim().is_empty() {
                    if value.is_empty() {
                        value.push_str(line.trim());
                    }
                    open = None;
                }
            }
            continue;
        };
        for (n, (_, from, id)) in marks.iter().enumerate() {
            let to = marks.get(n + 1).map_or(line.len(), |next| next.0);
            let value = line.get(*from..to).unwrap_or_default().trim_matches(|c: char| c.is_whitespace() || "|│;；".contains(c));
            let taken = out.get(id).is_some_and(|v| !v.trim().is_empty());
            if !taken {
                out.insert(id.clone(), value.to_owned());
            }
            open = (!taken).then(|| id.clone());
        }
        if let Some(id) = &open
            && !matches!(id.as_str(), "wish" | "content")
            && out.get(id).is_some_and(|v| !v.is_empty())
        {
            open = None;
        }
    }
    out.into_iter().map(|(id, value)| (id, value.trim().to_owned())).filter(|(_, value)| !value.is_empty() && !blank(value)).collect()
}

fn blank(value: &str) -> bool {
    value.chars().all(|c| "_＿-—.…/ \u{3000}".contains(c))
        || matches!(squeeze(value).as_str(), "無" | "(無)" | "n/a" | "na" | "none" | "未填" | "未提供")
}

/// Labels on a line: where the label begins, where its value begins, the field.
fn marks(line: &str, labels: &BTreeMap<String, String>) -> Vec<(usize, usize, String)> {
    let mut out: Vec<(usize, usize, String)> = Vec::new();
    let mut floor = 0;
    for (at, c) in line.char_indices().filter(|(_, c)| matches!(c, ':' | '：' | '︰' | '﹕' | '=' | '＝' | '\t' | '|' | '】')) {
        let Some(before) = line.get(floor..at) else { continue };
        let tight = before
            .trim_end()
            .rfind(|c: char| c.is_whitespace() || "，,。；;、|".contains(c))
            .map_or(0, |n| n + before.get(n..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8));
        let tries = [(0, before), (tight, before.get(tight..).unwrap_or_default())];
        if let Some((offset, id)) = tries.iter().find_map(|(offset, word)| label(word, labels).map(|id| (*offset, id))) {
            out.push((floor + offset, at + c.len_utf8(), id));
            floor = at + c.len_utf8();
        }
    }
    out
}

fn label(word: &str, labels: &BTreeMap<String, String>) -> Option<String> {
    if word.chars().count() > 24 || word.trim().is_empty() {
        return None;
    }
    let flat = squeeze(word);
    let flat = flat.trim_start_matches(|c: char| "*■□◎●○•·-【[(#".contains(c) || c.is_ascii_digit() || c == '.' || c == '、');
    let bare = flat.split_once('(').map_or(flat, |(before, _)| before).trim_end_matches(['*', '】', ']', ':', ')']);
    if let Some((_, id)) = labels.iter().find(|(known, _)| squeeze(known) == bare) {
        return Some(id.clone());
    }
    LABELS.iter().find(|(_, known)| known.contains(&bare)).map(|(id, _)| (*id).to_owned())
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

/// Whether the writer asks in any words that his identity be kept. Complaints about broken secrecy (保密協議, 洩密) are not such words.
fn asks_secrecy(flat: &str) -> bool {
    const ASK: &[&str] = &[
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
        "confidential",
        "anonymous",
        "do not disclose",
        "don't disclose",
        "keep my name",
    ];
    const NOT: &[&str] =
        &["不需保密", "不用保密", "無須保密", "無需保密", "不必保密", "不要保密", "不須保密", "不匿名", "非匿名", "不是匿名"];
    flat.split(['。', '!', '\n', ';']).any(|sentence| {
        let let_know = ["不要讓", "別讓", "不想讓", "不希望讓", "勿讓"];
        let asks = ASK
            .iter()
            .filter(|w| sentence.contains(**w))
            .any(|w| !let_know.contains(w) || ["知道", "看到", "發現", "得知"].iter().any(|k| sentence.contains(k)));
        (asks || sentence.trim_matches(TRAILING) == "保密") && !NOT.iter().any(|w| sentence.contains(w)) && !sentence.contains("保密協議")
    })
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
