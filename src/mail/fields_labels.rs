//! Labelled values (`姓名：王小明`) of web forms, of mails that fill `#登錄`, and of people who write orderly.
//! Reads which label has which words; what a value means is checked in fields.rs.

use std::collections::BTreeMap;

use super::people::{closing_name, signature};
use super::wording::{courtesy, norm, squeeze};

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

/// The ids of all fields that labels name.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    LABELS.iter().map(|(id, _)| *id)
}

/// The field that a label names.
pub(super) fn id_of(label: &str) -> Option<&'static str> {
    let flat = squeeze(label);
    LABELS.iter().find(|(id, words)| *id == flat || words.contains(&flat.as_str())).map(|(id, _)| *id)
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
    if let Some(value) = open.as_ref().filter(|id| matches!(id.as_str(), "wish" | "content")).and_then(|id| out.get_mut(id)) {
        *value = unsigned(value);
    }
    out.into_iter().map(|(id, value)| (id, value.trim().to_owned())).filter(|(_, value)| !value.is_empty() && !blank(value)).collect()
}

/// The last field of a mail without who signed below it: what stands under `--`, and a block of its own at the end that holds nothing but
/// a name, a title, an office, contact data, a date or thanks. The line of the label itself is always the value's.
fn unsigned(value: &str) -> String {
    let lines: Vec<&str> = value.lines().collect();
    let marked = lines.iter().skip(1).position(|l| matches!(l.trim(), "--" | "－－" | "—")).map_or(lines.len(), |n| n + 1);
    let kept = lines.get(..marked).unwrap_or_default();
    let signs = |line: &str| {
        let line = norm(line);
        line.is_empty() || signature(&line) || closing_name(&line).is_some() || courtesy(&line)
    };
    let body = kept.iter().rposition(|l| !signs(l)).map_or(1, |n| n + 1).max(1);
    // Whoever signs parts his name from his words by a blank line, or by 敬上; a short last line alone may be a word of the complaint.
    let tail = kept.get(body..).unwrap_or_default();
    let parted = tail.first().is_some_and(|l| l.trim().is_empty())
        || tail.iter().any(|l| ["敬上", "敬啟", "謹上", "謹啟", "sincerely", "regards"].iter().any(|w| norm(l).ends_with(w)));
    let end = if parted { body } else { kept.len() };
    kept.get(..end).unwrap_or_default().join("\n")
}

fn blank(value: &str) -> bool {
    value.chars().all(|c| "_＿-—.…/ \u{3000}".contains(c))
        || matches!(squeeze(value).as_str(), "無" | "(無)" | "n/a" | "na" | "none" | "未填" | "未提供")
}

/// Octets of a label at most, gaps before it included.
const LONGEST: usize = 160;

/// Labels on a line: where the label begins, where its value begins, the field.
fn marks(line: &str, labels: &BTreeMap<String, String>) -> Vec<(usize, usize, String)> {
    let mut out: Vec<(usize, usize, String)> = Vec::new();
    let mut floor = 0;
    for (at, c) in line.char_indices().filter(|(_, c)| matches!(c, ':' | '：' | '︰' | '﹕' | '=' | '＝' | '\t' | '|' | '】')) {
        // No label is longer: a line of nothing but colons must not be gone through for each of them.
        let near = (floor..=at).rev().take(LONGEST).filter(|n| line.is_char_boundary(*n)).last().unwrap_or(at);
        let Some(before) = line.get(near..at) else { continue };
        let tight = before
            .trim_end()
            .rfind(|c: char| c.is_whitespace() || "，,。；;、|".contains(c))
            .map_or(0, |n| n + before.get(n..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8));
        // Cut off in its middle it is no label; behind a gap it may be one.
        let whole = if near == floor { before } else { "" };
        let tries = [(0, whole), (tight, before.get(tight..).unwrap_or_default())];
        let head = |offset: usize| line.get(..near + offset).unwrap_or_default();
        let fits = |offset: usize, word: &str| !word.is_ascii() || (c != '=' && stands_alone(end_of(head(offset))));
        let found = tries
            .iter()
            .filter(|(offset, word)| fits(*offset, word))
            .find_map(|(offset, word)| label(word, labels).map(|id| (*offset, id)));
        if let Some((offset, id)) = found {
            out.push((near + offset, at + c.len_utf8(), id));
            floor = at + c.len_utf8();
        }
    }
    out
}

/// The last characters of a text: enough to tell what stands before a label.
fn end_of(text: &str) -> &str {
    let from = text.len().saturating_sub(LONGEST);
    (from..=text.len()).find_map(|at| text.get(at..)).unwrap_or(text)
}

/// Whether an English label may begin after `before`: at the line's start or after a wide gap, never in the middle of prose (`Name service error for name=…`).
fn stands_alone(before: &str) -> bool {
    let gap = before.ends_with("  ") || before.ends_with(['\t', '|', ',', ';', '；', '，', '\u{3000}']);
    before.trim().is_empty() || gap || before.trim_end().ends_with(|c: char| !c.is_ascii())
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
