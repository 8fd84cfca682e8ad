//! The languages that letters are written in (R45). Who uses it: domain, render, desk, survey.

use serde::{Deserialize, Serialize};

/// A language that redress writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub enum Language {
    /// Traditional Chinese as written in Taiwan: the office's own.
    #[default]
    #[serde(rename = "zh-TW")]
    ZhTw,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Language {
    /// Both, the office's first.
    pub const ALL: [Self; 2] = [Self::ZhTw, Self::En];

    /// The BCP 47 tag, also the folder below `templates/`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhTw => "zh-TW",
            Self::En => "en",
        }
    }
}
