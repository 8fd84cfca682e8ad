//! A form as data: a grid of labelled cells, which one template prints. Profiles and the desk fill it; nothing in it is markup.
//! The layout follows the papers: 顧客抱怨紀錄表 and 顧客抱怨處理情形表 are the first two (see `samples`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::letter::Row;

/// A form to be printed. As a file (`templates/zh-TW/forms/<profile>/<form>.toml`) it holds `{key}` where values go; see [`Sheet::filled`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sheet {
    /// Printed above the title, small (the organisation's name); may be empty.
    pub heading: String,
    /// 「顧客抱怨紀錄表」
    pub title: String,
    /// 「收件單號：」, at the right above the grid; `None`: no such line.
    pub number_label: Option<String>,
    /// The number itself.
    pub number: String,
    /// 密, printed beside the title; `None` for an open form.
    pub mark: Option<String>,
    /// Widths of the grid's columns, in parts of the whole; cells span them. Empty: twelve alike.
    pub columns: Vec<f64>,
    /// The grid, line by line.
    pub lines: Vec<Line>,
    /// Below the grid at the left: 「保存期限：2年」.
    pub retention: String,
    /// Below the grid at the right: 「QP-08-13-01-11」.
    pub form_number: String,
    /// Words around the page's numbers; `{n}` and `{m}` stand for page and pages: 「第{n}頁／共{m}頁」.
    pub page: String,
}

/// A line of the grid.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// Cells from left to right; cells of earlier lines that span rows are left out here.
    pub cells: Vec<Cell>,
    /// Least height in millimetres; 0: as the text needs.
    pub height: f64,
    /// Printed without rules round it, as papers do above and below their grid.
    pub open: bool,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cell {
    /// Printed words of the paper (「姓名」).
    pub label: String,
    /// What is filled in; line breaks are kept.
    pub value: String,
    /// Checkbox options, one a line, or in one line when `inline`.
    pub checks: Vec<Check>,
    /// Options beside each other.
    pub inline: bool,
    /// Columns that it spans; 0 counts as 1.
    pub span: u32,
    /// Lines that it spans; 0 counts as 1.
    pub rows: u32,
    /// Label and value in one cell: the label first, the value below it (long text, may run over pages); otherwise beside it.
    pub below: bool,
    /// Centred, as labels in narrow cells and signatures are.
    pub centred: bool,
    /// Set at the right.
    pub right: bool,
    /// A stamp (職名章): title, name, date, one a line; framed when there is one.
    pub stamp: bool,
}

/// An option with its box.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Check {
    /// ■ or □.
    pub on: bool,
    /// In a form's file: `key=value`, which ticks the box when that value is given (or is one of several, one a line).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub when: String,
    /// The option's words.
    pub label: String,
    /// What is filled in behind it (其他：＿＿).
    pub fill: Option<String>,
    /// Printed words behind the blank (「承辦顧客抱怨。」).
    pub tail: String,
}

impl Sheet {
    /// The form as data for `Press::sheet`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Sheet {
    /// The form with `values` in the places of its `{keys}` and boxes ticked by their `when`; a key without a value is left blank.
    #[must_use]
    pub fn filled(&self, values: &BTreeMap<String, String>) -> Self {
        let mut sheet = self.clone();
        for text in [&mut sheet.heading, &mut sheet.title, &mut sheet.number, &mut sheet.retention, &mut sheet.form_number] {
            *text = fill(text, values);
        }
        sheet.mark = sheet.mark.map(|mark| fill(&mark, values)).filter(|mark| !mark.is_empty());
        for cell in sheet.lines.iter_mut().flat_map(|line| &mut line.cells) {
            cell.label = fill(&cell.label, values);
            cell.value = fill(&cell.value, values);
            for check in &mut cell.checks {
                check.label = fill(&check.label, values);
                check.fill = check.fill.take().map(|text| fill(&text, values));
                if let Some((key, wanted)) = check.when.split_once('=') {
                    check.on = values.get(key).is_some_and(|given| given.lines().any(|one| one == wanted));
                }
                check.when.clear();
            }
        }
        sheet
    }

    /// The same as labelled rows, for the body of a mail. A label without a value before another label heads a group and is left out.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some(label) = &self.number_label {
            rows.push(Row::new(bare(label), &self.number));
        }
        for line in &self.lines {
            let mut pending: Option<&str> = None;
            for cell in &line.cells {
                let value = cell.words();
                if !cell.label.is_empty() && (cell.below || !value.is_empty()) {
                    rows.push(Row::new(bare(&cell.label), value));
                } else if !cell.label.is_empty() {
                    pending = Some(&cell.label);
                } else if let Some(label) = pending.take() {
                    rows.push(Row::new(bare(label), value));
                } else {
                    // Boxes that no label stands before are their own.
                    rows.extend(cell.checks.iter().map(|c| Row::new(bare(&c.label), if c.on { "■" } else { "□" })));
                }
            }
        }
        rows
    }
}

/// A label without its colon and line breaks.
fn bare(label: &str) -> String {
    label.replace('\n', "").trim_end_matches(['：', ':']).to_owned()
}

/// `text` with `{key}` replaced; braces around anything but a name stay.
fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((key, tail)) if !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                out.push_str(values.get(key).map_or("", String::as_str));
                rest = tail;
            }
            _ => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

impl Cell {
    /// What is filled in, in words: the value, or the boxes as the paper shows them.
    #[must_use]
    pub fn words(&self) -> String {
        if self.checks.is_empty() {
            return self.value.clone();
        }
        let one = |check: &Check| {
            format!("{}{}{}{}", if check.on { '■' } else { '□' }, check.label, check.fill.as_deref().unwrap_or(""), check.tail)
        };
        self.checks.iter().map(one).collect::<Vec<_>>().join(if self.inline { "　" } else { "\n" })
    }

    /// Printed words, centred.
    #[must_use]
    pub fn label(words: impl Into<String>, span: u32) -> Self {
        Self { label: words.into(), span, centred: true, ..Self::default() }
    }

    /// What is filled in.
    #[must_use]
    pub fn value(value: impl Into<String>, span: u32) -> Self {
        Self { value: value.into(), span, ..Self::default() }
    }

    /// Options.
    #[must_use]
    pub fn checks(checks: Vec<Check>, inline: bool, span: u32) -> Self {
        Self { checks, inline, span, ..Self::default() }
    }

    /// Printed words with the text that was written below them.
    #[must_use]
    pub fn passage(label: impl Into<String>, value: impl Into<String>, span: u32) -> Self {
        Self { label: label.into(), value: value.into(), span, below: true, ..Self::default() }
    }

    /// The same over several lines.
    #[must_use]
    pub fn over(mut self, rows: u32) -> Self {
        self.rows = rows;
        self
    }
}

impl Line {
    /// A line as high as its text needs.
    #[must_use]
    pub fn of(cells: Vec<Cell>) -> Self {
        Self { cells, ..Self::default() }
    }

    /// A line of at least `height` millimetres.
    #[must_use]
    pub fn high(height: f64, cells: Vec<Cell>) -> Self {
        Self { cells, height, ..Self::default() }
    }
}

impl Check {
    /// An option.
    #[must_use]
    pub fn new(on: bool, label: impl Into<String>) -> Self {
        Self { on, label: label.into(), ..Self::default() }
    }

    /// An option with something to fill in behind it.
    #[must_use]
    pub fn with(on: bool, label: impl Into<String>, fill: impl Into<String>, tail: impl Into<String>) -> Self {
        Self { on, when: String::new(), label: label.into(), fill: Some(fill.into()), tail: tail.into() }
    }
}
