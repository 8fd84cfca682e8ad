//! From a config to a house: each room's Settings are composed here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use secrecy::ExposeSecret;

use super::Profile;
use crate::calendar::Day;
use crate::clock::{Chance, Clock};
use crate::config::{self, Config};
use crate::desk::{self, Desk};
use crate::domain::directory::{Away, Directory, Person, Unit};
use crate::domain::procedure::{Authority, Dispatch, Procedure};
use crate::domain::{InForce, Language, Office, PersonId, RoleId, UnitId};
use crate::render::{Press, Words};
use crate::store::{self, Store};
use crate::trust::{Certificate, EvidenceMode};
use crate::wire::{Dial, Endpoint, Login, Resolver, Tls, TokenSource};
use crate::{delivery, intake};

/// Automatic letters to one outside address a day.
const AUTOMATIC_A_DAY: i64 = 20;

/// Everything, composed and ready to be started.
#[derive(Debug, Clone)]
pub struct House {
    /// The clerk.
    pub desk: Desk,
    /// One for each mailbox.
    pub intake: Vec<intake::Settings>,
    /// How letters leave.
    pub delivery: delivery::Settings,
    /// How short messages leave, where there is a way.
    pub sms: Option<delivery::SmsSettings>,
    /// The config that it was made from.
    pub config: Config,
}

impl House {
    /// Opens the store and composes the rooms.
    ///
    /// # Errors
    /// What an operator must mend, in words that say so.
    pub async fn open(config: Config, clock: Clock, chance: Chance) -> Result<Self> {
        let store = Store::open(config.store.url.expose_secret()).await.context("the store cannot be opened")?;
        let profile = profile(&config)?;
        let calendar = config.working_time().with_days(imported(&store).await?);
        let mut office = office(&config, &profile, calendar);
        let configured = office.directory.clone();
        let list = Box::pin(store::directory::in_force(&store)).await?.map(|v| v.roster).unwrap_or_default();
        office.directory = list.over(&configured);
        let overlay = config.templates.overlay.as_deref();
        let words = Words::load(overlay).context("the templates cannot be read")?;
        Press::threads()
            .context("the threads that set forms cannot be started: is there too little memory, or are too many tasks running?")?;
        let press = press(&config.forms.fonts, overlay);
        let keyring = super::keys::keyring(&config, &store, &chance, clock.now(), &office.calendar).await?;
        let desk = Desk {
            store,
            words: Arc::new(words),
            press: press.map(Arc::new),
            office: Arc::new(InForce::new(office)),
            configured: Arc::new(configured),
            questionnaire: Arc::new(profile.questionnaire),
            keyring: Arc::new(keyring),
            clock,
            chance,
            settings: Arc::new(settings(&config)),
        };
        let mut intake: Vec<intake::Settings> = config.mailboxes.iter().map(intake_settings).collect::<Result<_>>()?;
        for (settings, mailbox) in intake.iter_mut().zip(&config.mailboxes) {
            settings.signing = (mailbox.evidence == config::Evidence::Dkim).then(|| signing(&config, &desk));
        }
        let delivery = delivery_settings(&config)?;
        let sms = config.sms.as_ref().map(sms_settings).transpose()?;
        Ok(Self { desk, intake, delivery, sms, config })
    }
}

/// The profile that a config names.
///
/// # Errors
/// As [`Profile`] says.
pub fn profile(config: &Config) -> Result<Profile> {
    match &config.organisation.profile {
        config::Profile::Shipped(name) => Profile::shipped(name),
        config::Profile::File(path) => Profile::file(path),
    }
}

/// The days that `calendar import` has put into the store.
///
/// # Errors
/// As the store says.
pub async fn imported(store: &Store) -> Result<Vec<(jiff::civil::Date, Day)>> {
    let days = store::calendar::days(store).await?;
    Ok(days.into_iter().filter_map(|(date, working, note, source)| Some((date.parse().ok()?, Day { working, note, source }))).collect())
}

fn settings(config: &Config) -> desk::Settings {
    let mailbox = |m: &config::Mailbox| desk::Mailbox {
        address: m.address.clone(),
        folder: m.folder.clone(),
        plus_addressing: m.plus_addressing,
        trusted_authserv_id: m.trusted_authserv_id.clone(),
        evidence: match m.evidence {
            config::Evidence::Dmarc => EvidenceMode::Dmarc,
            config::Evidence::Dkim => EvidenceMode::Dkim,
            config::Evidence::Internal => EvidenceMode::Internal,
            config::Evidence::Confirm => EvidenceMode::Confirm,
            config::Evidence::Token => EvidenceMode::Token,
        },
    };
    desk::Settings {
        organisation: config.organisation.name.clone(),
        office: config.organisation.office.clone(),
        domain: config.organisation.domain.clone(),
        mailboxes: config.mailboxes.iter().map(mailbox).collect(),
        public_url: config.survey.as_ref().map(|s| s.public_url.trim_end_matches('/').to_owned()),
        signature_lines: Vec::new(),
        digest_at: config.digest.at,
        people_review: config.digest.people,
        automatic_a_day: AUTOMATIC_A_DAY,
        receipt: config.intake.receipt,
        confirm_major: config.trust.confirm_major,
        passers_on: config.authorities.iter().filter(|a| !a.passes_on.is_empty()).map(passer_on).collect(),
        web_forms: config.web_forms.iter().map(web_form).collect(),
        probe: config.probe.map(|p| desk::Probe { every: p.every, late_after: p.late_after }),
        certificates: signing_certificates(config),
        must_sign: must_sign(config),
        second_person: desk::SecondPerson {
            address: config.trust.second_person.contains(&config::SecondPerson::Address),
            purge: config.trust.second_person.contains(&config::SecondPerson::Purge),
            release: config.trust.second_person.contains(&config::SecondPerson::Release),
        },
        language: match config.organisation.locale {
            config::Locale::ZhTw => Language::ZhTw,
            config::Locale::En => Language::En,
        },
    }
}

fn passer_on(authority: &config::Authority) -> desk::PasserOn {
    desk::PasserOn { name: authority.name.clone(), senders: authority.passes_on.clone() }
}

fn web_form(form: &config::WebForm) -> desk::WebForm {
    desk::WebForm { from: form.from.clone(), subject: form.subject.clone(), labels: form.labels.clone() }
}

fn signing_certificates(config: &Config) -> BTreeMap<PersonId, Certificate> {
    config.people.iter().filter_map(|p| Some((PersonId(p.id.clone()), p.certificate.clone()?))).collect()
}

/// Who must sign: by himself, or by a role of his.
fn must_sign(config: &Config) -> BTreeSet<PersonId> {
    let asked = |p: &&config::Person| p.must_sign || p.roles.iter().any(|role| config.trust.require_smime.contains(role));
    config.people.iter().filter(asked).map(|p| PersonId(p.id.clone())).collect()
}

/// People, units, calendar and procedure as the clerk uses them.
#[must_use]
pub fn office(config: &Config, profile: &Profile, calendar: crate::calendar::Calendar) -> Office {
    let person = |p: &config::Person| {
        let away = |a: &config::Away| Away { from: a.from, to: a.to, deputy: PersonId(a.deputy.clone()) };
        Person {
            id: PersonId(p.id.clone()),
            name: p.name.clone(),
            email: p.email.clone(),
            roles: p.roles.iter().cloned().map(RoleId).collect(),
            title: p.title.clone().unwrap_or_default(),
            extension: p.extension.clone().unwrap_or_default(),
            phone: p.phone.clone().unwrap_or_default(),
            away: p.away.iter().map(away).collect(),
        }
    };
    let unit = |u: &config::Unit| Unit {
        id: UnitId(u.id.clone()),
        name: u.name.clone(),
        inbox: u.inbox.clone(),
        head: PersonId(u.head.clone()),
        registrar: u.registrar.clone().map(PersonId),
        handlers: u.handlers.iter().cloned().map(PersonId).collect(),
        keywords: u.keywords.clone(),
        phone: u.phone.clone().unwrap_or_default(),
        parent: u.parent.clone().map(UnitId),
    };
    let authority = |a: &config::Authority| Authority { name: a.name.clone(), aliases: a.aliases.clone(), contact: a.contact.clone() };
    Office {
        procedure: Procedure {
            // The organisation's own go before those that the profile brings.
            authorities: config.authorities.iter().map(authority).chain(profile.procedure.authorities.iter().cloned()).collect(),
            ..profile.procedure.clone()
        },
        calendar,
        directory: Directory {
            people: config.people.iter().map(person).map(|p| (p.id.clone(), p)).collect(),
            units: config.units.iter().map(unit).map(|u| (u.id.clone(), u)).collect(),
            ladder: profile.procedure.ladder(),
            ..Directory::default()
        },
        dispatch: match config.intake.dispatch {
            Some(config::Dispatch::Auto) => Dispatch::Auto,
            Some(config::Dispatch::Review) => Dispatch::Review,
            None => profile.procedure.dispatch,
        },
        recall_seconds: config.answer.recall_window,
        sms: config.sms.is_some(),
    }
}

/// The press; none where no font is at hand: letters then go without their forms, and every digest says so.
fn press(fonts: &[PathBuf], overlay: Option<&Path>) -> Option<Press> {
    let opened = Press::open(fonts).and_then(|p| match overlay {
        Some(folder) => p.with_overlay(folder),
        None => Ok(p),
    });
    match opened {
        Ok(press) => Some(press),
        Err(error) => {
            tracing::error!(%error, "forms cannot be printed");
            None
        }
    }
}

/// How a mailbox is read.
///
/// # Errors
/// A login or a certificate that this version cannot use, in words for the operator.
pub fn intake_settings(mailbox: &config::Mailbox) -> Result<intake::Settings> {
    let login = login(&mailbox.imap)?.with_context(|| format!("{}: the IMAP server needs a login", mailbox.address))?;
    let mut settings = intake::Settings::new(mailbox.address.clone(), endpoint(&mailbox.imap)?, login);
    settings.folder.clone_from(&mailbox.folder);
    settings.processed_folder = Some(mailbox.processed_folder.clone()).filter(|f| !f.is_empty());
    settings.sent_folder.clone_from(&mailbox.sent_folder);
    settings.quarantine_folder = Some(mailbox.quarantine_folder.clone()).filter(|f| !f.is_empty());
    settings.idle = mailbox.idle;
    settings.poll_interval = std::time::Duration::from_secs(u64::try_from(mailbox.poll_interval).unwrap_or(60));
    settings.take_since = mailbox.take_since;
    settings.size_limit = mailbox.size_limit_mib.saturating_mul(1024 * 1024);
    Ok(settings)
}

/// Whose DKIM signatures are checked: those of the domains of everybody in the directory, and of who passes complaints on.
fn signing(config: &Config, desk: &Desk) -> intake::Signing {
    let people = desk.office.directory.people.values();
    let people = people.filter_map(|p| Some(p.email.rsplit_once('@')?.1.trim().to_ascii_lowercase()));
    let authorities = config.authorities.iter().flat_map(|a| &a.passes_on).filter_map(|s| s.rsplit('@').next());
    let domains = people.chain(authorities.map(|d| d.trim().to_ascii_lowercase())).collect();
    intake::Signing { domains, resolver: resolver(config, &desk.chance) }
}

/// Who is asked for public keys.
#[must_use]
pub fn resolver(config: &Config, chance: &Chance) -> Resolver {
    match config.trust.resolver {
        Some(at) => Resolver::at(vec![at], chance.clone()),
        None => Resolver::system(chance.clone()),
    }
}

/// How short messages leave.
///
/// # Errors
/// A certificate that this version cannot use, in words for the operator.
pub fn sms_settings(sms: &config::Sms) -> Result<delivery::SmsSettings> {
    Ok(delivery::SmsSettings {
        endpoint: Endpoint {
            host: sms.url.host.clone(),
            port: sms.url.port,
            tls: if sms.url.secure { Tls::Implicit } else { Tls::None },
            extra_roots: match &sms.ca_file {
                Some(path) => certificates(path)?,
                None => Vec::new(),
            },
            dial: crate::wire::Dial::default(),
        },
        target: sms.url.target.clone(),
        token: sms.token.clone(),
    })
}

/// How letters leave.
///
/// # Errors
/// A login or a certificate that this version cannot use, in words for the operator.
pub fn delivery_settings(config: &Config) -> Result<delivery::Settings> {
    let server = &config.smtp.server;
    let mut settings = delivery::Settings::new(endpoint(server)?, login(server)?, config.smtp.hello.clone());
    settings.connections = config.smtp.connections;
    settings.copies = config.mailboxes.iter().any(|m| m.sent_folder.is_some()).then(delivery::Copies::new);
    Ok(settings)
}

fn endpoint(server: &config::Server) -> Result<Endpoint> {
    Ok(Endpoint {
        host: server.host.clone(),
        port: server.port,
        tls: match server.tls {
            config::Tls::Implicit => Tls::Implicit,
            config::Tls::StartTls => Tls::StartTls,
            config::Tls::None => Tls::None,
        },
        extra_roots: match &server.ca_file {
            Some(path) => certificates(path)?,
            None => Vec::new(),
        },
        dial: Dial::Network,
    })
}

/// The certificates of a PEM file, as DER.
fn certificates(path: &Path) -> Result<Vec<Vec<u8>>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}: ca_file cannot be read", path.display()))?;
    let mut found = Vec::new();
    for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let body: String = block.split("-----END").next().unwrap_or_default().split_whitespace().collect();
        let der = data_encoding::BASE64.decode(body.as_bytes()).with_context(|| format!("{}: not a PEM certificate", path.display()))?;
        found.push(der);
    }
    if found.is_empty() {
        bail!("{}: holds no certificate (PEM, BEGIN CERTIFICATE)", path.display());
    }
    Ok(found)
}

fn login(server: &config::Server) -> Result<Option<Login>> {
    let Some(login) = &server.login else { return Ok(None) };
    let user = login.username.clone();
    Ok(Some(match &login.secret {
        config::Secret::Password(password) => Login::Password { user, password: password.clone() },
        config::Secret::OAuth2(config::OAuth2::TokenFile(path)) => Login::OAuth2 { user, tokens: TokenSource::file(path.clone()) },
        config::Secret::OAuth2(config::OAuth2::Client(_)) => {
            bail!(
                "oauth2: this version does not fetch tokens by itself; let a helper write them to a file and name it in oauth2.access_token_file"
            )
        }
    }))
}
