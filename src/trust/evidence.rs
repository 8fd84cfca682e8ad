//! What proves a sender: our own reader of `Authentication-Results` (RFC 8601) and of the border's `Received` line, over raw
//! header lines in the order in which they stand. Whatever an attacker writes into his mail ends up below the line that our
//! border adds, so only what stands above it counts; where that line cannot be told for certain, nothing is proved.
//! The other readers of headers (mail-parser, mail::headers) are for content: they hand out the last field of a name.

use super::lexer::{Piece, pieces};
use super::rules::EvidenceMode;

/// Whether the sender in From is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Proved; `how` is kept with the decision (it names method, authserv-id and domain).
    Proven {
        /// For the record, e.g. `dmarc=pass header.from=kmu.example by mx.kmu.example`.
        how: String,
    },
    /// His own signature over what he asks for, under the certificate that the directory knows (S/MIME); `how` names it.
    Signed {
        /// For the record: subject, serial and fingerprint of the certificate.
        how: String,
    },
    /// Not proved, and why.
    Missing(Reason),
}

/// Why a sender is not proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No border is configured whose word could count.
    NoTrustedId,
    /// From is missing, doubled, holds several mailboxes, or is not a plain address.
    AmbiguousFrom,
    /// No `Received` line by the border.
    NoBorder,
    /// A `Received` line names the border in a way that cannot be read for certain (a HELO name may hold anything).
    UnclearBorder,
    /// No `Authentication-Results` above the border's line.
    NoResult,
    /// The first one is another server's.
    OtherAuthserv,
    /// It is not well-formed, or of a version that we do not know.
    Malformed,
    /// It says nothing about the method that is asked for.
    NoMethod,
    /// It says it twice.
    Ambiguous,
    /// DMARC did not pass (also none, temperror, bestguesspass).
    DmarcFail,
    /// DKIM did not pass for the domain in From.
    DkimFail,
    /// The key of the signature cannot be had, or is none.
    NoKey,
    /// The signature covers neither the recipients nor the subject in a way that names this mailbox or this case: the mail may
    /// have been written to somebody else.
    NotForUs,
    /// It passed without saying for which domain.
    NoDomain,
    /// It passed for another domain than the one in From.
    DomainMismatch,
    /// The border did not take the mail from somebody who had logged in.
    NotInternal,
    /// The mode asks for no such evidence.
    NotAsked,
    /// An S/MIME signature that cannot be read or does not hold.
    BadSignature,
    /// It is by another certificate than the one that the directory knows of this person.
    OtherSigner,
    /// It rests on SHA-1, MD5 or an unknown digest.
    WeakDigest,
    /// It does not sign its content's type, digest and time.
    NoSignedAttributes,
    /// Its time is missing, in the future, long ago, or before what it decides was asked.
    SignedAtOddTime,
    /// The certificate was not valid then.
    CertificateExpired,
    /// What it signs does not ask for this, or names neither this case nor this step.
    NotInSigned,
    /// The same signature has counted before.
    SignedBefore,
}

impl Reason {
    /// A short name for trails and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoTrustedId => "no_trusted_id",
            Self::AmbiguousFrom => "ambiguous_from",
            Self::NoBorder => "no_border",
            Self::UnclearBorder => "unclear_border",
            Self::NoResult => "no_result",
            Self::OtherAuthserv => "other_authserv",
            Self::Malformed => "malformed",
            Self::NoMethod => "no_method",
            Self::Ambiguous => "ambiguous",
            Self::DmarcFail => "dmarc_fail",
            Self::DkimFail => "dkim_fail",
            Self::NoKey => "no_key",
            Self::NotForUs => "not_for_us",
            Self::NoDomain => "no_domain",
            Self::DomainMismatch => "domain_mismatch",
            Self::NotInternal => "not_internal",
            Self::NotAsked => "not_asked",
            Self::BadSignature => "bad_signature",
            Self::OtherSigner => "other_signer",
            Self::WeakDigest => "weak_digest",
            Self::NoSignedAttributes => "no_signed_attributes",
            Self::SignedAtOddTime => "signed_at_odd_time",
            Self::CertificateExpired => "certificate_expired",
            Self::NotInSigned => "not_in_signed",
            Self::SignedBefore => "signed_before",
        }
    }
}

/// Whether DMARC proves the sender: the first `Authentication-Results` above the border's `Received` line (the topmost one
/// `by` the trusted id) carries our id, `dmarc=pass`, and a `header.from` equal to the domain of the one From.
///
/// `headers` are (name, raw value) in the order of the mail, top first; folding may be left in. `strict_from` is the address of
/// the one From field as `mail::headers` reads it strictly, `None` where it is not exactly one plain address.
#[must_use]
pub fn evaluate(headers: &[(String, String)], trusted_authserv_id: Option<&str>, strict_from: Option<&str>) -> Evidence {
    evaluate_for(EvidenceMode::Dmarc, headers, trusted_authserv_id, strict_from)
}

/// As [`evaluate`], by the means that the mailbox's mode asks for.
#[must_use]
pub fn evaluate_for(
    mode: EvidenceMode,
    headers: &[(String, String)],
    trusted_authserv_id: Option<&str>,
    strict_from: Option<&str>,
) -> Evidence {
    let verdict = match mode {
        EvidenceMode::Dmarc | EvidenceMode::Dkim | EvidenceMode::Internal => judge(mode, headers, trusted_authserv_id, strict_from),
        EvidenceMode::Confirm | EvidenceMode::Token => Err(Reason::NotAsked),
    };
    match verdict {
        Ok(how) => Evidence::Proven { how },
        Err(reason) => Evidence::Missing(reason),
    }
}

/// Whether the border itself says that the sender in From is not who he claims to be: `dmarc=fail`, read as [`evaluate`] reads a pass.
/// No word, `none` or an error refute nobody.
#[must_use]
pub fn refuted(headers: &[(String, String)], trusted_authserv_id: Option<&str>, strict_from: Option<&str>) -> bool {
    let said = said(headers, trusted_authserv_id, strict_from);
    said.is_ok_and(|(field, _, _)| field.results.iter().any(|r| r.method == "dmarc" && r.result == "fail"))
}

fn judge(mode: EvidenceMode, headers: &[(String, String)], trusted: Option<&str>, from: Option<&str>) -> Result<String, Reason> {
    if mode == EvidenceMode::Internal {
        let (id, _, border) = placed(headers, trusted, from)?;
        let above = headers.get(..border).unwrap_or(&[]);
        let line = headers.get(border).map_or("", |(_, value)| value.as_str());
        return internal(line, above).then(|| format!("internal submission by {id}")).ok_or(Reason::NotInternal);
    }
    let (field, from, id) = said(headers, trusted, from)?;
    if mode == EvidenceMode::Dkim { dkim(&field, &from, &id) } else { dmarc(&field, &from, &id) }
}

/// The trusted id, the domain in From, and the place of the border's line.
fn placed(headers: &[(String, String)], trusted: Option<&str>, from: Option<&str>) -> Result<(String, String, usize), Reason> {
    let id = trusted.map(plain_domain).filter(|id| !id.is_empty()).ok_or(Reason::NoTrustedId)?;
    let from = from.and_then(domain_of).ok_or(Reason::AmbiguousFrom)?;
    let border = border(headers, &id)?;
    Ok((id, from, border))
}

/// What the border says in its own field, with the domain in From and the border's id.
fn said(headers: &[(String, String)], trusted: Option<&str>, from: Option<&str>) -> Result<(Field, String, String), Reason> {
    let (id, from, border) = placed(headers, trusted, from)?;
    let above = headers.get(..border).unwrap_or(&[]);
    let (_, value) = above.iter().find(|(name, _)| is_named(name, "Authentication-Results")).ok_or(Reason::NoResult)?;
    let field = parse(value)?;
    if field.authserv_id.contains(char::is_whitespace) || plain_domain(&field.authserv_id) != id {
        return Err(Reason::OtherAuthserv);
    }
    Ok((field, from, id))
}

fn dmarc(field: &Field, from: &str, id: &str) -> Result<String, Reason> {
    let mut results = field.results.iter().filter(|r| r.method == "dmarc");
    let result = results.next().ok_or(Reason::NoMethod)?;
    if results.next().is_some() {
        return Err(Reason::Ambiguous);
    }
    if result.result != "pass" {
        return Err(Reason::DmarcFail);
    }
    let mut domains = result.properties.iter().filter(|(name, _)| name == "header.from").map(|(_, value)| value);
    let domain = domains.next().ok_or(Reason::NoDomain)?;
    if domains.next().is_some() {
        return Err(Reason::Ambiguous);
    }
    if domain_or_address(domain) != from {
        return Err(Reason::DomainMismatch);
    }
    Ok(format!("dmarc=pass header.from={from} by {id}"))
}

/// DKIM in the border's words: one signature that passed, of exactly the domain in From.
fn dkim(field: &Field, from: &str, id: &str) -> Result<String, Reason> {
    let mut results = field.results.iter().filter(|r| r.method == "dkim").peekable();
    results.peek().ok_or(Reason::NoMethod)?;
    let passed: Vec<&Outcome> = results.filter(|r| r.result == "pass").collect();
    if passed.is_empty() {
        return Err(Reason::DkimFail);
    }
    let signer = |r: &&Outcome| {
        r.properties
            .iter()
            .filter(|(name, _)| name == "header.d" || name == "header.i")
            .map(|(_, v)| domain_or_address(v))
            .collect::<Vec<_>>()
    };
    if passed.iter().all(|r| signer(r).is_empty()) {
        return Err(Reason::NoDomain);
    }
    let aligned = passed.iter().any(|r| {
        let domains = signer(r);
        !domains.is_empty() && domains.iter().all(|d| d == from)
    });
    if aligned { Ok(format!("dkim=pass header.d={from} by {id}")) } else { Err(Reason::DomainMismatch) }
}

/// The border took the mail from a login (RFC 3848: ESMTPA, ESMTPSA; RFC 6531: UTF8SMTPA, UTF8SMTPSA; `LMTPA` likewise), or
/// Exchange stamped it as its own above that line.
fn internal(line: &str, above: &[(String, String)]) -> bool {
    const LOGGED_IN: [&str; 6] = ["esmtpa", "esmtpsa", "utf8smtpa", "utf8smtpsa", "lmtpa", "lmtpsa"];
    let with = received(line).and_then(|r| r.with);
    let stamps = above.iter().filter(|(name, _)| is_named(name, "X-MS-Exchange-Organization-AuthAs"));
    let mut stamps = stamps.map(|(_, value)| value.trim().eq_ignore_ascii_case("internal")).peekable();
    with.is_some_and(|with| LOGGED_IN.contains(&with.as_str())) || (stamps.peek().is_some() && stamps.all(|internal| internal))
}

/// The place of the topmost `Received` line by `id`. A line above it that mentions `by id` in any other way may be the border's
/// own, bent by what the sender said in HELO; then a line further down may be the attacker's, so none is taken.
fn border(headers: &[(String, String)], id: &str) -> Result<usize, Reason> {
    for (place, (name, value)) in headers.iter().enumerate() {
        if !is_named(name, "Received") {
            continue;
        }
        match received(value) {
            Some(line) if line.by == id => return Ok(place),
            Some(_) if mentions_by(value, id) => return Err(Reason::UnclearBorder),
            None if value.to_ascii_lowercase().contains(id) => return Err(Reason::UnclearBorder),
            Some(_) | None => {}
        }
    }
    Err(Reason::NoBorder)
}

struct Received {
    by: String,
    with: Option<String>,
}

/// Reads `[from WORD …] by WORD …; date` (RFC 5321 §4.4) with one `by` outside comments and quotes. A second one, or none, may
/// be the sender's doing and makes the line unreadable.
fn received(value: &str) -> Option<Received> {
    let pieces = pieces(value)?;
    let mut words: Vec<(String, bool)> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Word { text, quoted, joined } => match words.last_mut() {
                // joined words come of `=` and `;` alone
                Some((last, _)) if joined => last.push_str(&text),
                _ => words.push((text.to_ascii_lowercase(), quoted)),
            },
            Piece::Equals { .. } => words.last_mut()?.0.push('='),
            Piece::Semicolon => break,
        }
    }
    let (first, _) = words.first()?;
    if first != "from" && first != "by" {
        return None;
    }
    let mut places = words.iter().enumerate().filter(|(_, (text, quoted))| text == "by" && !quoted).map(|(at, _)| at);
    let (by, None) = (places.next()? + 1, places.next()) else { return None };
    let with = words.iter().position(|(text, quoted)| text == "with" && !quoted).and_then(|at| words.get(at + 1));
    Some(Received { by: plain_domain(&words.get(by)?.0), with: with.map(|(text, _)| text.clone()) })
}

/// Whether the raw text holds the word `by` directly before `id`, wherever: in comments and quotes too.
fn mentions_by(value: &str, id: &str) -> bool {
    let text = value.to_ascii_lowercase();
    text.match_indices(id).any(|(at, _)| {
        let before = text.get(..at).unwrap_or("").trim_end_matches(|c: char| c.is_whitespace() || "\"<[(".contains(c));
        let rest = before.strip_suffix("by");
        before.len() < at && rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.'))
    })
}

#[derive(Debug)]
struct Field {
    authserv_id: String,
    results: Vec<Outcome>,
}

#[derive(Debug)]
struct Outcome {
    method: String,
    result: String,
    properties: Vec<(String, String)>,
}

/// `authserv-id [version] *( ";" resinfo )` or `authserv-id [version] ";" "none"` (RFC 8601 §2.2). Exchange's `action=none`,
/// a property without a type, is let pass; everything else that does not fit makes the whole field worthless.
fn parse(value: &str) -> Result<Field, Reason> {
    let pieces = pieces(value).ok_or(Reason::Malformed)?;
    let mut parts = pieces.split(|piece| *piece == Piece::Semicolon);
    let authserv_id = match parts.next().unwrap_or(&[]) {
        [Piece::Word { text, .. }] => text,
        [Piece::Word { text, .. }, Piece::Word { text: version, joined: false, .. }] if version == "1" => text,
        // `spf=pass …` without an id, as Exchange Online writes it: nobody's word
        [Piece::Word { .. }, Piece::Equals { .. }, ..] => return Err(Reason::OtherAuthserv),
        _ => return Err(Reason::Malformed),
    };
    let mut results = Vec::new();
    for part in parts {
        match part {
            // a semicolon at the end
            [] => {}
            [Piece::Word { text, quoted: false, .. }] if text.eq_ignore_ascii_case("none") => {}
            _ => results.push(outcome(part).ok_or(Reason::Malformed)?),
        }
    }
    Ok(Field { authserv_id: authserv_id.clone(), results })
}

/// `method[/version] = result *( property = value )`.
fn outcome(mut part: &[Piece]) -> Option<Outcome> {
    let (method, result) = pair(&mut part)?;
    let method = match method.split_once('/') {
        None => method,
        Some((method, "1")) => method.to_owned(),
        Some(_) => return None,
    };
    let keyword = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let result = result.to_ascii_lowercase();
    if !keyword(&method) || !keyword(&result) {
        return None;
    }
    let mut properties = Vec::new();
    while !part.is_empty() {
        properties.push(pair(&mut part)?);
    }
    Some(Outcome { method, result, properties })
}

/// Takes `name = value` off the front. The name is bare and comes in lower case. A value goes on as long as nothing divides it
/// (`header.b=ab/c==`). White space is allowed around the sign, and around the dot of a name only in theory: refused.
fn pair(part: &mut &[Piece]) -> Option<(String, String)> {
    let [Piece::Word { text: name, quoted: false, .. }, Piece::Equals { .. }, Piece::Word { text: first, .. }, rest @ ..] = *part else {
        return None;
    };
    let mut value = first.clone();
    let mut rest = rest;
    loop {
        match rest {
            [Piece::Word { text, joined: true, .. }, after @ ..] => {
                value.push_str(text);
                rest = after;
            }
            [Piece::Equals { joined: true }, after @ ..] => {
                value.push('=');
                rest = after;
            }
            _ => break,
        }
    }
    *part = rest;
    Some((name.to_ascii_lowercase(), value))
}

fn is_named(name: &str, wanted: &str) -> bool {
    name.trim().trim_end_matches(':').trim_end().eq_ignore_ascii_case(wanted)
}

/// Lower case, without a dot at the end.
fn plain_domain(text: &str) -> String {
    text.trim().trim_end_matches('.').to_ascii_lowercase()
}

/// The domain of a property that may be `kmu.example`, `@kmu.example` or `wang@kmu.example`.
fn domain_or_address(text: &str) -> String {
    plain_domain(text.rsplit_once('@').map_or(text, |(_, domain)| domain))
}

/// The domain of one plain ASCII address; `None` for anything else.
fn domain_of(address: &str) -> Option<String> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>(),;:\\\"@".contains(&b));
    (plain(local) && plain(domain)).then(|| plain_domain(domain)).filter(|d| !d.is_empty())
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
