//! The keys of reply addresses: which one signs, which old ones are still read and until when. What the config does not say the
//! store remembers (when a key was first used, and when it became an old one). Used by `assemble`; `doctor` shows the ages.

use anyhow::Result;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::calendar::{Calendar, Moment};
use crate::clock::Chance;
use crate::config::{Config, TrustKey};
use crate::store::{self, Store, meta};
use crate::trust::{Key, Keyring};

/// An old key is read for 13 months after it stopped signing, unless the config names its last day: a case may be taken up
/// again for a year.
const OLD_FOR_DAYS: i64 = 396;
/// Where the store keeps the key that it made for itself.
const OWN: &str = "reply_key";

/// A key of the ring, for an operator's eyes: no part of its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAge {
    /// Its id.
    pub id: u8,
    /// Whether it signs; the others are only read.
    pub signs: bool,
    /// When it was first used here; none before the first start.
    pub since: Option<Moment>,
    /// Until when an old one is read; none: not known before the next start.
    pub until: Option<Moment>,
    /// Another secret had this id before: letters that were sent under it cannot be answered by their address.
    pub changed: bool,
}

struct Found {
    id: u8,
    secret: Vec<u8>,
    signs: bool,
    until: Option<Moment>,
}

/// The ring: the config's keys, else the one that the store made at its first start. A key of the store's own stays readable when
/// the config brings another.
///
/// # Errors
/// As the store says; a key that is too short.
pub(super) async fn keyring(config: &Config, store: &Store, chance: &Chance, now: Moment, calendar: &Calendar) -> Result<Keyring> {
    if config.trust.key.is_none() {
        meta::secret_or_set(store, OWN, &chance.bytes::<32>()).await?;
    }
    let mut signing = None;
    let mut old = Vec::new();
    for found in keys(config, store, calendar).await? {
        let noted = |what: &str| format!("key.{}.{}.{what}", found.id, print(&found.secret));
        meta::get_or_set(store, &noted("since"), &now.unix().to_string()).await?;
        meta::get_or_set(store, &format!("key.{}", found.id), &print(&found.secret)).await?;
        let key = Key::new(found.id, &found.secret)?;
        if found.signs {
            signing = Some(key);
            continue;
        }
        let retired = meta::get_or_set(store, &noted("retired"), &now.unix().to_string()).await?;
        let until = found.until.or_else(|| moment(&retired).map(|at| at.plus_seconds(OLD_FOR_DAYS * 86_400)));
        old.push(key.until(until.map(Moment::unix)));
    }
    let Some(signing) = signing else { anyhow::bail!("no key signs letters: name one in trust.key_file") };
    Ok(Keyring::new(signing, old)?)
}

/// The keys and their ages; changes nothing.
///
/// # Errors
/// As the store says.
pub async fn ages(config: &Config, store: &Store, calendar: &Calendar) -> Result<Vec<KeyAge>, store::Error> {
    let mut ages = Vec::new();
    for found in keys(config, store, calendar).await? {
        let noted = |what: &str| format!("key.{}.{}.{what}", found.id, print(&found.secret));
        let since = meta::get(store, &noted("since")).await?;
        let retired = meta::get(store, &noted("retired")).await?.and_then(|text| moment(&text));
        let first = meta::get(store, &format!("key.{}", found.id)).await?;
        ages.push(KeyAge {
            id: found.id,
            signs: found.signs,
            since: since.and_then(|text| moment(&text)),
            until: found.until.or_else(|| retired.map(|at| at.plus_seconds(OLD_FOR_DAYS * 86_400))).filter(|_| !found.signs),
            changed: first.is_some_and(|first| first != print(&found.secret)),
        });
    }
    Ok(ages)
}

/// The ring of the key that signs now; none before the first start. Changes nothing: for `doctor`, whose own mails are to be known.
///
/// # Errors
/// As the store says; a key that is too short.
pub async fn signing_ring(config: &Config, store: &Store, calendar: &Calendar) -> Result<Option<Keyring>> {
    let signing = keys(config, store, calendar).await?.into_iter().find(|found| found.signs);
    Ok(match signing {
        Some(found) => Some(Keyring::new(Key::new(found.id, &found.secret)?, Vec::new())?),
        None => None,
    })
}

/// The signing key first.
async fn keys(config: &Config, store: &Store, calendar: &Calendar) -> Result<Vec<Found>, store::Error> {
    let given = |key: &TrustKey, signs: bool| Found {
        id: key.id,
        secret: key.secret.expose_secret().as_bytes().to_vec(),
        signs,
        until: key.until.map(|day| calendar.end_of_day(day)),
    };
    let mut found: Vec<Found> = config.trust.key.iter().map(|key| given(key, true)).collect();
    let own = meta::secret(store, OWN).await?;
    let signs = found.is_empty();
    found.extend(config.trust.old_keys.iter().map(|key| given(key, false)));
    if let Some(secret) = own.filter(|_| found.iter().all(|key| key.id != 0)) {
        found.push(Found { id: 0, secret, signs, until: None });
    }
    found.sort_by_key(|key| !key.signs);
    Ok(found)
}

/// Tells one secret from another and nothing else.
fn print(secret: &[u8]) -> String {
    let digest = Sha256::new().chain_update(b"redress key print").chain_update(secret).finalize();
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn moment(text: &str) -> Option<Moment> {
    text.parse().ok().map(Moment::from_unix)
}
