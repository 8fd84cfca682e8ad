//! The reply form of a forward (事由簡述, 處理紀錄, 原因 … 擬答覆) as it comes back from real mail clients: prefixes, brackets,
//! numbering, any width of colon, filled above or inside the quoted form. Reads words into fields; what is required is the profile's.
//! Called by proposal.rs (new words) and by form_placed.rs where a form was filled inside the quotation.

use std::collections::{BTreeMap, BTreeSet};

use super::people::device;
use super::trim;
use super::until::{self, Until};
use super::wording::{courtesy, norm, salutation, squeeze, unquote};

/// The id of the section whose text becomes the proposed answer.
pub const ANSWER: &str = "answer";

/// Section ids and the labels under which they come. The first label is the paper's or the forward's own.
const LABELS: &[(&str, &[&str])] = &[
    ("summary", &["事由簡述", "抱怨事由簡述", "案由", "事由", "問題簡述", "問題摘要", "summary"]),
    (
        "steps",
        &[
            "處理紀錄",
            "抱怨處理紀錄",
            "處理記錄",
            "抱怨處理記錄",
            "處理經過",
            "處理過程",
            "處理情形",
            "辦理經過",
            "辦理情形",
            "handlingrecord",
            "stepstaken",
        ],
    ),
    ("cause", &["原因", "原因分析", "發生原因", "問題原因", "根本原因", "事件原因", "cause", "rootcause"]),
    ("responsibility", &["責任歸屬", "責任歸屬判定", "責任單位", "responsibility"]),
    ("immediate", &["立即措施", "立即處理措施", "立即改善措施", "立即處置", "應變措施", "immediateaction", "immediateactions"]),
    (
        "prevention",
        &["預防措施", "預防再發", "預防再發措施", "防止再發措施", "改善措施", "矯正預防措施", "preventiveaction", "preventiveactions"],
    ),
    (
        ANSWER,
        &[
            "擬答覆",
            "擬答復",
            "擬復",
            "擬覆",
            "擬回覆",
            "擬回復",
            "擬答覆內容",
            "擬答覆文字",
            "擬回覆內容",
            "回覆內容草稿",
            "回復內容草稿",
            "答覆內容草稿",
            "答覆草稿",
            "回覆草稿",
            "擬稿",
            "抱怨處理回覆",
            "處理回覆",
            "回覆內容",
            "答覆內容",
            "proposedanswer",
            "draftanswer",
            "proposedreply",
        ],
    ),
    ("plan", &["調查計劃", "調查計畫"]),
    ("evidence", &["證據清單", "證據"]),
    ("findings", &["調查發現", "調查結果", "查證結果"]),
    ("training", &["培訓需求", "教育訓練需求"]),
    ("policy", &["政策/程序調整", "政策調整", "程序調整"]),
    ("execution", &["執行情況", "執行情形"]),
    ("compensation", &["補償", "補償措施", "補償方式"]),
    ("impact", &["影響範圍"]),
    ("frequency", &["頻次", "發生頻次"]),
    ("method", &["處理方法"]),
    ("method_reason", &["採用原因"]),
    ("avoidance", &["避免方式"]),
];

/// A procedure's own words for sections, beside those that everybody knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// Of pairs of a section's id and a label.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().map(|(id, label)| (id, bare(&label))).filter(|(_, label)| !label.is_empty()).collect())
    }

    fn find(&self, bare: &str) -> Option<&str> {
        let own = self.0.iter().find(|(_, label)| label == bare).map(|(id, _)| id.as_str());
        own.or_else(|| LABELS.iter().find(|(_, labels)| labels.contains(&bare)).map(|(id, _)| *id))
    }
}

/// A line that opens a section of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The section's id.
    pub field: String,
    /// What stands behind the label on the same line.
    pub inline: String,
    /// Whether the label stood in brackets.
    pub bracketed: bool,
}

/// Reads a line as a heading of the form; `None` for any other line.
#[must_use]
pub fn heading(line: &str) -> Option<Heading> {
    heading_of(line, &Labels::default())
}

pub(super) fn heading_of(line: &str, labels: &Labels) -> Option<Heading> {
    let (line, _) = unquote(line);
    let line = unnumbered(line.trim_matches(|c: char| c.is_whitespace() || super::wording::invisible(c)));
    const PAIRS: &[(char, char)] =
        &[('【', '】'), ('〔', '〕'), ('［', '］'), ('[', ']'), ('《', '》'), ('<', '>'), ('＜', '＞'), ('「', '」'), ('〈', '〉')];
    if let Some((rest, close)) = PAIRS.iter().find_map(|(open, close)| line.strip_prefix(*open).map(|rest| (rest, *close))) {
        let (label, after) = rest.split_once(close)?;
        let after = after.trim_start_matches(|c: char| c.is_whitespace() || COLONS.contains(&c));
        return known(label, labels).map(|field| Heading { field, inline: after.trim_end().to_owned(), bracketed: true });
    }
    let cut = line.char_indices().find(|(_, c)| COLONS.contains(c) || matches!(c, '|' | '│' | '\t'));
    let (label, after) = match cut {
        Some((at, c)) => (line.get(..at)?, line.get(at + c.len_utf8()..)?),
        None => (line, ""),
    };
    known(label, labels).map(|field| Heading {
        field,
        inline: after.trim_matches(['*', ' ', '\u{3000}', '\t', '|']).to_owned(),
        bracketed: false,
    })
}

const COLONS: &[char] = &[':', '：', '︰', '﹕', '∶'];

fn known(label: &str, labels: &Labels) -> Option<String> {
    if label.chars().count() > 40 {
        return None;
    }
    labels.find(&bare(label)).map(str::to_owned)
}

/// A label without spaces, brackets behind it and ornaments.
fn bare(label: &str) -> String {
    let flat = squeeze(label);
    let bare = flat.split_once('(').map_or(flat.as_str(), |(before, _)| before);
    bare.trim_matches(|c: char| "*_=-#■◎●○◆◇□▲△•·※:".contains(c)).to_owned()
}

/// The line without ornaments and numbering at its start: 「一、」, `(1)`, `2.`, 「■」.
fn unnumbered(line: &str) -> &str {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "*■◎●○◆◇□▲△•·※#|│".contains(c));
    let opened = line.strip_prefix(['(', '（']).unwrap_or(line);
    let after = opened.trim_start_matches(|c: char| c.is_numeric() || "一二三四五六七八九十".contains(c));
    if after.len() == opened.len() {
        return line;
    }
    let closed = after.trim_start_matches(['、', '.', '．', ')', '）', '﹒']);
    if closed.len() == after.len() { line } else { closed.trim_start() }
}

/// One dated step of the handling record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `YYYY-MM-DD`, or `--MM-DD` without a year; `None` where the line opens with no date.
    pub date: Option<String>,
    /// What was done.
    pub text: String,
}

/// A form as it came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// Filled sections by id, the answer apart.
    pub fields: BTreeMap<String, String>,
    /// The handling record, step by step.
    pub steps: Vec<Step>,
    /// The text under 擬答覆, as typed.
    pub answer: Option<String>,
    /// Sections that were there and left blank.
    pub blank: BTreeSet<String>,
    /// All new words but the answer, headings included.
    pub rest: String,
}

impl Form {
    /// Whether some sections were filled and others left blank.
    #[must_use]
    pub fn half_filled(&self) -> bool {
        (!self.fields.is_empty() || self.answer.is_some()) && !self.blank.is_empty()
    }
}

/// Reads a reply as a form. Quoted lines count only under a heading that is quoted itself (a form filled in place); a section
/// that comes twice (filled above, blank in the quotation) keeps its first words.
#[must_use]
pub fn parse(text: &str) -> Form {
    parse_with(text, &Labels::default())
}

/// As [`parse`], with a procedure's own labels.
#[must_use]
pub fn parse_with(text: &str, labels: &Labels) -> Form {
    let lines: Vec<&str> = text.lines().collect();
    let mut reader = Reader { labels: labels.clone(), ..Reader::default() };
    for (n, line) in lines.iter().enumerate() {
        reader.take(line, lines.get(n + 1..).unwrap_or_default());
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    labels: Labels,
    /// The open section, whether its heading was bracketed, whether it was quoted.
    open: Option<(String, bool, bool)>,
    sections: BTreeMap<String, String>,
    current: String,
    seen: BTreeSet<String>,
    rest: Vec<String>,
}

impl Reader {
    fn take(&mut self, line: &str, following: &[&str]) {
        let (bare, quoted) = unquote(line);
        if let Some(heading) = heading_of(line, &self.labels).filter(|h| !self.belongs_to_answer(h, quoted, following)) {
            self.close();
            self.open = Some((heading.field.clone(), heading.bracketed, quoted));
            self.seen.insert(heading.field.clone());
            self.current.push_str(&heading.inline);
            if heading.field != ANSWER && !quoted {
                self.rest.push(line.to_owned());
            }
            return;
        }
        if let Some((field, _, in_quote)) = &self.open
            && (ends(bare, field, quoted) || (quoted && !in_quote && !(field == ANSWER && self.quotes_on(line, following))))
        {
            self.close();
        }
        match &self.open {
            Some((field, _, in_quote)) => {
                self.current.push('\n');
                // What an answer quotes itself is a part of it, mark and all; a form that was filled in place comes back quoted as a whole.
                self.current.push_str(if quoted && !in_quote { line } else { bare }.trim_end());
                if field != ANSWER && !quoted {
                    self.rest.push(line.to_owned());
                }
            }
            None if !quoted => self.rest.push(line.to_owned()),
            None => {}
        }
    }

    /// Whether a quoted line inside an answer that is not quoted itself belongs to it: the writer cites a rule or the complainant's own words,
    /// and goes on with his below. What a program quotes stands at the end, under a line that says who wrote, or is our own letter.
    fn quotes_on(&self, line: &str, following: &[&str]) -> bool {
        let run = following.iter().take_while(|l| unquote(l).1 || l.trim().is_empty()).count();
        let ours = std::iter::once(&line).chain(following.iter().take(run)).any(|l| trim::marker::is_marker(l));
        let next = following.get(run..).unwrap_or_default().iter().find(|l| !l.trim().is_empty());
        !ours && next.is_some_and(|l| !ends(l, ANSWER, false) && heading_of(l, &self.labels).is_none())
    }

    /// Inside a proposed answer a line like 「原因：…」 may be part of the letter: when the answer's own heading is bracketed and
    /// this one is not, or when the letter has greeted, has not closed yet, and closes below.
    fn belongs_to_answer(&self, heading: &Heading, quoted: bool, following: &[&str]) -> bool {
        let Some((field, bracketed, in_quote)) = &self.open else { return false };
        if field != ANSWER || heading.field == ANSWER || quoted != *in_quote {
            return false;
        }
        if *bracketed && !heading.bracketed {
            return true;
        }
        let greeted = self.current.lines().find(|l| !l.trim().is_empty()).is_some_and(|l| greets(&norm(l)));
        greeted && !heading.bracketed && !self.current.lines().any(closes) && following.iter().any(|l| closes(l))
    }

    fn close(&mut self) {
        let Some((field, _, _)) = self.open.take() else { return };
        let text = filled(&std::mem::take(&mut self.current), field == ANSWER);
        if let Some(text) = text {
            self.sections.entry(field).or_insert(text);
        }
    }

    fn finish(mut self) -> Form {
        self.close();
        let answer = self.sections.remove(ANSWER);
        let steps = self.sections.get("steps").map(|text| steps(text)).unwrap_or_default();
        let blank =
            self.seen.iter().filter(|id| !(self.sections.contains_key(*id) || (*id == ANSWER && answer.is_some()))).cloned().collect();
        let fields = self.sections;
        Form { fields, steps, answer, blank, rest: self.rest.join("\n").trim().to_owned() }
    }
}

/// Whether a line opens a letter to somebody.
pub(super) fn greets(line: &str) -> bool {
    salutation(line)
        || ["您好", "你好", "敬啟者", "親愛的"].iter().any(|w| line.chars().take(14).collect::<String>().contains(w))
        || line.starts_with("dear ")
}

/// Whether a line closes a letter: 敬上, 敬啟, 此致, 順頌 …
pub(super) fn closes(line: &str) -> bool {
    let flat = squeeze(line);
    let count = flat.chars().count();
    count <= 24
        && (["敬上", "敬啟", "敬覆", "敬復", "謹啟", "謹上", "鞠躬", "關心您"]
            .iter()
            .any(|w| flat.trim_end_matches(['。', '!', '.']).ends_with(w))
            || ["此致", "順頌", "敬祝", "耑此", "sincerely", "bestregards", "yoursfaithfully"].iter().any(|w| flat.starts_with(w)))
}

fn ends(line: &str, field: &str, quoted: bool) -> bool {
    let flat = norm(line);
    if flat == "--"
        || device(&flat)
        || [
            "-----原始郵件",
            "----- 原始郵件",
            "-----original",
            "----- original",
            "寄件者:",
            "寄件人:",
            "from:",
            "案件識別碼",
            "begin forwarded",
            "(回覆表到此為止",
            "(end of the reply form",
        ]
        .iter()
        .any(|w| flat.starts_with(w))
    {
        return true;
    }
    if flat.ends_with("寫道:") || (flat.starts_with("on ") && flat.ends_with("wrote:")) {
        return true;
    }
    let rule = flat.chars().count() >= 5 && flat.chars().all(|c| "-=─━—".contains(c));
    rule && (quoted || field != ANSWER)
}

/// The words of a section, or `None` when it holds only blanks, rules to write on or a hint in brackets.
fn filled(text: &str, answer: bool) -> Option<String> {
    let hint = |line: &str| {
        let line = norm(line);
        line.starts_with('(')
            && line.ends_with(')')
            && ["請", "填", "例", "將寄", "選填", "如有", "optional"].iter().any(|w| line.contains(w))
    };
    // Rules to write on are no words; in an answer that has some, a lone dot or dots are its writer's own.
    let rule = |l: &str| !l.trim().is_empty() && l.chars().all(|c| "_＿ \u{3000}.…".contains(c));
    let said = text.lines().any(|l| !l.trim().is_empty() && !rule(l) && !hint(l));
    let lines: Vec<&str> = text.lines().filter(|l| !hint(l) && (!rule(l) || answer && said && !l.contains(['_', '＿']))).collect();
    let joined = lines.join("\n");
    let words = joined.trim_matches(|c: char| c.is_whitespace());
    if words.is_empty() || (answer && words.lines().all(|l| l.trim().is_empty() || courtesy(&norm(l)))) {
        None
    } else {
        Some(words.to_owned())
    }
}

/// The handling record as steps: a line that opens with a date opens a step. Used by `case show` as well.
#[must_use]
pub fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let dated = [line, unnumbered(line)].into_iter().find_map(|l| match until::leading(l) {
            Some((Until::Date(date), rest)) => Some((date, rest)),
            _ => None,
        });
        match (dated, steps.last_mut()) {
            (Some((date, rest)), _) => steps.push(Step { date: Some(date), text: rest }),
            (None, Some(step)) if step.date.is_some() && unnumbered(line).len() == line.len() => {
                step.text.push('\n');
                step.text.push_str(line);
            }
            (None, _) => steps.push(Step { date: None, text: unnumbered(line).to_owned() }),
        }
    }
    steps
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
