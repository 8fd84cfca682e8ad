//! Makes people and units as they are written; whether they fit together is `cross.rs`. Called by `read.rs`.

use super::mistake::nearest;
use super::section::{Section, either};
use super::servers::{address, is_host_name};
use super::types::{Authority, Away, Person, Unit, WebForm};
use crate::mail::fields;
use crate::trust::{Certificate, CertificateFault};

/// `[[people]]`
pub(super) fn people(root: &mut Section<'_>) -> Vec<Person> {
    if !root.has("people") {
        root.missing("people", "[[people]] with id, name and email, one for each person of the office and the units");
    }
    root.sections("people").into_iter().map(person).collect()
}

fn person(mut table: Section<'_>) -> Person {
    let id = id(&mut table, "id = \"wang\"");
    let name = table.needed("name", "name = \"王秘書\"");
    let email = address(&mut table, "email", "email = \"wang@kmu.example\"");
    let roles = table.texts("roles");
    let (title, extension, phone) = (table.text("title"), table.text("extension"), table.text("phone"));
    let certificate = certificate(&mut table);
    let must_sign = table.word("require", &[("smime", true)]).unwrap_or(false);
    if must_sign && !table.has("certificate_file") {
        table.mistake("require", "asks for a signature that nothing can be held against", "add certificate_file = \"hsu.pem\"");
    }
    let away = table.sections("away").into_iter().filter_map(away).collect();
    table.done();
    Person { id, name, email, roles, title, extension, phone, certificate, must_sign, away }
}

/// `certificate_file`, relative to the config.
fn certificate(table: &mut Section<'_>) -> Option<Certificate> {
    let path = table.path("certificate_file")?;
    let read = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()));
    let hint = match read.map(|bytes| Certificate::read(&bytes)) {
        Ok(Ok(certificate)) => return Some(certificate),
        Err(what) => {
            table.mistake("certificate_file", what, "name the person's signing certificate, a PEM or DER file that the service may read");
            return None;
        }
        Ok(Err(fault)) => (
            format!("{} {fault}", path.display()),
            match fault {
                CertificateFault::Unreadable => "export the certificate alone, without its key, as PEM (-----BEGIN CERTIFICATE-----)",
                CertificateFault::Several => "leave the person's own certificate in the file, without those of its issuers",
                CertificateFault::Short | CertificateFault::Key => "use RSA of 2048 bits and more, or ECDSA on P-256 or P-384",
                CertificateFault::Usage => "use the one for signatures; the one for encryption has another key usage",
            },
        ),
    };
    table.mistake("certificate_file", hint.0, hint.1);
    None
}

fn away(mut table: Section<'_>) -> Option<Away> {
    let example = "{ from = \"2026-12-01\", to = \"2026-12-05\", deputy = \"lee\" }";
    if !table.has("from") {
        table.missing("from", example);
    }
    let (from, to) = (table.date("from"), table.date("to"));
    let deputy = table.needed("deputy", example);
    let to = to.or(if table.has("to") { None } else { from });
    let period = from.zip(to);
    if period.is_some_and(|(from, to)| to < from) {
        table.mistake("to", "lies before from", format!("write {example}"));
    }
    table.done();
    period.filter(|(from, to)| from <= to).map(|(from, to)| Away { from, to, deputy })
}

/// `[[authorities]]`
pub(super) fn authorities(root: &mut Section<'_>) -> Vec<Authority> {
    root.sections("authorities").into_iter().map(authority).collect()
}

fn authority(mut table: Section<'_>) -> Authority {
    let name = table.needed("name", "name = \"臺南市政府環境保護局\"");
    let contact = table.needed("contact", "contact = \"電話 06-268-6751\", which the complainant reads");
    let aliases = table.texts("aliases");
    let passes_on = table.texts("passes_on");
    for written in &passes_on {
        // All of a provider's customers are no authority.
        let domain = written.rsplit('@').next().unwrap_or_default();
        if written.contains('*') || !is_host_name(domain) || !domain.contains('.') {
            let hint = "write passes_on = [\"kcg.example\"], a domain, or [\"1999@kcg.example\"], an address";
            table.mistake("passes_on", format!("`{written}` is neither a domain nor an address"), hint);
        }
    }
    table.done();
    Authority { name, aliases, contact, passes_on }
}

/// `[[web_forms]]`
pub(super) fn web_forms(root: &mut Section<'_>) -> Vec<WebForm> {
    root.sections("web_forms").into_iter().map(web_form).collect()
}

fn web_form(mut table: Section<'_>) -> WebForm {
    let from = table.needed("from", "from = \"noreply@www.kmu.example\", the form's sender");
    if !from.is_empty() && !from.contains('.') {
        let hint = "write from = \"noreply@www.kmu.example\", a domain, or a pattern such as \"*@www.kmu.example\"";
        table.mistake("from", format!("`{from}` is neither an address nor a domain"), hint);
    }
    let subject = table.text("subject");
    let labels = table.pairs("labels");
    let known: Vec<&str> = fields::ids().collect();
    for (label, field) in &labels {
        if !known.contains(&field.as_str()) {
            let hint = match nearest(field, known.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("write {}", either(&known)),
            };
            table.mistake(&format!("labels.{label}"), format!("`{field}` is no field of a complaint"), hint);
        }
    }
    table.done();
    WebForm { from, subject, labels }
}

/// `[[units]]`
pub(super) fn units(root: &mut Section<'_>) -> Vec<Unit> {
    if !root.has("units") {
        root.missing("units", "[[units]] with id, name, inbox and head");
    }
    root.sections("units").into_iter().map(unit).collect()
}

fn unit(mut table: Section<'_>) -> Unit {
    let id = id(&mut table, "id = \"academic\"");
    let name = table.needed("name", "name = \"教務處\"");
    let inbox = address(&mut table, "inbox", "inbox = \"academic@kmu.example\"");
    let head = table.needed("head", "head = \"lin\", a person's id");
    let registrar = table.text("registrar");
    let (handlers, keywords) = (table.texts("handlers"), table.texts("keywords"));
    let (phone, parent) = (table.text("phone"), table.text("parent"));
    table.done();
    Unit { id, name, inbox, head, registrar, handlers, keywords, phone, parent }
}

/// An id: it must stand alone in a directive, so it has no blanks and none of the signs that mean something there.
fn id(table: &mut Section<'_>, example: &str) -> String {
    let written = table.needed("id", example);
    if written.contains(|c: char| c.is_whitespace() || c.is_control() || "#＃,，、;；=\"'<>@".contains(c)) {
        table.mistake("id", format!("`{written}` is no id"), format!("write letters, digits, - and _ only: {example}"));
    }
    written
}
