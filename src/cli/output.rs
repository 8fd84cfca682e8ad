//! How commands print: one write to standard output, columns that fit Chinese, foreign words without what would steer a terminal,
//! files for their owner alone. Used by the commands that need no more than that.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use unicode_width::UnicodeWidthStr as _;

use crate::calendar::Moment;
use crate::calendar::TimeZone;

/// Prints all of it; a reader that has seen enough (`| head`) is no failure.
pub(super) fn show(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("standard output"),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A value as indented JSON.
pub(super) fn show_json(value: &serde_json::Value) -> anyhow::Result<()> {
    show(&format!("{value:#}\n"))
}

/// A list as indented JSON, printed as it grows: it may be longer than memory should hold.
#[derive(Debug, Default)]
pub(super) struct JsonList {
    waits: String,
    any: bool,
}

impl JsonList {
    /// So many bytes are printed at once.
    const PIECE: usize = 64 * 1024;

    /// The next value.
    pub(super) fn add(&mut self, value: &serde_json::Value) -> anyhow::Result<()> {
        self.waits.push_str(if self.any { ",\n" } else { "[\n" });
        self.any = true;
        for (at, line) in format!("{value:#}").lines().enumerate() {
            self.waits.push_str(if at == 0 { "  " } else { "\n  " });
            self.waits.push_str(line);
        }
        if self.waits.len() < Self::PIECE {
            return Ok(());
        }
        show(&std::mem::take(&mut self.waits))
    }

    /// After the last one.
    pub(super) fn end(self) -> anyhow::Result<()> {
        show(&format!("{}{}", self.waits, if self.any { "\n]\n" } else { "[]\n" }))
    }
}

/// Foreign words on one line: control characters and those that turn the direction of writing would steer the terminal.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    harmless(&words.join(" "))
}

/// Foreign words as they stand, lines kept.
pub(super) fn harmless(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// An error with its causes, each said once: many an error's own words hold its cause's already.
pub(super) fn in_words(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(cause.trim()) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// Rows in columns, two blanks apart; nothing is cut.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            match widths.get_mut(at) {
                Some(width) => *width = (*width).max(cell.width()),
                None => widths.push(cell.width()),
            }
        }
    }
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A moment for eyes: `2026-12-31 17:30`.
pub(super) fn stamp(at: Moment, zone: &TimeZone) -> String {
    at.zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Writes a file that only its owner may read, whole or not at all.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    };
    write().with_context(|| format!("{}: cannot be written; name a file in a folder that you may write to", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_grows_reads_as_one_that_is_whole() {
        let all = serde_json::json!([{ "number": "115-001", "co_units": [], "who": { "name": "陳" } }, 7]);
        let mut list = JsonList::default();
        for one in all.as_array().expect("a list") {
            list.add(one).expect("added");
        }
        assert_eq!(format!("{}\n]", list.waits), format!("{all:#}"));
        assert_eq!(format!("{:#}", serde_json::json!([])), "[]", "as the end of an empty one");
    }

    #[test]
    fn columns_fit_wide_characters() {
        let rows = vec![vec!["號".to_owned(), "x".to_owned()], vec!["abcd".to_owned(), "y".to_owned()]];
        assert_eq!(columns(&rows), "號    x\nabcd  y\n");
    }

    #[test]
    fn a_cause_is_said_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("the store refused: {0}")]
        struct Refused(#[source] std::io::Error);
        let refused = Refused(std::io::Error::other("no such table: cases"));
        let error = anyhow::Error::new(refused).context("the store cannot be opened");
        assert_eq!(in_words(&error), "the store cannot be opened: the store refused: no such table: cases");
        let error = anyhow::anyhow!("one").context("two");
        assert_eq!(in_words(&error), "two: one");
    }

    #[test]
    fn a_subject_cannot_steer_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2J b\r\n\u{202e}c"), "a\u{fffd}[2J b \u{fffd}c");
        assert_eq!(harmless("一\n二\u{7}"), "一\n二\u{fffd}");
    }
}
