//! Tokens in mail addresses: `service+r.<14>.<26>@`. A token names a case, a person and a step, and carries a MAC, so that
//! it verifies without a row (it must survive the restore of an old backup). What it is worth is decided in `rules`; where it
//! is looked for, in `find`. A token is never written to a log.

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Error, base32};

const PAYLOAD_BITS: usize = 70;
const PAYLOAD_LEN: usize = 14;
const MAC_BITS: usize = 128;
const MAC_LEN: usize = 26;
const SHORT_MAC_BITS: usize = 100;
const SHORT_MAC_LEN: usize = 20;
const CODE_BITS: usize = 40;
/// Longest local part that every server must take (RFC 5321 §4.5.3.1.1).
const LOCAL_PART_MAX: usize = 64;
/// Separates the MACs of tokens, short codes and marks, so that none can stand for another.
const TOKEN_LABEL: &[u8] = b"redress token 1\0";
const CODE_LABEL: &[u8] = b"redress code 1\0";
const MARK_LABEL: &[u8] = b"redress mark 1\0";

/// What a token is for. The letter before the first dot says it to people, the payload says it to us; both must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// `r`: leads a mail to its case and says who got the letter it answers. Decides nothing by itself.
    Route,
    /// `a`: stands in one request to one person for one step (its Reply-To and its buttons), nowhere else.
    Action,
    /// `c`: the answer to our question at a directory address: "was that you?"
    Confirm,
    /// `p`: the complainant's own case address.
    Public,
    /// `s`: a mail that speaks of a survey (滿意, 不滿意 buttons).
    Survey,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Route, Self::Action, Self::Confirm, Self::Public, Self::Survey];

    /// The letter that stands before the first dot.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Route => 'r',
            Self::Action => 'a',
            Self::Confirm => 'c',
            Self::Public => 'p',
            Self::Survey => 's',
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Route => 0,
            Self::Action => 1,
            Self::Confirm => 2,
            Self::Public => 3,
            Self::Survey => 4,
        }
    }

    fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter.to_ascii_lowercase())
    }

    fn of_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    /// What it is for.
    pub kind: TokenKind,
    /// The case's serial, below 2^30.
    pub case_serial: u32,
    /// The person's slot, below 2^20 ([`slot_of`]); 0 is nobody in particular (the case, its complainant).
    pub slot: u32,
    /// The step of the procedure, below 2^10. The desk counts it up with every request, so that an old one does not fit.
    pub step: u16,
}

impl Token {
    /// Largest case serial.
    pub const MAX_SERIAL: u32 = (1 << 30) - 1;
    /// Largest slot.
    pub const MAX_SLOT: u32 = (1 << 20) - 1;
    /// Largest step.
    pub const MAX_STEP: u16 = (1 << 10) - 1;

    /// The token whose short code stands in every subject of a case, whoever reads it: routing, no person, no step.
    #[must_use]
    pub const fn of_case(case_serial: u32) -> Self {
        Self { kind: TokenKind::Route, case_serial, slot: 0, step: 0 }
    }

    /// The payload: key id 5, kind 5, serial 30, slot 20, step 10 bits. A number that does not fit is written as the
    /// largest: when read back it names another case, person or step than the one expected, and proves nothing.
    fn payload(self, kid: u8) -> [u8; 9] {
        let bits = (u128::from(kid) << 65)
            | (u128::from(self.kind.code()) << 60)
            | (u128::from(self.case_serial.min(Self::MAX_SERIAL)) << 30)
            | (u128::from(self.slot.min(Self::MAX_SLOT)) << 10)
            | u128::from(self.step.min(Self::MAX_STEP));
        let mut out = [0; 9];
        for (byte, whole) in out.iter_mut().zip((bits << 58).to_be_bytes()) {
            *byte = whole;
        }
        out
    }

    fn of_payload(payload: &[u8]) -> Option<(u8, Self)> {
        let mut whole = [0u8; 16];
        for (to, from) in whole.iter_mut().zip(payload) {
            *to = *from;
        }
        let bits = u128::from_be_bytes(whole) >> 58;
        let part = |shift: u32, width: u32| u32::try_from((bits >> shift) & ((1 << width) - 1)).ok();
        let kid = u8::try_from(part(65, 5)?).ok()?;
        let kind = TokenKind::of_code(u8::try_from(part(60, 5)?).ok()?)?;
        let step = u16::try_from(part(0, 10)?).ok()?;
        Some((kid, Self { kind, case_serial: part(30, 30)?, slot: part(10, 20)?, step }))
    }
}

/// One secret key with its id. Its `Debug` shows the id alone.
#[derive(Clone)]
pub struct Key {
    kid: u8,
    mac: Hmac<Sha256>,
    until: Option<i64>,
}

impl Key {
    /// A key with the id `kid` (0 to 31) from at least 32 secret bytes.
    ///
    /// # Errors
    /// [`Error::KidTooLarge`], [`Error::KeyTooShort`].
    pub fn new(kid: u8, secret: &[u8]) -> Result<Self, Error> {
        if kid > 31 {
            return Err(Error::KidTooLarge(kid));
        }
        let short = Error::KeyTooShort { kid, len: secret.len() };
        if secret.len() < 32 {
            return Err(short);
        }
        let mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| short)?;
        Ok(Self { kid, mac, until: None })
    }

    /// The same key, read until this moment (seconds since 1970) and no longer.
    #[must_use]
    pub fn until(self, moment: Option<i64>) -> Self {
        Self { until: moment, ..self }
    }

    fn mac(&self, label: &[u8], payload: &[u8]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        mac.update(label);
        mac.update(payload);
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The keys: one signs, the others are old and still verify.
#[derive(Debug, Clone)]
pub struct Keyring {
    signing: Key,
    old: BTreeMap<u8, Key>,
}

impl Keyring {
    /// A ring whose `signing` key signs; `old` keys are read for as long as they are given.
    ///
    /// # Errors
    /// [`Error::KidTwice`] when two keys carry one id.
    pub fn new(signing: Key, old: Vec<Key>) -> Result<Self, Error> {
        let mut ring = Self { signing, old: BTreeMap::new() };
        for key in old {
            let kid = key.kid;
            if kid == ring.signing.kid || ring.old.insert(kid, key).is_some() {
                return Err(Error::KidTwice(kid));
            }
        }
        Ok(ring)
    }

    /// The ring as it is at a moment (seconds since 1970): old keys whose time is over are gone.
    #[must_use]
    pub fn at(&self, moment: i64) -> Self {
        let mut ring = self.clone();
        ring.old.retain(|_, key| key.until.is_none_or(|until| moment < until));
        ring
    }

    /// The token's writings under every key of the ring, the signing one first: for what was noted under an older key.
    #[must_use]
    pub fn seals(&self, token: &Token) -> Vec<String> {
        std::iter::once(&self.signing).chain(self.old.values()).map(|key| Self::seal_by(key, token)).collect()
    }

    /// The token's writing with the full MAC, lower case, 43 characters: `r.<14>.<26>`.
    #[must_use]
    pub fn seal(&self, token: &Token) -> String {
        Self::seal_by(&self.signing, token)
    }

    fn seal_by(key: &Key, token: &Token) -> String {
        let payload = token.payload(key.kid);
        let mac = key.mac(TOKEN_LABEL, &payload);
        format!("{}.{}.{}", token.kind.letter(), base32::encode(&payload, PAYLOAD_BITS), base32::encode(&mac, MAC_BITS))
    }

    /// Reads a whole writing, full or shortened to 100 bits. `None` for everything that we did not seal.
    #[must_use]
    pub fn open(&self, text: &str) -> Option<Token> {
        let mut parts = text.trim().split('.');
        let (letter, payload, mac) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let mut letters = letter.chars();
        let kind = TokenKind::of_letter(letters.next()?)?;
        if letters.next().is_some() {
            return None;
        }
        let bits = match mac.len() {
            MAC_LEN => MAC_BITS,
            SHORT_MAC_LEN => SHORT_MAC_BITS,
            _ => return None,
        };
        let (payload, given) = (base32::decode(payload, PAYLOAD_BITS)?, base32::decode(mac, bits)?);
        let (kid, token) = Token::of_payload(&payload)?;
        let expected = self.key(kid)?.mac(TOKEN_LABEL, &payload);
        (same_bits(&given, &expected, bits) && token.kind == kind).then_some(token)
    }

    /// Eight characters (40 bits) for a subject tag or a line in a body; leads to a case or, in an unquoted line of the
    /// mail that our button wrote where the mailbox has no plus addresses, stands for the step it was made for.
    #[must_use]
    pub fn short_code(&self, token: &Token) -> String {
        Self::code_by(&self.signing, token)
    }

    /// Whether `code` is the short code of `token` under any key of the ring. In constant time for each key.
    #[must_use]
    pub fn short_code_is(&self, token: &Token, code: &str) -> bool {
        let Some(given) = base32::decode(code.trim().trim_start_matches(['#', '＃']), CODE_BITS) else { return false };
        std::iter::once(&self.signing)
            .chain(self.old.values())
            .any(|key| same_bits(&given, &key.mac(CODE_LABEL, &token.payload(key.kid)), CODE_BITS))
    }

    /// A mark of 100 bits that proves words to be ours: it stands in a header of each letter.
    #[must_use]
    pub fn mark(&self, words: &str) -> String {
        base32::encode(&self.signing.mac(MARK_LABEL, words.as_bytes()), SHORT_MAC_BITS)
    }

    /// Whether `mark` is the mark of these words under any key of the ring. In constant time for each key.
    #[must_use]
    pub fn mark_is(&self, words: &str, mark: &str) -> bool {
        let Some(given) = base32::decode(mark.trim(), SHORT_MAC_BITS) else { return false };
        std::iter::once(&self.signing)
            .chain(self.old.values())
            .any(|key| same_bits(&given, &key.mac(MARK_LABEL, words.as_bytes()), SHORT_MAC_BITS))
    }

    fn code_by(key: &Key, token: &Token) -> String {
        base32::encode(&key.mac(CODE_LABEL, &token.payload(key.kid)), CODE_BITS)
    }

    fn key(&self, kid: u8) -> Option<&Key> {
        if self.signing.kid == kid { Some(&self.signing) } else { self.old.get(&kid) }
    }
}

/// Compares the first `bits` bits, without a branch on what they are. `given` holds them padded with zero bits.
fn same_bits(given: &[u8], whole: &[u8], bits: usize) -> bool {
    let mut expected: Vec<u8> = whole.iter().copied().take(bits.div_ceil(8)).collect();
    if !bits.is_multiple_of(8)
        && let Some(last) = expected.last_mut()
    {
        *last &= 0xff << (8 - bits % 8);
    }
    given.ct_eq(&expected).into()
}

/// How a mailbox's name leaves room for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The whole MAC of 128 bits.
    Full,
    /// A MAC of 100 bits: the name has 21 to 26 octets.
    Shortened,
    /// No room: addresses carry no token; replies are found by their headers and subject, and acts are asked about.
    None,
}

/// What fits behind `mailbox` (`service@example.org`) within the 64 octets of a local part.
#[must_use]
pub fn fit(mailbox: &str) -> Fit {
    let Some((name, _)) = mailbox.rsplit_once('@') else { return Fit::None };
    let room = LOCAL_PART_MAX.saturating_sub(name.len());
    let token = |mac: usize| "+r.".len() + PAYLOAD_LEN + ".".len() + mac;
    if room >= token(MAC_LEN) {
        Fit::Full
    } else if room >= token(SHORT_MAC_LEN) {
        Fit::Shortened
    } else {
        Fit::None
    }
}

/// The mailbox's address that carries `token` (a writing of [`Keyring::seal`]): `service+r.….…@example.org`. The MAC is
/// shortened, or the token left out, where [`fit`] says so.
#[must_use]
pub fn address(mailbox: &str, token: &str) -> String {
    let Some((name, domain)) = mailbox.rsplit_once('@') else { return mailbox.to_owned() };
    match fit(mailbox) {
        Fit::Full => format!("{name}+{token}@{domain}"),
        Fit::Shortened => {
            let cut = token.len().saturating_sub(MAC_LEN - SHORT_MAC_LEN);
            format!("{name}+{}@{domain}", token.get(..cut).unwrap_or(token))
        }
        Fit::None => mailbox.to_owned(),
    }
}

/// A person's slot: 20 bits of the SHA-256 of the id, never 0. Two people may share one ([`collisions`]).
#[must_use]
pub fn slot_of(person_id: &str) -> u32 {
    let digest = Sha256::digest(person_id.as_bytes());
    let first = digest.iter().take(3).fold(0u32, |value, byte| (value << 8) | u32::from(*byte));
    (first >> 4).max(1)
}

/// Pairs of different ids that share a slot; one of each pair must be renamed (`check-config` says so).
#[must_use]
pub fn collisions<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut slots: BTreeMap<u32, &'a str> = BTreeMap::new();
    let mut out = Vec::new();
    for id in ids {
        match slots.get(&slot_of(id)) {
            Some(&first) if first != id => out.push((first, id)),
            Some(_) => {}
            None => drop(slots.insert(slot_of(id), id)),
        }
    }
    out
}

/// Characters of a payload and of the two MAC lengths, for who looks for tokens in running text.
pub(super) const SHAPE: (usize, [usize; 2]) = (PAYLOAD_LEN, [MAC_LEN, SHORT_MAC_LEN]);
/// Characters of a short code.
pub(super) const CODE_LEN: usize = CODE_BITS / 5;

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
