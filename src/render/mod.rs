//! WORDS AND PAPER: every sentence that people read, from `templates/`, and the official forms as PDF.
//! Lives here: letters (`Words`, `Letter`), forms (`Press`, `Sheet`), masking for digests. Does not live here: decisions, rows, mail bytes.
//! Who calls it: desk (letters, forms, digests), survey (its pages), cli (demo, form, check-config).

mod body;
mod filters;
mod letter;
mod mask;
mod paper;
mod pdf;
mod pdf_font;
mod pdf_words;
mod samples;
mod sheet;
mod words;

use std::path::PathBuf;

pub use body::{Body, LetterKind};
pub use letter::{
    Button, CaseView, Count, DigestLine, DigestSection, DraftView, EarlierCase, GradeView, Letter, OfficeView, PersonLine, ReaderView, Row,
    Stage, Stamp, StepView, Tone, Written,
};
pub use mask::{mask_address, mask_mail, mask_name, mask_number, mask_text};
pub use paper::Press;
pub use pdf_words::pdf_words;
pub use sheet::{Cell, Check, Line, Sheet};
pub use words::Words;

/// What went wrong in this room; each variant says what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The overlay folder or a font cannot be read: tell the operator, do not start.
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// Why it could not be.
        source: std::io::Error,
    },
    /// A template or label file is wrong: tell the operator; at run time send the mail's case to the secretariat.
    #[error("template {name}: {why}")]
    Template {
        /// The template's name below `templates/`.
        name: String,
        /// Tera's or toml's report with line and column.
        why: String,
    },
    /// A rule that holds for all letters is broken (an approval's words where none may be, a link, a second line in a subject).
    #[error("letter {letter} ({language}): {why}")]
    Rule {
        /// The letter's folder.
        letter: &'static str,
        /// The language's tag.
        language: &'static str,
        /// Which rule, and where.
        why: String,
    },
    /// None of the fonts that the forms need was found: install `fonts-cns11643-kai`, or name the files in the configuration.
    #[error(
        "no usable font among {0:?}: install the package fonts-cns11643-kai (or fonts-noto-cjk), or name font files in the configuration"
    )]
    NoFont(Vec<PathBuf>),
    /// A file is no font: correct the configuration.
    #[error("{0}: is not a TrueType or OpenType font")]
    NotAFont(PathBuf),
    /// No form of that name: correct the profile.
    #[error("no form named {0:?}")]
    NoForm(String),
    /// The form could not be typeset: send the mail without it and raise an alarm.
    #[error("form {form}: {why}")]
    Typeset {
        /// The form's name.
        form: String,
        /// Typst's first messages.
        why: String,
    },
}

#[cfg(test)]
mod tests;
