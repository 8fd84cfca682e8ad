//! What became of a letter, and when it is tried again. Pure: replies and moments in, outcomes out. Used by `batch`; what is
//! public here goes to the desk.

use std::fmt;

use crate::calendar::Moment;

/// After the n-th try that failed for now, in minutes; the last one repeats.
const PAUSES: [i64; 5] = [1, 5, 15, 30, 60];
/// A letter that could not be delivered for so long never will be: five days (RFC 5321 §4.5.4.1 asks for 4–5).
const GIVE_UP_AFTER: i64 = 5 * 24 * 3600;

/// What became of one letter in one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it; its answer.
    Sent {
        /// The last answer, such as `250 2.0.0 queued as 1234`.
        reply: String,
    },
    /// Not now; it is tried again by itself.
    Later {
        /// When.
        at: Moment,
        /// What stood in the way.
        why: Why,
    },
    /// It will not be tried again: the secretariat must hear of it.
    Never {
        /// What stands in the way.
        why: Why,
    },
    /// The connection died after the final dot: perhaps it was taken. The same bytes are sent once more later.
    InDoubt,
}

/// What stands between a letter and its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The server's answer.
    Reply {
        /// Three digits.
        code: u16,
        /// The text after it.
        text: String,
    },
    /// The letter is larger than the server takes: something smaller may be sent in its place.
    TooBig {
        /// Bytes of the letter.
        size: u64,
        /// The server's limit in bytes, where it told one.
        limit: Option<u64>,
    },
    /// The letter has 8-bit bytes and the server does not know 8BITMIME.
    EightBit,
    /// The address cannot stand in an envelope.
    Address(&'static str),
    /// The bytes must not go on the wire.
    Bytes(&'static str),
    /// The connection broke before the final dot.
    Broken(&'static str),
    /// It was in doubt, was sent once more, and is in doubt again: a person must ask whether it arrived.
    StillInDoubt,
    /// Five days of trying; the last thing that stood in the way.
    Expired(Box<Why>),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply { code, text } => write!(f, "{code} {text}"),
            Self::TooBig { size, limit: Some(limit) } => write!(f, "too-big: {size} bytes, the server takes {limit}"),
            Self::TooBig { size, limit: None } => write!(f, "too-big: {size} bytes"),
            Self::EightBit => f.write_str("8bit: the server does not know 8BITMIME"),
            Self::Address(what) => write!(f, "address: {what}"),
            Self::Bytes(what) => write!(f, "bytes: {what}"),
            Self::Broken(what) => write!(f, "connection: {what}"),
            Self::StillInDoubt => f.write_str("in-doubt: no answer after the final dot, twice"),
            Self::Expired(last) => write!(f, "expired: {last}"),
        }
    }
}

/// What one try over the wire showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Attempt {
    /// A 2xx answer to the dot.
    Accepted(String),
    /// A 4xx or 5xx answer to MAIL, RCPT, DATA or the dot; the connection is fine.
    Refused {
        /// Three digits.
        code: u16,
        /// The text after it.
        text: String,
    },
    /// It cannot be sent by this server, whenever it is tried.
    Unfit(Why),
    /// The connection broke before the dot, so the letter was not taken.
    Broken(&'static str),
    /// The connection broke after the dot.
    InDoubt,
}

/// The letter's side of the decision.
#[derive(Debug, Clone, Copy)]
pub(super) struct History {
    /// Tries, this one counted.
    pub attempts: i64,
    /// It was in doubt before this try.
    pub was_in_doubt: bool,
    /// Since when it waits to be sent.
    pub queued_at: Moment,
    /// Its size in bytes.
    pub size: u64,
}

/// Whether an answer is about the server or our login rather than about this letter.
pub(super) const fn is_about_server(code: u16) -> bool {
    matches!(code, 421 | 432 | 454 | 503 | 530 | 534 | 535 | 538)
}

/// RFC 3463: x.3.4 "message too big for system", x.2.3 "message length exceeds limit"; 552 alone means the same, unless it
/// is a full mailbox (x.2.2).
fn is_too_big(code: u16, text: &str) -> bool {
    code >= 500 && (text.starts_with("5.3.4") || text.starts_with("5.2.3") || (code == 552 && !text.starts_with("5.2.2")))
}

/// What an attempt means for the letter.
pub(super) fn decide(attempt: Attempt, history: History, now: Moment) -> Outcome {
    let why = match attempt {
        Attempt::Accepted(reply) => return Outcome::Sent { reply },
        Attempt::InDoubt if history.was_in_doubt => return Outcome::Never { why: Why::StillInDoubt },
        Attempt::InDoubt => return Outcome::InDoubt,
        Attempt::Unfit(why) => return Outcome::Never { why },
        Attempt::Refused { code, text } if is_about_server(code) => Why::Reply { code, text },
        Attempt::Refused { code, text } if is_too_big(code, &text) => {
            return Outcome::Never { why: Why::TooBig { size: history.size, limit: None } };
        }
        Attempt::Refused { code, text } if code >= 500 => return Outcome::Never { why: Why::Reply { code, text } },
        Attempt::Refused { code, text } => Why::Reply { code, text },
        Attempt::Broken(what) => Why::Broken(what),
    };
    if now.unix().saturating_sub(history.queued_at.unix()) >= GIVE_UP_AFTER {
        return Outcome::Never { why: Why::Expired(Box::new(why)) };
    }
    Outcome::Later { at: now.plus_seconds(pause(history.attempts)), why }
}

/// Seconds to wait after the `attempts`-th try.
fn pause(attempts: i64) -> i64 {
    let place = usize::try_from(attempts.saturating_sub(1).max(0)).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    PAUSES.get(place).copied().unwrap_or(60) * 60
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(attempts: i64, attempt: Attempt) -> Outcome {
        let queued_at = Moment::from_unix(1_000_000);
        decide(attempt, History { attempts, was_in_doubt: false, queued_at, size: 10 }, queued_at.plus_seconds(100))
    }

    fn refused(code: u16, text: &str) -> Attempt {
        Attempt::Refused { code, text: text.into() }
    }

    #[test]
    fn pauses_grow_to_an_hour() {
        let waits: Vec<i64> = (1..=7)
            .map(|n| match after(n, refused(451, "try later")) {
                Outcome::Later { at, .. } => (at.unix() - 1_000_100) / 60,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(waits, [1, 5, 15, 30, 60, 60, 60]);
    }

    #[test]
    fn answers_mean_what_they_mean() {
        assert!(matches!(after(1, refused(550, "5.1.1 unknown")), Outcome::Never { why: Why::Reply { code: 550, .. } }));
        assert!(matches!(after(1, refused(552, "5.3.4 too big")), Outcome::Never { why: Why::TooBig { .. } }));
        assert!(matches!(after(1, refused(554, "5.3.4 too big")), Outcome::Never { why: Why::TooBig { .. } }));
        assert!(matches!(after(1, refused(552, "5.2.2 mailbox full")), Outcome::Never { why: Why::Reply { code: 552, .. } }));
        assert!(matches!(after(1, refused(530, "login first")), Outcome::Later { .. }));
        assert!(matches!(after(1, refused(421, "closing")), Outcome::Later { .. }));
        assert!(matches!(after(1, Attempt::Broken("cut")), Outcome::Later { why: Why::Broken(_), .. }));
        assert_eq!(after(1, Attempt::InDoubt), Outcome::InDoubt);
    }

    #[test]
    fn five_days_and_a_second_doubt_end_it() {
        let queued_at = Moment::from_unix(0);
        let history = History { attempts: 90, was_in_doubt: true, queued_at, size: 10 };
        let late = decide(refused(450, "busy"), history, queued_at.plus_seconds(GIVE_UP_AFTER));
        assert!(matches!(late, Outcome::Never { why: Why::Expired(_) }));
        assert_eq!(decide(Attempt::InDoubt, history, queued_at), Outcome::Never { why: Why::StillInDoubt });
    }
}
