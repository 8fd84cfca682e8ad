//! The survey page (R35): one form behind one secret link, without JavaScript. Questions are data (`domain::questionnaire`), words and
//! looks are templates (`templates/<language>/survey/`), and what an answer does to a case is told to the desk through a
//! [`Backend`] of two closures, which `daemon` wires to the store. Opening a page never writes; only a filled form does.

mod limits;
mod page;
mod serve;

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;

use crate::calendar::Moment;
use crate::domain::questionnaire::Answers;
use crate::domain::{Language, Questionnaire};
use crate::render::Words;

pub use page::check;
pub use serve::{Door, serve};

/// What can go wrong behind the page.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The survey was closed meanwhile: the visitor sees the page of an unknown link.
    #[error("the survey is closed")]
    Gone,
    /// The store cannot be reached now: the visitor is asked to come back, nothing was recorded.
    #[error("the answer could not be recorded: {0}")]
    Unavailable(String),
    /// A template is wrong: tell the operator.
    #[error(transparent)]
    Template(#[from] crate::render::Error),
}

/// A survey that a link opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What it is about, in words that may stand on a page outside (no number, no unit's comment); empty: nothing is shown.
    pub about: String,
    /// The questions.
    pub questionnaire: Arc<Questionnaire>,
    /// What was answered before; it may be changed until the end.
    pub previous: Option<Answers>,
    /// The complainant's language.
    pub language: Language,
    /// From this moment on the link is unknown.
    pub expires_at: Moment,
}

/// Finds the survey of a link's hash (`SurveyLink::hash`); `None` for an unknown one.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, Result<Option<Opened>, Error>> + Send + Sync>;
/// Records the answers of a link's hash: one transaction that keeps them and tells the case. Runs to its end even when the
/// visitor hangs up.
pub type Submit = Arc<dyn Fn(String, Answers) -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// What the page needs of the house.
#[derive(Clone)]
pub struct Backend {
    /// Finds a survey.
    pub lookup: Lookup,
    /// Records an answer.
    pub submit: Submit,
    /// The templates.
    pub words: Arc<Words>,
    /// `organisation.name`.
    pub organisation: String,
    /// `organisation.office`.
    pub office: String,
    /// The organisation's zone, for the date until which answers may be changed.
    pub zone: TimeZone,
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").field("organisation", &self.organisation).finish_non_exhaustive()
    }
}
