//! Lines that announce the old mail: `-----Original Message-----`, 原始郵件, `Begin forwarded message:`, a rule above old header lines.

use super::block;

/// Words inside dashes that announce an old mail, lower case.
#[rustfmt::skip]
const ANNOUNCED: &[&str] = &[
    "original message", "original email", "original mail", "original appointment", "forwarded message", "forwarded mail",
    "forward message", "forwarded by", "reply message", "message from", "replied message", "原始郵件", "回覆的原郵件", "回复的原郵件",
    "轉呈者", "转呈者", "寫道", "写道", "原始邮件", "原始信件", "原始訊息", "原來的郵件", "原郵件", "原邮件", "回覆的郵件",
    "回复的原邮件", "回复邮件", "轉寄的郵件", "轉寄郵件", "转发邮件", "转发的邮件", "轉寄訊息", "轉發郵件", "轉寄", "原始邮件信息",
    "邮件原件", "郵件原件", "ursprüngliche nachricht", "originalnachricht", "weitergeleitete nachricht", "original-nachricht",
    "message d'origine", "message original", "message d’origine", "message transféré", "mensaje original", "mensaje reenviado",
    "mensagem original", "mensagem encaminhada", "messaggio originale", "messaggio inoltrato", "oorspronkelijk bericht",
    "doorgestuurd bericht", "ursprungligt meddelande", "vidarebefordrat", "oprindelig meddelelse", "original meddelelse",
    "opprinnelig melding", "videresendt", "wiadomość oryginalna", "oryginalna wiadomość", "antwort nachricht", "wiadomość przekazana",
    "исходное сообщение", "пересылаемое сообщение", "оригинальное сообщение", "元のメッセージ", "転送メッセージ",
    "original message text", "původní zpráva", "původní e-mail", "eredeti üzenet", "asıl mesaj", "alkuperäinen viesti", "원본 메일",
    "원본 메시지", "wrote",
    "mail original", "original e-mail", "e-mail original", "email original", "e-mail d'origine", "courriel original", "correo original",
    "ursprüngliche e-mail", "ursprüngliche mail", "email originale", "e-mail originale", "mail originale", "originele e-mail",
    "oorspronkelijke e-mail", "oprindelig mail", "ursprungligt mejl", "wiadomość pierwotna", "元のメール", "original-mail",
    "originalmeddelande", "välitetty viesti", "přeposlaná zpráva", "preposlaná správa", "pôvodná správa", "továbbított üzenet", "özgün ileti", "orijinal mesaj", "orijinal ileti", "yönlendirilmiş ileti", "yönlendirilen ileti", "iletilen mesaj", "переслане повідомлення", "вихідне повідомлення", "оригінальне повідомлення", "препратено съобщение", "оригинално съобщение", "αρχικό μήνυμα", "προωθημένο μήνυμα", "mesaj original", "mesajul original", "mesaj redirecționat", "mesaj redirectionat", "izvorna poruka", "izvirno sporočilo", "originalna poruka", "proslijeđena poruka", "posredovano sporočilo", "edastatud kiri", "algne kiri", "persiųstas laiškas", "전달된 메시지", "전달된 메일", "thư đã chuyển tiếp", "thư gốc", "tin nhắn gốc", "pesan terusan", "pesan asli", "pesan yang diteruskan", "הודעה שהועברה", "הודעה מקורית", "رسالة معاد توجيهها", "الرسالة الأصلية", "ข้อความต้นฉบับ", "ข้อความที่ส่งต่อ", "missatge reenviat", "missatge original", "videresendt melding", "videresendt meddelelse", "vidarebefordrat meddelande", "转发的消息", "轉寄的訊息", "引用原文",
];

/// Whole lines that announce an old mail without dashes, lower case, without the colon.
#[rustfmt::skip]
const BARE: &[&str] = &[
    "begin forwarded message", "anfang der weitergeleiteten nachricht", "début du message transféré", "début du message réexpédié",
    "inicio del mensaje reenviado", "inizio messaggio inoltrato", "início da mensagem reencaminhada", "開始轉寄郵件", "開始轉寄訊息",
    "以下是轉寄的郵件", "以下是轉寄的訊息", "轉寄的郵件", "开始转发邮件", "以下是转发的邮件", "begin doorgestuurd bericht",
    "vidarebefordrat brev", "videresendt besked", "vidarebefordrat meddelande", "välitetty viesti alkaa", "转发邮件信息",
    "начало переадресованного сообщения", "původní zpráva", "original message", "原始郵件", "原始邮件", "-原始郵件-",
    "forwarded message",
    "start på videresendt besked", "start på videresendt meddelelse", "início da mensagem encaminhada", "mensagem encaminhada", "rozpoczęcie przekazywanej wiadomości", "początek przekazywanej wiadomości", "ileti başlangıcı", "転送されたメッセージ", "전달된 메시지 시작", "开始转发的邮件", "以下是轉寄郵件", "início de mensagem reencaminhada", "začátek přeposílané zprávy", "začiatok preposlanej správy", "továbbított levél kezdete", "începutul mesajului redirecționat", "початок пересланого повідомлення", "videresendt melding starter", "bắt đầu thư được chuyển tiếp",
];

/// How many lines from the first one announce the old mail (a rule counts only with old header lines below); None when none does.
#[must_use]
pub fn length(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim();
    if is_groupwise(first) || asks_above(first) {
        return Some(1);
    }
    if announces(first) {
        let after = lines.get(1..).unwrap_or_default();
        let blanks = after.iter().take_while(|l| l.trim().is_empty()).count();
        let block = block::length(after.get(blanks..).unwrap_or_default()).map_or(0, |n| n + blanks);
        return Some(1 + block);
    }
    if is_rule(first) {
        let after = lines.get(1..).unwrap_or_default();
        let blanks = after.iter().take(3).take_while(|l| l.trim().is_empty()).count();
        return block::length(after.get(blanks..).unwrap_or_default()).map(|n| n + blanks + 1);
    }
    None
}

/// Whether a line announces that a mail was passed on: 「---------- 轉寄郵件 ----------」, `Begin forwarded message:`.
#[must_use]
pub fn forwards(line: &str) -> bool {
    const WORDS: &[&str] =
        &["forward", "轉寄", "转发", "轉發", "轉送", "转寄", "転送", "전달", "fwd", "weitergeleitet", "transféré", "reenviado"];
    let line = line.trim();
    let lower = line.to_lowercase();
    announces(line) && WORDS.iter().any(|w| lower.contains(w))
}

/// Whether the line is a rule and nothing else: `_____`, `-----`, `=====`, `─────`, at least five.
#[must_use]
pub fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() >= 5 && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '─' | '—' | '－' | '＿' | ' '))
}

/// `>>> Office <a@b.c> 3/12/2026 10:15 AM >>>`, over old words without any mark: GroupWise.
pub(super) fn is_groupwise(line: &str) -> bool {
    let line = line.trim();
    let inner = line.strip_prefix(">>> ").and_then(|l| l.strip_suffix(">>>"));
    line.len() <= 300 && inner.is_some_and(|i| !i.trim_start().starts_with('>') && super::citation::has_date(&i.to_lowercase()))
}

/// The line above which some other office's letter asks to be answered: `##- Please type your reply above this line -##`.
fn asks_above(line: &str) -> bool {
    #[rustfmt::skip]
    const ABOVE: &[&str] = &[
        "above this line", "這行以上", "此行以上", "此線以上", "這條線以上", "此行上方", "這行上方", "此線上方", "这行以上", "此行以上", "此线以上",
        "au-dessus de cette ligne", "über dieser zeile", "oberhalb dieser", "encima de esta línea", "acima desta linha", "boven deze regel",
        "この行より上", "この線より上",
    ];
    let framed = |c: Option<char>| c.is_some_and(|c| matches!(c, '-' | '=' | '#' | '*' | '_' | '—' | '─' | '~' | '|' | '[' | ']' | '－'));
    let ends = framed(line.chars().next()) && framed(line.chars().next_back());
    ends && line.chars().count() <= 120 && ABOVE.iter().any(|a| line.to_lowercase().contains(a))
}

fn announces(line: &str) -> bool {
    let may = line.starts_with(['-', '—', '－', '=', '_', '─', '*', '>', '‐', '‑', '–', '[']) || line.ends_with([':', '：', '-', '*']);
    if !may || line.chars().count() > 100 {
        return false;
    }
    let ruled = line.starts_with("___") || line.starts_with("***") || line.starts_with('[') && line.ends_with(']');
    // Proton draws its rule with hyphens of its own (U+2010).
    let line = line.replace(['‐', '‑', '–'], "-");
    // QQ writes its blanks as `&nbsp;` even into the plain part.
    let lower = line.trim_matches(['*', '_', ' ']).replace("&nbsp;", " ").to_lowercase();
    let inner = lower.trim_matches(['-', '—', '_', '=', '－', '─', ' ', '*', '#', '<', '>', '~', '[', ']']);
    let framed = ruled
        || lower.starts_with("--")
        || lower.starts_with("——")
        || lower.starts_with("－－")
        || lower.starts_with("==")
        || lower.starts_with("__")
        || lower.starts_with("──")
        || lower.starts_with("-=")
        || lower.starts_with("**-");
    let inner = inner.trim_end_matches([':', '：', ' ']);
    if framed && !inner.is_empty() && ANNOUNCED.iter().any(|a| inner.starts_with(a) || inner.ends_with(a)) {
        return true;
    }
    let bare = lower.trim_end_matches([':', '：']).trim().trim_matches('*').trim();
    let colon = lower.ends_with(':') || lower.ends_with('：');
    BARE.contains(&bare) && (colon || bare.contains('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announced_old_mails() {
        for l in [
            "-----Original Message-----",
            "-----原始郵件-----",
            "------------------ 原始邮件 ------------------",
            "------------------&nbsp;原始邮件&nbsp;------------------",
            "---------- Forwarded message ---------",
            "Begin forwarded message:",
            "-------- Ursprüngliche Nachricht --------",
        ] {
            assert!(length(&[l, "x"]).is_some(), "{l}");
        }
    }

    #[test]
    fn a_rule_alone_is_none() {
        assert_eq!(length(&["________________________________", "text"]), None);
        assert_eq!(length(&["________________________________", "From: a@b.c", "Sent: x", "To: y"]), Some(4));
        assert_eq!(length(&["the original message was wrong"]), None);
    }
}
