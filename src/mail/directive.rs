//! Directives at the top of a reply (`#受理 #分派 教務處 #等級 B`): which there are and how a reply is split into them and the rest.
//! Units, people and numbers stay the words that were typed: the desk resolves them. Names live in directive_words.rs.
//! Called by desk on what a writer newly wrote.

use super::directive_read::build;
pub use super::directive_read::criterion;
use super::directive_words::{Name, Takes, find, find_glued, nearest};
use super::form;
use super::until::Until;
use super::wording::{norm, salutation};

/// One act that a reply asks for, with the words that stood behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of INTERFACE.md, Directives")]
pub enum Directive {
    Accept,
    Assign(String),
    CoAssign(Vec<String>),
    Handler(String),
    /// 自辦, with the name of a standard answer where one was given.
    SelfHandle(Option<String>),
    Reject(String),
    Refer {
        agency: String,
        reason: String,
    },
    /// `ground` is `1`–`4` where it could be read, else as typed.
    NoAction {
        ground: String,
        reason: String,
    },
    Merge(String),
    Link(String),
    /// `grade` without 件, 級, Level; `criteria` are the ticked criteria (`#等級 A 3,5`).
    Grade {
        grade: String,
        criteria: Vec<String>,
    },
    Category(Vec<String>),
    Major(bool),
    Confidential(bool),
    /// 密件: to named persons alone.
    Sealed(bool),
    /// 保全: nothing of the case is purged.
    Hold(String),
    /// 解除保全.
    Unhold(String),
    /// 放行 of the complainant's files.
    Release,
    /// 調閱個資.
    AskIdentity(String),
    GrantIdentity,
    RefuseIdentity(String),
    Set {
        field: String,
        value: String,
    },
    Approve,
    Return(String),
    Note(String),
    Ask(String),
    Extend {
        until: Until,
        reason: String,
    },
    Urge(Option<String>),
    Action(String),
    Recommend(String),
    Close(String),
    Continue(String),
    Register(String),
    Status(Option<String>),
    Report(String),
    Help,
    Spam,
    Withdraw(String),
    Supplement(String),
    Start,
    Promise(Until),
    Preliminary(String),
    Phone(String),
    Copy(String),
    Survey(String),
    /// 停班: a day on which the office is closed.
    Closure(String),
    Duty(String),
    NoComment,
    Dossier(String),
    PaperApproval(String),
    /// 答覆: the proposed answer.
    Proposal(String),
    Satisfied,
    Dissatisfied,
    /// 追認 or 確認.
    Confirm,
    /// 撤銷 of one's own approval.
    Recall,
}

/// A directive and the words of the mail that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The act.
    pub directive: Directive,
    /// The typed words, its argument included.
    pub source: String,
}

/// A `#word` that is no directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The typed words.
    pub source: String,
    /// The known name that it comes nearest to.
    pub nearest: Option<&'static str>,
}

/// A reply, split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// In the order in which they stand.
    pub directives: Vec<Line>,
    /// Not understood; nothing of them was done.
    pub unknown: Vec<Unknown>,
    /// The reply without its directives, as typed.
    pub rest: String,
}

/// Splits a reply (only the newly written words) into its directives and the rest. Directives count only above the first
/// line that is neither blank nor a directive nor a greeting; text that follows a 退回, 進度, 詢問 … belongs to it.
#[must_use]
pub fn split(reply_text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut lines = reply_text.lines().peekable();
    let mut held: Vec<&str> = Vec::new();
    while let Some(line) = lines.peek().copied() {
        if line.trim().is_empty() || (parsed.directives.is_empty() && held.len() < 6 && salutation(&norm(line))) {
            held.push(line);
            lines.next();
            continue;
        }
        let Some(pieces) = pieces(line) else { break };
        held.clear();
        lines.next();
        let last = pieces.len().saturating_sub(1);
        for (n, piece) in pieces.into_iter().enumerate() {
            match piece {
                Piece::Known { name, takes, argument, mut source } => {
                    let mut text = argument;
                    if n == last && takes == Takes::Text {
                        append_following(&mut lines, &mut text, &mut source);
                    }
                    parsed.directives.extend(build(name, &text, &source));
                }
                Piece::Unknown { word, source } => parsed.unknown.push(Unknown { nearest: nearest(&word), source }),
            }
        }
    }
    let mut rest: Vec<&str> = if parsed.directives.is_empty() && parsed.unknown.is_empty() { held } else { Vec::new() };
    rest.extend(lines);
    rest.join("\n").trim_matches(['\n', '\r']).trim_end().clone_into(&mut parsed.rest);
    parsed
}

/// Takes the lines that belong to a directive with text: up to the next line that opens with a known directive, a heading of
/// the proposed answer, or a signature's dashes.
fn append_following<'a>(lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, text: &mut String, source: &mut String) {
    while let Some(line) = lines.peek().copied() {
        let bare = norm(line);
        let directive = pieces(line).is_some_and(|p| p.iter().any(|p| matches!(p, Piece::Known { .. })));
        if directive || bare == "--" || super::people::device(&bare) || form::heading(line).is_some_and(|h| h.field == form::ANSWER) {
            break;
        }
        text.push('\n');
        text.push_str(line);
        source.push('\n');
        source.push_str(line);
        lines.next();
    }
    text.truncate(text.trim_end().len());
    source.truncate(source.trim_end().len());
    let blank = text.len() - text.trim_start().len();
    text.drain(..blank);
}

enum Piece {
    Known { name: Name, takes: Takes, argument: String, source: String },
    Unknown { word: String, source: String },
}

const SIGNS: [char; 3] = ['#', '＃', '﹟'];

/// The directives of one line, or `None` when the line does not open with one.
fn pieces(line: &str) -> Option<Vec<Piece>> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || super::wording::invisible(c));
    opens(line)?;
    let mut cuts: Vec<usize> = vec![0];
    for (at, _) in line.char_indices().skip(1).filter(|(_, c)| SIGNS.contains(c)) {
        let Some(tail) = line.get(at..) else { continue };
        let Some((word, _)) = opens(tail) else { continue };
        let spaced = line.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_whitespace() || "。，,;；、".contains(c)));
        // In free text only a real directive cuts; 「見 #附件」 stays text. Glued to the word before, it must be a real one as well.
        let known = find(&word).is_some() || find_glued(&word).is_some();
        let in_text = cuts
            .last()
            .and_then(|from| line.get(*from..))
            .and_then(opens)
            .is_some_and(|(w, _)| find(&w).is_some_and(|(_, t)| t == Takes::Text));
        if known || (spaced && !in_text) {
            cuts.push(at);
        }
    }
    let ends = cuts.iter().skip(1).copied().chain([line.len()]);
    Some(cuts.iter().zip(ends).filter_map(|(from, to)| line.get(*from..to)).filter_map(piece).collect())
}

fn piece(text: &str) -> Option<Piece> {
    let text = text.trim();
    let (word, behind) = opens(text)?;
    let argument = behind.trim_start_matches(|c: char| c.is_whitespace() || ":：︰﹕".contains(c)).trim_end().to_owned();
    if let Some((name, takes)) = find(&word) {
        return Some(Piece::Known { name, takes, argument, source: text.to_owned() });
    }
    if let Some((name, takes, glued)) = find_glued(&word) {
        let argument = format!("{glued}{behind}").trim().to_owned();
        return Some(Piece::Known { name, takes, argument, source: text.to_owned() });
    }
    Some(Piece::Unknown { word, source: text.to_owned() })
}

/// The word behind the sign and what follows it. `#1`, `##` and a lone `#` open no directive; after `# ` only a known one does.
fn opens(text: &str) -> Option<(String, &str)> {
    let after = text.strip_prefix(SIGNS)?;
    let spaced = after.trim_start();
    let end =
        spaced.find(|c: char| c.is_whitespace() || ":：︰﹕,，。;；、（(!！".contains(c) || SIGNS.contains(&c)).unwrap_or(spaced.len());
    let (word, behind) = spaced.split_at_checked(end)?;
    let first = norm(word).chars().next()?;
    if !first.is_alphabetic() || (spaced.len() != after.len() && find(word).is_none()) {
        return None;
    }
    Some((word.to_owned(), behind))
}

#[cfg(test)]
#[path = "directive_tests.rs"]
mod tests;
