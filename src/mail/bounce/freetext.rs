//! Delivery reports in words alone: Exim, qmail, Gmail of old, Notes, Mail2000, Exchange and the many that never learnt RFC 3464.
//!
//! Needs a machine's address or the null sender, and the words of a report; a person who complains about a returned mail has neither.

use super::super::classify::View;
use super::{Bounce, Recipient, enhanced_code, reply_code};

/// Names of mail systems, as a part of the author's name or address, lower case.
#[rustfmt::skip]
const DAEMONS: &[&str] = &[
    "mailer-daemon", "mailer_daemon", "mailerdaemon", "mail delivery", "maildelivery", "mail-daemon", "postmaster", "post_master",
    "post.master", "mail administrator", "system administrator", "mail system", "mailsystem", "delivery subsystem", "郵件系統",
    "邮件系统", "系統管理員", "ndr administrator", "mdaemon", "microsoftexchange", "microsoft exchange", "mail server", "interscan",
    "mailmarshal", "郵件伺服器", "郵件遞送", "邮件服务器", "退信", "internet mail delivery",
    "mail delivery service", "mail-delivery", "mail router", "mail deliverer", "mail transfer agent", "mail gateway", "email delivery", "returned mail", "bounce handler", "mailgate", "mailsweeper", "mail security", "smtp server", "mail manager", "administrador del sistema", "administrateur système", "systemadministrator", "システム管理者", "メール配信", "郵件系統管理員", "郵局系統", "邮局", "notes mailer", "mail delivery agent", "mailer daemon", "mail robot",
];

/// Phrases of a report's subject, lower case.
#[rustfmt::skip]
const SUBJECTS: &[&str] = &[
    "undeliver", "undelivered", "delivery status", "delivery failure", "delivery failed", "delivery problem", "delivery has failed",
    "delivery report", "delivery notification", "delivery error", "delivery delayed", "failure notice", "failed delivery",
    "returned mail", "mail failure", "mail error", "mail system error", "returning message", "non-delivery", "nondeliverable",
    "non delivery", "not delivered", "could not be delivered", "message status", "could not send", "could not be sent",
    "there was an error sending your mail", "mail could not", "rejected mail", "loop alert", "unable to deliver", "warning: message",
    "cannot send message", "can't send message", "mail not delivered", "failure delivery", "message could not", "error sending", "delivery has been delayed", "bounced", "未能送達",
    "未能傳遞", "無法寄達", "無法傳送", "無法寄送", "已延遲", "找不到收件", "被退回", "遭退回", "配信に失敗", "permanent failure",
    "mail delivery", "undelivery", "mail returned", "無法傳遞", "無法投遞", "無法送達", "無法遞送", "退信", "退件", "傳送失敗",
    "寄送失敗", "傳遞失敗", "投遞失敗", "遞送失敗", "未送達", "未傳遞", "傳遞狀態", "系統退信", "郵件退回", "延遲", "系统退信",
    "投递失败", "发送失败", "无法送达", "无法投递", "退信通知", "未送达", "配信不能", "配信できません", "配送不能", "送信エラー",
    "unzustellbar", "unzustellbare", "nicht zugestellt", "zustellung", "non remis", "échec de la remise", "non distribué",
    "no se puede entregar", "no entregado", "mancato recapito", "não entregue", "niedostarczona", "не доставлено", "доставлен",
    "недоставлен", "onbestelbaar", "kunde inte levereras",
    "postmaster notify", "user unknown", "unknown user", "unknown recipient", "unknown address", "couldn't deliver", "could not deliver", "message rejected", "delivery incomplete", "delivery temporarily", "temporarily suspended", "unable to send", "failure report", "returned to sender", "return to sender", "problem delivering", "invalid recipient", "mailbox full", "mailbox is full", "over quota", "notification d'état de remise", "notification d’état de remise", "notificación del estado", "notificación de estado", "entrega fallida", "error de entrega", "falha na entrega", "falha de entrega", "notificação de status", "errore di consegna", "notifica di mancata", "notifica dello stato", "sending failed", "not deliverable", "message blocked", "mail blocked", "fehler beim senden", "zustellfehler", "nicht zustellbar", "wurde nicht", "kon niet worden", "leveringsfout", "недоставка", "ошибка доставки", "宛先不明", "エラーメール", "メール配信エラー", "不達", "送信失敗", "配送エラー", "邮件投递", "邮件退回", "投递状态", "传递状态", "未能投递", "郵件傳送", "發送失敗", "寄件失敗", "반송", "전송 실패", "发信失败", "undeliverd", "non délivré", "non distribuable", "rejected:", "mail reject",
];

/// Phrases of a report's text, lower case.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "could not be delivered", "was not delivered", "not been delivered", "cannot be delivered", "couldn't be delivered",
    "unable to deliver", "undeliverable", "delivery failed", "delivery to the following", "failed permanently", "permanent error",
    "permanent fatal errors", "permanently failed", "returned to sender", "has been delayed", "not yet been delivered",
    "wasn't able to deliver", "not able to deliver", "failed to deliver", "did not reach", "user unknown", "not a valid user",
    "not a valid address", "no mailbox", "mailbox not found", "could not be found", "mailbox is full", "exceeded its quota",
    "following recipient", "following address", "message was undelivered", "could not deliver", "couldn't deliver", "did not deliver",
    "had a problem delivering", "errors occurred", "delivery attempt", "無此帳號", "無此使用者", "無此收件", "收件者不存在",
    "帳號不存在", "空間已滿", "超過配額", "被退回", "被拒絕", "遭拒", "未能送達", "未能傳遞", "尚未送達", "無法寄送", "延遲",
    "unknown user", "no such user", "mailbox unavailable", "mailbox full", "over quota", "does not exist",
    "delivery status notification", "transcript of session", "transcript of the session", "unknown address", "invalid address",
    "invalid recipient", "recipient rejected", "address rejected", "not listed in", "not found in", "could not be sent",
    "cannot deliver", "can't deliver", "mail delivery problem", "was rejected", "delivery error", "host unknown",
    "duplicated message-id", "not delivered", "error while sending", "gave this error", "無法傳遞", "無法投遞", "無法送達", "無法遞送",
    "無法寄達", "無法傳送", "退回", "退信", "找不到此", "查無此", "不存在", "信箱已滿", "收件人不明", "投递失败", "无法投递", "无法送达",
    "退信", "不存在", "配信できません", "届けられません", "送信できません", "nicht zugestellt", "konnte nicht", "unzustellbar",
    "n'a pas pu être", "no se pudo entregar", "не может быть доставлено", "не доставлено",
    "could not be reached", "did not reach the following", "not deliverable", "message has been rejected", "delivery has failed", "delivery to these recipients", "has not been delivered", "will not be delivered", "failed to be delivered", "account is disabled", "account has been disabled", "account disabled", "mailbox disabled", "mailbox is disabled", "disabled or discontinued", "isn't a valid", "unrecognized address", "unrouteable address", "unrouteable mail domain", "relaying denied", "relay access denied", "message too large", "message size exceeds", "too many hops", "mail loop", "quota exceeded", "disk quota", "returned mail", "being returned", "is being returned", "bounced back", "no longer available", "no longer valid", "non-existent", "not a known user", "recipient unknown", "recipient's mailbox", "not our customer", "retry timeout exceeded", "retry time", "connection timed out", "deferred:", "domain not found", "name service error", "unable to be delivered", "宛先不明", "ユーザーが存在しません", "メールボックスがいっぱい", "受信拒否", "see transcript", "メールは配送されません", "無法被傳送", "無法被遞送", "未送達", "傳送失敗", "寄送失敗", "信箱容量", "用户不存在", "邮箱已满", "拒收", "未能投递", "не найден", "не существует", "n'existe pas", "boîte pleine", "no existe", "buzón lleno", "existiert nicht", "postfach voll", "non esiste", "casella piena",
];

/// Most addresses taken from words.
const MAX_FOUND: usize = 50;

/// Reads a report in words; None when the mail is none.
pub(super) fn read(v: &View<'_>) -> Option<Bounce> {
    let from = v.from_address();
    let name = v.from.map(|f| f.name.to_lowercase()).unwrap_or_default();
    let subject = v.subject.to_lowercase();
    let failed = v.headers.all("X-Failed-Recipients").map(|f| f.value()).collect::<Vec<_>>().join(",");
    // Nothing but a mail system writes as mailer-daemon, whatever its words.
    let strict_daemon = from.split('@').next() == Some("mailer-daemon") && v.headers.has("Received");
    let daemon = DAEMONS.iter().any(|d| from.contains(d) || is_named(&name, d));
    let empty_from =
        v.headers.first("From").is_some_and(|f| matches!(f.value().trim(), "<>" | "")) || from.is_empty() && v.headers.has("From");
    let no_from = !v.headers.has("From");
    let path = v.headers.value("Return-Path").unwrap_or_default().to_lowercase();
    let null = v.null_sender() || path.contains("mailer-daemon");
    let unread = super::super::classify::words::machine_address(&from);
    let report_shape = v.report("delivery-status");
    // fml answers in the name of its list's owner.
    let list_server = v.headers.has("X-MLServer");
    // The words are looked at only where a machine may have written them.
    let answered = v.headers.value("Auto-Submitted").is_some_and(|a| a.to_ascii_lowercase().starts_with("auto-"));
    if !(daemon || list_server || empty_from || no_from || null || unread || answered || report_shape || !failed.is_empty()) {
        return None;
    }
    let said = SUBJECTS.iter().any(|s| subject.contains(s));
    let body = report_text(v);
    let lower = body.to_lowercase();
    let told = TEXTS.iter().any(|t| lower.contains(t)) || code_line(&body);
    let auto = super::super::classify::away::auto_subject_confirmed(v.subject, v.text);
    let away = super::super::classify::away::away_text(v.text);
    let reason = if !failed.is_empty() {
        "failed-recipients"
    } else if !auto
        && ((daemon && (said || told))
            || (null && (said || told) && !away)
            || ((unread || answered || list_server) && said && told)
            || (strict_daemon && !away)
            || (empty_from && (told || said))
            || (no_from && told && said)
            || (report_shape && (said || told) && (daemon || null)))
    {
        "bounce-text"
    } else {
        return None;
    };
    Some(Bounce { recipients: recipients(v, &failed, &body), reason, ..Bounce::default() })
}

/// The phrase as words of their own: 郵件系統, not 郵件系統使用者.
fn is_named(name: &str, phrase: &str) -> bool {
    name.match_indices(phrase).any(|(at, _)| {
        let before = name.get(..at).and_then(|s| s.chars().next_back());
        let after = name.get(at + phrase.len()..).and_then(|s| s.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

fn code_line(text: &str) -> bool {
    text.lines().any(|l| reply_code(l).is_some() && enhanced_code(l).is_some())
}

/// The report's own words: the text up to where the returned mail starts, and texts attached as reports.
fn report_text(v: &View<'_>) -> String {
    let mut out = String::new();
    for line in v.text.lines() {
        if starts_original(line) && !out.trim().is_empty() {
            break;
        }
        if out.len() + line.len() > super::dsn::MAX_REPORT {
            break;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// A line that announces the returned mail or its header.
fn starts_original(line: &str) -> bool {
    let l = line.trim().to_lowercase();
    let framed = l.starts_with("--") || l.starts_with("__") || l.starts_with("==");
    #[rustfmt::skip]
    let word = [
        "original message", "copy of the message", "copy of your message", "returned message", "message headers", "unsent message",
        "message header", "undelivered message", "copy of the original", "copy of your mail", "原始郵件", "header of",
        "message text follows", "original mail",
    ]
    .iter()
    .any(|w| l.contains(w));
    (framed && word)
        || l.starts_with("received: from ")
        || l.starts_with("return-path: <")
        || (word && l.ends_with(':') && !l.contains('@'))
        || l.starts_with("--- below this line")
}

/// Addresses told in words beside a status part that holds none.
pub(super) fn in_words(v: &View<'_>) -> Vec<Recipient> {
    recipients(v, "", &report_text(v))
}

/// Fields of a status part that stand as text in the mail.
fn status_fields(text: &str) -> Vec<Recipient> {
    let cut = (0..=super::dsn::MAX_REPORT.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let text = text.get(..cut).unwrap_or(text);
    let lower = text.to_ascii_lowercase();
    if !lower.contains("final-recipient:") {
        return Vec::new();
    }
    let mut out: Vec<Recipient> = Vec::new();
    for r in super::dsn::groups(text.as_bytes()).iter().filter(|g| g.has("Final-Recipient")).flat_map(super::dsn::rows) {
        if !out.iter().any(|o| o.address == r.address) {
            out.push(r);
        }
    }
    out
}

fn recipients(v: &View<'_>, failed: &str, body: &str) -> Vec<Recipient> {
    let told = status_fields(v.text);
    if !told.is_empty() {
        return told;
    }
    let mut found: Vec<(String, usize)> = Vec::new();
    let lines: Vec<&str> = body.lines().collect();
    // An address named once as the one to ask is none of the failed ones anywhere.
    let helpers: Vec<String> = lines.iter().flat_map(|l| addresses(l).into_iter().filter(|a| looks_like_host_mail(a, l))).collect();
    for a in failed.split([',', ' ', ';']).filter(|a| a.contains('@')) {
        let a = a.trim_matches(['<', '>', '"']).to_lowercase();
        let at = lines.iter().position(|l| l.to_lowercase().contains(&a)).unwrap_or(0);
        push(&mut found, a, at);
    }
    if found.is_empty() {
        let own: Vec<String> = [v.from_address(), sender_of(v)].into_iter().filter(|s| !s.is_empty()).collect();
        for (i, line) in lines.iter().enumerate() {
            for a in addresses(line) {
                if found.len() >= MAX_FOUND {
                    break;
                }
                if !own.contains(&a) && !helpers.contains(&a) {
                    push(&mut found, a, i);
                }
            }
        }
    }
    if found.is_empty() {
        // The report names nobody: whom the returned mail was for, where it was for one alone.
        found.extend(returned_to(v).map(|a| (a, 0)));
    }
    found.truncate(MAX_FOUND);
    let whole_enhanced = enhanced_code(body);
    let whole_code = reply_code(body);
    let delayed = is_delay(v, body);
    found
        .into_iter()
        .map(|(address, at)| {
            let near: String = lines.iter().skip(at).take(8).copied().collect::<Vec<_>>().join("\n");
            let status = enhanced_code(&near).or_else(|| whole_enhanced.clone());
            let code = reply_code(&near).or(whole_code);
            let permanent = match status.as_deref().and_then(|s| s.chars().next()) {
                Some('5') => true,
                Some(_) => false,
                None => code.is_none_or(|c| c >= 500),
            };
            Recipient { address, status, permanent: permanent && !delayed }
        })
        .collect()
}

fn push(found: &mut Vec<(String, usize)>, a: String, at: usize) {
    if !found.iter().any(|(o, _)| *o == a) {
        found.push((a, at));
    }
}

/// The one address in the `To` of the returned mail, from its part or from the text below the report.
fn returned_to(v: &View<'_>) -> Option<String> {
    let part = v.tree.leaves.iter().find(|l| {
        matches!(l.content_type.value.as_str(), "message/rfc822" | "text/rfc822-headers" | "message/rfc822-headers" | "message/global")
    });
    let mut to: Vec<String> = match part {
        Some(leaf) => {
            let data = leaf.decoded();
            let headers = super::super::headers::RawHeaders::parse(&data);
            let field = headers.first("To").map(super::super::headers::Field::bytes).unwrap_or_default();
            super::super::address::list(&field, None).into_iter().map(|m| m.address.to_lowercase()).filter(|a| a.contains('@')).collect()
        }
        None => {
            let mut below = v.text.lines().skip_while(|l| !starts_original(l)).take(80);
            let is_to = |l: &str| l.trim_start_matches(['>', ' ', '|']).get(..3).is_some_and(|n| n.eq_ignore_ascii_case("to:"));
            below.find(|l| is_to(l)).map(addresses).unwrap_or_default()
        }
    };
    to.dedup();
    let one = to.pop()?;
    to.is_empty().then_some(one)
}

/// To whom the report is written: the address that the lost mail came from.
fn sender_of(v: &View<'_>) -> String {
    let to = v.headers.first("To").map(|f| super::super::address::list(&f.bytes(), None)).unwrap_or_default();
    to.into_iter().next().map(|m| m.address.to_lowercase()).unwrap_or_default()
}

fn is_delay(v: &View<'_>, body: &str) -> bool {
    let s = v.subject.to_lowercase();
    let b = body.to_lowercase();
    let gives_up = ["giving up", "given up", "failed permanently", "could not be delivered for", "will not be retried", "permanent"]
        .iter()
        .any(|w| b.contains(w));
    let delay = ["delay", "warning: message", "延遲", "延迟", "still trying", "will be retried"].iter().any(|w| s.contains(w));
    #[rustfmt::skip]
    let told = [
        "will continue to try", "will keep trying", "no need to resend", "do not need to resend", "not yet been delivered",
        "has been delayed", "delivery attempts will continue", "temporary failure", "this is a warning message only", "will retry",
    ]
    .iter()
    .any(|w| b.contains(w));
    (delay || told) && !gives_up
}

/// Addresses in a line, lower case.
fn addresses(line: &str) -> Vec<String> {
    let ok = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let mut out = Vec::new();
    for (at, _) in line.match_indices('@') {
        let local: String = line.get(..at).unwrap_or_default().chars().rev().take_while(|c| ok(*c)).collect();
        let local: String = local.chars().rev().collect();
        let domain: String =
            line.get(at + 1..).unwrap_or_default().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '.').collect();
        let local = local.trim_start_matches(['\'', '/', '=', '`', '.', '*']);
        let domain = domain.trim_end_matches(['.', '-']);
        if !local.is_empty() && domain.contains('.') {
            out.push(format!("{local}@{domain}").to_lowercase());
        }
    }
    out
}

/// Message-IDs and the addresses to ask for help are no recipients.
fn looks_like_host_mail(address: &str, line: &str) -> bool {
    let l: String = line.chars().take(300).collect::<String>().to_lowercase();
    let local = address.split('@').next().unwrap_or_default();
    l.contains("message-id")
        || l.contains("contact")
        || l.contains("mail from")
        || l.contains("assistance")
        || local == "postmaster"
        || local == "mailer-daemon"
        || l.trim_start().starts_with("from:")
        || l.contains("reply-to:")
}
