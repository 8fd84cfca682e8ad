//! Old header lines repeated above the old words: Outlook, OWA, Outlook mobile, Foxmail, QQ, Notes, Mail2000, in their languages.

use super::separator;

/// What a header label stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    From,
    Date,
    To,
    Cc,
    Subject,
    Other,
}

#[rustfmt::skip]
const FROM: &[&str] = &[
    "from", "寄件者", "寄件人", "寄信人", "自", "從", "从", "來自", "来自", "發件人", "发件人", "發信人", "发信人", "von", "de", "da", "van", "från", "fra", "od",
    "от", "від", "lähettäjä", "差出人", "送信者", "보낸 사람", "보낸사람", "feladó", "kimden", "gönderen", "expéditeur", "mittente",
    "nadawca", "отправитель", "από", "từ", "dari", "odesílatel",
    "de la", "šalje", "pošiljatelj", "pošiljatel", "saatja", "nuo", "nosūtīja", "发自", "發自", "จาก", "מאת", "من", "frá", "subiect de la", "lähettänyt", "afsender", "avsändare", "avsender", "remitente", "remetente", "afzender", "absender", "nadawca wiadomości", "expeditor",
];
#[rustfmt::skip]
const DATE: &[&str] = &[
    "sent", "date", "寄件日期", "已傳送", "已發送", "送出時間", "送件日期", "寄信日期", "發信時間", "日期", "傳送時間", "傳送日期",
    "发送时间", "發送時間", "发送日期", "時間", "时间", "寄送時間", "gesendet", "datum", "envoyé", "envoyé le", "enviado", "enviado el",
    "enviada em", "enviado em", "fecha", "data", "inviato", "verzonden", "skickat", "sendt", "dato", "wysłano", "data wysłania",
    "отправлено", "дата", "надіслано", "送信日時", "日時", "보낸 날짜", "날짜", "lähetetty", "odesláno", "elküldve", "küldve",
    "gönderildi", "gönderme tarihi", "tarih", "sendt den", "date d'envoi",
    "στάλθηκε", "ημερομηνία", "изпратено", "trimis", "trimisă", "poslano", "saadetud", "kuupäev", "išsiųsta", "nosūtīts", "đã gửi", "ngày", "dikirim", "tanggal", "ส่ง", "ส่งแล้ว", "วันที่", "נשלח", "תאריך", "تاريخ الإرسال", "تم الإرسال", "التاريخ", "enviat", "data de envio", "päivämäärä", "päiväys", "odoslané", "dátum", "verstuurd", "inviato il", "enviada", "送信", "日付", "전송", "sendt kl", "skickat den", "dagsetning",
];
#[rustfmt::skip]
const TO: &[&str] = &[
    "to", "收件者", "收信人", "受件者", "至", "收件人", "an", "à", "a", "para", "aan", "till", "til", "do", "кому", "宛先", "받는 사람",
    "받는사람", "vastaanottaja", "komu", "címzett", "kime", "destinataire", "destinatario", "adresat", "pour", "到",
    "προς", "до", "către", "za", "prima", "primatelj", "prejemnik", "adressaat", "kam", "alıcı", "发送至", "發送至", "đến", "tới", "kepada", "ke", "ถึง", "אל", "إلى", "per a", "destinatário", "modtager", "mottagare", "mottaker", "empfänger", "ontvanger", "odbiorca",
];
const CC: &[&str] = &[
    "cc",
    "副本",
    "抄送",
    "kopie",
    "kopi",
    "copie",
    "копия",
    "참조",
    "kopia",
    "bcc",
    "密件副本",
    "cópia",
    "cópias",
    "copia",
    "κοιν.",
    "копие",
    "másolatot kap",
    "bilgi",
    "kópia",
    "스크랩",
    "สำเนา",
    "עותק",
    "نسخة",
    "đồng gửi",
    "tembusan",
    "kop",
    "dw",
    "udw",
    "cci",
    "cco",
    "ccn",
    "參照",
];
#[rustfmt::skip]
const SUBJECT: &[&str] = &[
    "subject", "主旨", "主题", "主題", "標題", "标题", "betreff", "objet", "asunto", "assunto", "oggetto", "onderwerp", "ämne", "emne",
    "temat", "тема", "件名", "제목", "aihe", "předmět", "tárgy", "konu", "sujet", "re",
    "θέμα", "относно", "subiect", "zadeva", "predmet", "teema", "tema", "tēma", "chủ đề", "tiêu đề", "perihal", "subjek", "เรื่อง", "נושא", "الموضوع", "assumpte", "efni", "subject line", "onderwerp bericht", "konu başlığı",
];
#[rustfmt::skip]
const OTHER: &[&str] = &[
    "importance", "重要性", "優先順序", "attachments", "附件", "priority", "reply-to", "回覆", "organization", "message-id",
    "wichtigkeit",
];

/// Names of [`DATE`] that say a day of anything; the others say that a mail was sent.
#[rustfmt::skip]
const DAYS: &[&str] = &[
    "date", "日期", "時間", "时间", "datum", "fecha", "data", "dato", "дата", "日時", "날짜", "tarih", "ημερομηνία", "kuupäev", "ngày",
    "tanggal", "วันที่", "תאריך", "التاريخ", "päivämäärä", "päiväys", "dátum", "日付", "dagsetning",
];
/// Names of [`FROM`] that say where anything comes from.
#[rustfmt::skip]
const PREPOSITIONS: &[&str] = &[
    "from", "自", "從", "从", "來自", "来自", "von", "de", "da", "van", "från", "fra", "od", "от", "від", "από", "từ", "dari", "de la",
    "nuo", "发自", "發自", "จาก", "من", "frá",
];

/// Most lines that a header block may take, blank ones and folds included.
const MAX_LINES: usize = 14;

/// How many lines from the first one are old header lines (at least two different ones, one of them who or when); None when they are none.
#[must_use]
pub fn length(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?;
    if let Some(n) = stacked(lines) {
        return Some(n);
    }
    let first_label = label(first)?;
    if first_label == Label::From
        && let Some(n) = run_together(lines)
    {
        return Some(n);
    }
    if !matches!(first_label, Label::From | Label::Date | Label::Subject | Label::To) {
        return None;
    }
    let mut seen = vec![first_label];
    let mut end = 1usize;
    let mut gap = 0usize;
    for (i, line) in lines.iter().enumerate().skip(1).take(MAX_LINES) {
        let t = line.trim();
        if let Some(l) = label(line) {
            if seen.contains(&l) && l != Label::Other {
                break;
            }
            seen.push(l);
            end = i + 1;
            gap = 0;
        } else {
            // Long values are folded, and some programs put blank lines between the header lines.
            gap += 1;
            let limit = if t.is_empty() { 2 } else { 3 };
            if gap >= limit || separator::is_rule(t) {
                break;
            }
        }
    }
    let has = |l: Label| seen.contains(&l);
    let block = lines.get(..end).unwrap_or_default();
    let real = has(Label::From)
        && (has(Label::Date) || has(Label::To) || has(Label::Subject))
        && (seen.len() >= 3 || strong(lines))
        && (has(Label::Subject) || of_a_mail(block));
    let other = has(Label::Date) && has(Label::To) && has(Label::Subject);
    let dated =
        lines.iter().take(end).any(|l| label(l) == Some(Label::Date) && super::citation::has_date(&l.to_lowercase()) && l.contains(':'));
    let short = has(Label::Date) && has(Label::To) && dated && lines.iter().take(end).any(|l| l.contains('@'));
    (real || other || short).then_some(end)
}

/// How many lines, at most three, hold header lines that a program ran together and broke anew.
fn run_together(lines: &[&str]) -> Option<usize> {
    let mut joined = String::new();
    for (n, line) in lines.iter().take(3).enumerate() {
        if n > 0 && (line.trim().is_empty() || label(line).is_some()) {
            return None;
        }
        joined.push_str(line.trim());
        joined.push(' ');
        if in_one_line(&joined) {
            return Some(n + 1);
        }
    }
    None
}

/// `From: A <a@b.c> Sent: Monday To: B Subject: x`. Only the first colons are looked at.
fn in_one_line(line: &str) -> bool {
    if line.len() > 1000 || !line.contains('@') {
        return false;
    }
    let lower = line.to_lowercase().replace('：', ":");
    let (mut date, mut to, mut subject) = (false, false, false);
    for (at, _) in lower.match_indices(':').skip(1).take(12) {
        let before = lower.get(..at).unwrap_or_default().trim_end_matches(['*', '_']);
        let one = before.rsplit([' ', '\u{a0}', '*', ';']).next().unwrap_or_default();
        let two = before.rsplitn(3, ' ').take(2).collect::<Vec<_>>();
        let two = two.iter().rev().copied().collect::<Vec<_>>().join(" ");
        let is = |set: &[&str]| set.contains(&one) || set.contains(&two.as_str());
        date |= is(DATE);
        to |= is(TO);
        subject |= is(SUBJECT);
    }
    usize::from(date) + usize::from(to) + usize::from(subject) >= 2
}

/// Notes sets labels over their values: the author and his date on two lines, then 「收件人」 and who, 「主旨」 and what, each on a line alone.
fn stacked(lines: &[&str]) -> Option<usize> {
    let line = |n: usize| lines.get(n).map(|l| l.trim()).unwrap_or_default();
    let dated = super::citation::has_date(&line(1).to_lowercase()) && line(1).chars().count() <= 40;
    if line(0).is_empty() || line(0).chars().count() > 100 || !dated {
        return None;
    }
    // Or the labels stand before their values, and only the author and the date have none.
    let labelled = |n: usize, l: Label| label(line(n)) == Some(l);
    if line(0).contains(['@', '/'])
        && label(line(0)).is_none()
        && let Some(to) = (2..4).find(|n| labelled(*n, Label::To))
        && let Some(subject) = (to + 1..to + 5).find(|n| labelled(*n, Label::Subject))
    {
        return Some(subject + 1);
    }
    let alone = |n: usize, set: &[&str]| set.contains(&line(n).to_lowercase().as_str());
    let to = (2..5).find(|n| alone(*n, TO))?;
    let subject = (to + 1..to + 9).find(|n| alone(*n, SUBJECT))?;
    (subject < lines.len()).then_some((subject + 2).min(lines.len()))
}

/// What old header lines say of the mail that they stood above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Old {
    /// The author as written: name, address or both.
    pub from: String,
    /// The subject.
    pub subject: String,
}

/// As [`length`], with what the lines say; a value that was folded goes on on the next line.
#[must_use]
pub fn read(lines: &[&str]) -> Option<(usize, Old)> {
    let n = length(lines)?;
    let mut old = Old::default();
    let mut open: Option<Label> = None;
    for line in lines.iter().take(n) {
        let value = match label(line) {
            Some(found) => {
                open = Some(found);
                line.split_once([':', '：']).map_or("", |(_, value)| value)
            }
            None => line,
        };
        let into = match open {
            Some(Label::From) => &mut old.from,
            Some(Label::Subject) => &mut old.subject,
            Some(Label::Date | Label::To | Label::Cc | Label::Other) | None => continue,
        };
        let value = value.trim().trim_matches('*').trim();
        if !into.is_empty() && !value.is_empty() {
            into.push(' ');
        }
        into.push_str(value);
    }
    Some((n, old))
}

/// From where, to where and when are told of trains and parcels too: a subject, an address, 「寄件日期」 or, under a noun such as 寄件者,
/// a time of the day make it a mail.
fn of_a_mail(block: &[&str]) -> bool {
    let clock = |l: &str| l.as_bytes().windows(4).any(|w| matches!(w, [a, b':', b, c] if [a, b, c].iter().all(|d| d.is_ascii_digit())));
    let names: Vec<(Label, String, &str)> = block.iter().filter_map(|l| Some((label(l)?, name_of(l)?.0, *l))).collect();
    let noun = names.iter().any(|(l, name, _)| *l == Label::From && !PREPOSITIONS.contains(&name.as_str()));
    block.iter().any(|l| l.contains('@'))
        || names.iter().any(|(l, name, line)| match l {
            Label::Date => !DAYS.contains(&name.as_str()) || (noun && clock(line)),
            Label::Cc => true,
            Label::From | Label::To | Label::Subject | Label::Other => false,
        })
}

/// Two labels are enough when an address or a date stands in them.
fn strong(lines: &[&str]) -> bool {
    lines.iter().take(3).any(|l| l.contains('@')) && lines.iter().take(6).filter(|l| label(l).is_some()).count() >= 2
}

/// The name before the colon, in lower case without ornament, and the value after it.
fn name_of(line: &str) -> Option<(String, &str)> {
    let line = line.trim().trim_start_matches(['*', '_', '|', ' ', '\u{3000}']);
    let (at, colon) = line.char_indices().take(24).find(|(_, c)| matches!(c, ':' | '：'))?;
    let name = line.get(..at)?;
    let value = line.get(at + colon.len_utf8()..).unwrap_or_default().trim_matches(['*', '_', ' ']);
    let name = name.trim_matches(['*', '_', ' ', '\u{a0}', '\u{3000}']).to_lowercase().replace(['\u{3000}', '\u{a0}'], "");
    Some((name.trim().to_owned(), value))
}

fn label(line: &str) -> Option<Label> {
    let (name, value) = name_of(line)?;
    let name = name.as_str();
    let is = |set: &[&str]| set.contains(&name);
    let squeezed: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    let is_squeezed = |set: &[&str]| set.contains(&squeezed.as_str());
    let found = if is(FROM) || is_squeezed(FROM) {
        Label::From
    } else if is(DATE) || is_squeezed(DATE) {
        Label::Date
    } else if is(TO) || is_squeezed(TO) {
        Label::To
    } else if is(CC) || is_squeezed(CC) {
        Label::Cc
    } else if is(SUBJECT) || is_squeezed(SUBJECT) {
        Label::Subject
    } else if is(OTHER) {
        Label::Other
    } else {
        return None;
    };
    // A sentence such as "To: me it looks wrong" has a value too; nothing more can be told from one line.
    (!value.is_empty() || matches!(found, Label::Cc | Label::Subject | Label::To)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_many_programs() {
        for block in [
            "寄件者: 意見信箱 <s@kmu.example>\n寄件日期: 2026年11月23日 上午 09:00\n收件者: 總務處\n主旨: x",
            "发件人： 意見信箱\n发送时间： 2026-11-23 09:00\n收件人： general\n主题： x",
            "*From:* A <a@b.c>\n*Sent:* Monday\n*To:* B\n*Subject:* x",
            "From: A\nSent: Monday, 23 November\n\nTo: B\nSubject: x",
            "Von: A\nGesendet: Montag\nAn: B\nBetreff: x",
        ] {
            let lines: Vec<&str> = block.lines().collect();
            assert_eq!(length(&lines), Some(lines.len()), "{block}");
        }
    }

    #[test]
    fn labels_over_their_values() {
        let block = "秘書室 <s@kmu.example>\n2026/03/03 09:00\n\n收件人\nhua@mail.example\n副本抄送\n\n主旨\n收件通知";
        let lines: Vec<&str> = block.lines().collect();
        assert_eq!(length(&lines), Some(lines.len()));
        let text = "我的意見\n2026/03/03 提出\n收件人\n很多\n";
        assert_eq!(length(&text.lines().collect::<Vec<_>>()), None);
    }

    #[test]
    fn forms_and_sentences_are_none() {
        for text in [
            "主旨：申訴\n說明：漏水",
            "時間：11/23\n地點：圖書館",
            "From: my point of view\nthis is wrong",
            "日期：11/23\n主題：停車",
            "From: 台北\nTo: 高雄\nDate: 3/10 10:15",
            "寄件者：陳小明\n收件者：意見信箱\n日期：3/10",
            "日期：3/10 10:15\n從：台北\n到：台中",
        ] {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(length(&lines), None, "{text}");
        }
    }
}
