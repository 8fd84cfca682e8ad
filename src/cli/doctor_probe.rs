//! `redress doctor --probe`: a mail of each mailbox to itself, plain and with a plus address, each carrying a forged verdict. What
//! arrives tells whether plus addresses work, what the border makes of forged fields, and the strongest evidence it could give.

use std::time::Duration;

use super::output::in_words;
use crate::clock::Chance;
use crate::config::{self, Config};
use crate::daemon;
use crate::desk::{LETTER_HEADER, letter_mark};
use crate::mail::headers::RawHeaders;
use crate::trust::{self, Evidence, EvidenceMode, Keyring, dkim};
use crate::wire::Resolver;
use crate::{delivery, intake};

/// How long a mail may take.
const PATIENCE: Duration = Duration::from_secs(90);
/// And one that was sent beside another that has arrived.
const BESIDE: Duration = Duration::from_secs(20);
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// A mail on its way to ourselves.
struct Sent {
    message_id: String,
    /// What stands in the forged verdict, and nowhere else.
    mark: String,
}

/// What arrived of it.
struct Arrived {
    raw: Vec<u8>,
    headers: Vec<(String, String)>,
}

/// The two lines on a mailbox: how it is reached, and what its mails can prove.
pub(super) async fn probe(
    config: &Config,
    mailbox: &config::Mailbox,
    ring: Option<&Keyring>,
) -> Vec<(&'static str, Result<String, String>)> {
    let chance = Chance::system();
    let (plain, plus) = match (send(config, mailbox, &chance, ring, false).await, send(config, mailbox, &chance, ring, true).await) {
        (Ok(plain), plus) => (plain, plus),
        (Err(error), _) => return vec![("probe", Err(error))],
    };
    let arrived = match wait_for(mailbox, &plain, PATIENCE).await {
        Ok(Some(arrived)) => arrived,
        Ok(None) => {
            let why = format!("a mail to itself did not arrive within {} s: look at the mail server's log", PATIENCE.as_secs());
            return vec![("probe", Err(why))];
        }
        Err(error) => return vec![("probe", Err(error))],
    };
    let plus = match plus {
        // The plain one is there: what was sent beside it has had its time.
        Ok(sent) => wait_for(mailbox, &sent, BESIDE).await.map(|found| found.is_some()),
        Err(refused) => {
            tracing::debug!(refused, "the plus address was refused");
            Ok(false)
        }
    };
    let signed = own_signature(config, mailbox, &arrived, &chance).await;
    vec![("addresses", addresses(mailbox, plus)), ("proof", proof(mailbox, &arrived, &plain, signed))]
}

async fn send(config: &Config, mailbox: &config::Mailbox, chance: &Chance, ring: Option<&Keyring>, plus: bool) -> Result<Sent, String> {
    let settings = daemon::delivery_settings(config).map_err(|e| in_words(&e))?;
    let nonce: String = chance.bytes::<10>().iter().map(|b| format!("{b:02x}")).collect();
    let (local, domain) = mailbox.address.split_once('@').unwrap_or((&mailbox.address, ""));
    let to = if plus { format!("{local}+probe.{nonce}@{domain}") } else { mailbox.address.clone() };
    let id = mailbox.trusted_authserv_id.clone().unwrap_or_else(|| format!("mx.{domain}"));
    let sent = Sent { message_id: format!("probe.{nonce}@{}", config.organisation.domain), mark: format!("probe-{nonce}") };
    // Known among the sent mails as ours.
    let mark = ring.map_or_else(String::new, |ring| format!("{LETTER_HEADER}: {}\r\n", letter_mark(ring, &sent.message_id, &to)));
    // The forged field stands where an attacker's would: in the mail as it is handed over.
    let raw = format!(
        "Authentication-Results: {id}; dmarc=pass ({forged}) header.from={domain}; dkim=pass header.d={domain}\r\nFrom: <{from}>\r\nTo: <{to}>\r\nSubject: redress doctor\r\nMessage-ID: <{message_id}>\r\nDate: {date}\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n{mark}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nredress doctor --probe\r\n",
        forged = sent.mark,
        from = mailbox.address,
        message_id = sent.message_id,
        date = crate::clock::Clock::system().now().zoned(config.working_time().zone()).strftime("%a, %d %b %Y %H:%M:%S %z"),
    );
    match delivery::say(&settings, &mailbox.address, &to, raw.as_bytes()).await {
        Ok(None) => Ok(sent),
        Ok(Some(refused)) => Err(format!("{to}: {refused}")),
        Err(error) => Err(error.to_string()),
    }
}

async fn wait_for(mailbox: &config::Mailbox, sent: &Sent, patience: Duration) -> Result<Option<Arrived>, String> {
    let settings = daemon::intake_settings(mailbox).map_err(|e| in_words(&e))?;
    let looking = async {
        loop {
            match intake::find(&settings, &sent.message_id).await {
                Ok(Some(raw)) => {
                    let headers = RawHeaders::parse(&raw).iter().map(|f| (f.name.clone(), f.value())).collect();
                    return Ok(Arrived { raw, headers });
                }
                Ok(None) => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(error.to_string()),
            }
        }
    };
    match tokio::time::timeout(patience, looking).await {
        Ok(Ok(arrived)) => Ok(Some(arrived)),
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// How replies find their case.
fn addresses(mailbox: &config::Mailbox, plus: Result<bool, String>) -> Result<String, String> {
    match (plus?, mailbox.plus_addressing) {
        (true, true) => Ok("plus addresses arrive: replies are known by their address".to_owned()),
        (true, false) => Ok("plus addresses arrive: plus_addressing = true would spare people a confirmation".to_owned()),
        (false, true) => {
            Err("plus addresses do not arrive, so replies would be lost: set plus_addressing = false, or let the server take them"
                .to_owned())
        }
        (false, false) => Ok("plus addresses do not arrive; replies are known by their thread and their subject's mark".to_owned()),
    }
}

/// Whether the mail carries a signature of its own domain that holds.
async fn own_signature(config: &Config, mailbox: &config::Mailbox, arrived: &Arrived, chance: &Chance) -> bool {
    let resolver: Resolver = daemon::resolver(config, chance);
    let domain = mailbox.address.rsplit_once('@').map_or("", |(_, domain)| domain).to_ascii_lowercase();
    let mut keys = std::collections::BTreeMap::new();
    for name in dkim::key_names(&arrived.raw, &domain) {
        if let Ok(records) = resolver.txt(&name).await
            && let Some(record) = records.into_iter().find(|r| r.contains("p="))
        {
            keys.insert(name, record);
        }
    }
    dkim::verify(&arrived.raw, &domain, crate::clock::Clock::system().now().unix(), &keys).is_ok()
}

/// What a mail of this very server can prove, strongest first, and what the border did with the forged verdict.
fn proof(mailbox: &config::Mailbox, arrived: &Arrived, sent: &Sent, signed: bool) -> Result<String, String> {
    let trusted = mailbox.trusted_authserv_id.as_deref();
    let says = |mode| {
        let found = trust::evaluate_for(mode, &arrived.headers, trusted, Some(&mailbox.address));
        matches!(found, Evidence::Proven { .. })
    };
    let forged =
        arrived.headers.iter().position(|(name, value)| name.eq_ignore_ascii_case("Authentication-Results") && value.contains(&sent.mark));
    let first = arrived.headers.iter().position(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"));
    if says(EvidenceMode::Dmarc) && forged.is_some() && forged == first {
        return Err(format!(
            "the border lets a forged verdict of {} through as its own: nobody's mail proves anything here; set evidence = \"confirm\" and let the border remove such fields (RFC 8601 §5)",
            trusted.unwrap_or_default()
        ));
    }
    let possible: Vec<&str> = [(signed, "dkim"), (says(EvidenceMode::Dmarc), "dmarc"), (says(EvidenceMode::Internal), "internal")]
        .into_iter()
        .filter(|(yes, _)| *yes)
        .map(|(_, name)| name)
        .collect();
    let mut said = vec![match possible.first() {
        Some(strongest) => {
            format!("a mail from here proves itself by {}; the strongest is evidence = \"{strongest}\"", possible.join(", "))
        }
        None => "a mail from here proves nothing of itself: evidence = \"confirm\" is the strongest".to_owned(),
    }];
    let named =
        arrived.headers.iter().find(|(name, value)| name.eq_ignore_ascii_case("Authentication-Results") && !value.contains(&sent.mark));
    if trusted.is_none()
        && let Some(id) = named.and_then(|(_, value)| value.split(';').next()).map(str::trim).filter(|id| !id.contains('='))
    {
        said.push(format!("the server signs its verdicts as {id}: that could be trusted_authserv_id"));
    }
    if forged.is_some() {
        said.push("the border left a forged verdict in the mail: redress looks above the border's Received line alone, and the border should remove it (RFC 8601 §5)".to_owned());
    }
    let mine = match mailbox.evidence {
        config::Evidence::Dmarc => Some("dmarc"),
        config::Evidence::Dkim => Some("dkim"),
        config::Evidence::Internal => Some("internal"),
        config::Evidence::Confirm => None,
        config::Evidence::Token => {
            said.push("evidence = \"token\" is weaker than any of these: whoever is forwarded a letter can act with it".to_owned());
            None
        }
    };
    if let Some(mine) = mine.filter(|mine| !possible.contains(mine)) {
        said.push(format!(
            "evidence = \"{mine}\" is set, which mail from here cannot give: colleagues on this server will be asked to confirm each act"
        ));
    }
    Ok(said.join("; "))
}
