//! THE CLERK. One stored mail, one due timer, one survey answer or one delivery result in; one transaction out.
//! Reads with `mail`, proves with `trust`, decides with `domain`, writes with `render`, keeps with `store`.
//! Who calls it: the edges and `cli`. It opens no socket and reads no config.

mod acts;
mod alarms;
mod batch;
mod booking;
mod breaker;
mod brief;
mod buttons;
mod carry_out;
mod contact;
mod digest;
mod digest_units;
mod earlier;
mod files;
mod forms;
mod guesses;
mod housekeeping;
mod keys;
mod leaving;
mod ledger;
mod letters;
mod matching;
mod old_mail;
mod opening;
mod outcomes;
mod outgoing;
mod paper;
mod passed_on;
mod patch;
mod people_review;
mod probe;
mod proofs;
mod purging;
mod questions;
mod reading;
mod receive;
mod record;
mod refusals;
mod releasing;
mod replay;
mod retention;
mod roster;
mod routing;
mod rows;
mod second;
mod sent;
mod signing;
mod staff;
mod staff_mail;
mod surveying;
mod ticking;
mod urging;
mod views;
mod wave;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::{Hour, Moment};
use crate::clock::{Chance, Clock};
use crate::domain::directory::Directory;
use crate::domain::{InForce, Language, PersonId, Questionnaire};
use crate::render::{Press, Words};
use crate::store::{self, Store};
use crate::trust::{Certificate, EvidenceMode, Keyring};

pub use batch::Waves;
pub use digest::Figures;
pub use housekeeping::{IMAP_DOWN, SMTP_DOWN};
pub use outcomes::Delivered;
pub use people_review::{Every, IDLE_DAYS, PeopleReview};
pub use probe::{Probe, Probed, probed};
pub use proofs::signing_keys;
pub use purging::{Agreed, Asked as AskedPurge};
pub use replay::Replayed;
pub use retention::{Due, Purged};
pub use roster::Imported as ImportedList;
pub use sent::{LETTER_HEADER, Noticed, SentMail, letter_mark};
pub use surveying::Opened as OpenedSurvey;

/// What the clerk must know of the installation. Composed by `config`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// 「高雄示範大學」
    pub organisation: String,
    /// 「秘書室」
    pub office: String,
    /// For Message-IDs.
    pub domain: String,
    /// The mailboxes that are watched; letters are sent as the first, or as the one that the complaint came to.
    pub mailboxes: Vec<Mailbox>,
    /// Where the survey page is reached, without a slash at the end; none: no survey link.
    pub public_url: Option<String>,
    /// Further lines below the office's name.
    pub signature_lines: Vec<String>,
    /// When the daily digest leaves.
    pub digest_at: Hour,
    /// When the list of people with rights leaves; none: never by itself.
    pub people_review: Option<PeopleReview>,
    /// Automatic letters to one outside address a day at most.
    pub automatic_a_day: i64,
    /// Who gets a receipt.
    pub receipt: Receipt,
    /// The last approval of a major case needs the sender's proof and his confirmation at the directory address, both.
    pub confirm_major: bool,
    /// Authorities that pass complaints on: the person inside is the complainant (R59).
    pub passers_on: Vec<PasserOn>,
    /// Forms on web pages that write to the mailbox (R80).
    pub web_forms: Vec<WebForm>,
    /// How often each mailbox writes to itself, and how soon that must come in; none: never.
    pub probe: Option<Probe>,
    /// What one person alone does not do.
    pub second_person: SecondPerson,
    /// Certificates by which people sign their mails (S/MIME).
    pub certificates: std::collections::BTreeMap<PersonId, Certificate>,
    /// Whose approvals count with that signature alone.
    pub must_sign: std::collections::BTreeSet<PersonId>,
    /// In which language staff is written to (R45). Printed forms are the paper's own.
    pub language: Language,
}

/// An authority that passes complaints on.
#[derive(Debug, Clone)]
pub struct PasserOn {
    /// 轉來機關.
    pub name: String,
    /// Addresses and domains that it writes from.
    pub senders: Vec<String>,
}

/// A form on a web page.
#[derive(Debug, Clone)]
pub struct WebForm {
    /// Its sender: address, domain or pattern.
    pub from: String,
    /// What its subjects hold.
    pub subject: Option<String>,
    /// Its labels and the fields that they name.
    pub labels: BTreeMap<String, String>,
}

/// Who gets a receipt; a complaint is taken whatever it says (RELIABILITY T18).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Receipt {
    /// Everybody, up to the day's limit; whom the border calls forged one a day.
    #[default]
    Always,
    /// Who is proved; everybody else one a day.
    Authenticated,
    /// Who is proved; nobody else.
    Held,
}

/// What needs a second proof or a second person (L3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SecondPerson {
    /// The change of a complainant's address.
    pub address: bool,
    /// `redress purge` waits for the office's word.
    pub purge: bool,
    /// After a restore letters wait for it.
    pub release: bool,
}

/// A mailbox as the clerk sees it.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// `service@…`.
    pub address: String,
    /// The folder that is read.
    pub folder: String,
    /// Whether `service+token@…` reaches it.
    pub plus_addressing: bool,
    /// Whose Authentication-Results count.
    pub trusted_authserv_id: Option<String>,
    /// What its mails can prove.
    pub evidence: EvidenceMode,
}

/// Everything the clerk works with. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// Rows.
    pub store: Store,
    /// Letters.
    pub words: Arc<Words>,
    /// Forms; none where no font was found (an alarm in each digest).
    pub press: Option<Arc<Press>>,
    /// Procedure, calendar, the directory in force.
    pub office: Arc<InForce>,
    /// People and units as the config tells them, before any list of the personnel office.
    pub configured: Arc<Directory>,
    /// Survey questions of the profile.
    pub questionnaire: Arc<Questionnaire>,
    /// Secrets of reply addresses.
    pub keyring: Arc<Keyring>,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// The installation.
    pub settings: Arc<Settings>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What stops the clerk; each says what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store did not answer: stop, wait, try again; nothing was half done.
    #[error("store: {0}")]
    Store(#[from] store::Error),
    /// A letter could not be written: hold the mail that caused it, tell the operator.
    #[error("letter: {0}")]
    Render(#[from] crate::render::Error),
    /// A letter could not be made into a mail: hold the mail that caused it.
    #[error("mail: {0}")]
    Compose(#[from] crate::mail::compose::Error),
    /// A stored case cannot be read: it was written by another version or damaged; `audit verify` tells.
    #[error("case {number}: cannot be read from the store: {why}")]
    Damaged {
        /// Its number.
        number: String,
        /// What serde says.
        why: String,
    },
    /// Somebody else changed the case at the same time, again and again: try later.
    #[error("case {number}: changed by somebody else at the same time")]
    Contended {
        /// Its number.
        number: String,
    },
    /// A mail could not be taken apart: it is held.
    #[error("a mail stopped its reader")]
    Reader,
}

impl Desk {
    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// A label in the office's language.
    pub(crate) fn word(&self, key: &str) -> String {
        self.words.label(self.settings.language, key)
    }

    /// The keys under which letters are read now: an old one is for its time alone.
    pub(crate) fn reading_keys(&self) -> Keyring {
        self.keyring.at(self.now().unix())
    }

    /// The mailbox with this address, else the first.
    pub(crate) fn mailbox(&self, address: &str) -> Option<&Mailbox> {
        self.settings.mailboxes.iter().find(|m| m.address.eq_ignore_ascii_case(address)).or_else(|| self.settings.mailboxes.first())
    }

    /// Whether the address is one of ours, with or without a token.
    pub(crate) fn is_own_address(&self, address: &str) -> bool {
        let bare = match address.split_once('@') {
            Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or(local)),
            None => address.to_owned(),
        };
        self.settings.mailboxes.iter().any(|m| m.address.eq_ignore_ascii_case(&bare))
    }
}
