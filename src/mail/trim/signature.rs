//! Signatures: `-- `, and what phones and webmail add (從我的 iPhone 傳送, Sent from my …). They are set apart, never lost.

use super::Kind;

/// Lines that a program adds, by their beginning, lower case.
#[rustfmt::skip]
const ADDED: &[&str] = &[
    "sent from", "sent by ", "sent from mail for", "sent from outlook", "sent from yahoo", "sent from samsung", "sent from the",
    "sent from windows mail", "sent via", "sent with", "sent on the", "sent using", "使用 proton", "使用proton", "以 proton mail", "透過 proton", "通过 proton", "由 proton mail", "get outlook for", "從我的", "寄自我的", "发自我的",
    "發自我的", "来自oppo", "来自vivo", "来自小米", "来自华为", "来自荣耀", "来自三星", "来自 android", "來自小米", "來自oppo", "來自我的", "来自我的", "傳自我的", "自我的 iphone", "從 iphone", "從 samsung", "從三星", "從行動裝置",
    "取得 ios 版 outlook", "取得 android 版 outlook", "取得ios版", "取得android版", "下載 outlook", "获取 outlook", "获取适用于",
    "已從我的", "透過行動裝置傳送", "從 yahoo", "從yahoo", "yahoo奇摩電子郵件", "yahoo 奇摩", "发送自", "傳送自", "寄件自", "寄自",
    "发自", "envoyé de mon", "envoyé depuis", "envoyé à partir", "envoyé via", "verzonden met", "get [outlook", "from my iphone",
    "diese nachricht wurde von", "(sent from", "<<sent", "von meinem", "gesendet von", "enviado desde", "enviado do", "enviado de mi",
    "enviado a partir", "inviato da", "verzonden vanaf", "verstuurd vanaf", "skickat från", "sendt fra", "wysłane z", "отправлено с",
    "отправлено из", "iphoneから送信", "iphone から送信", "나의 iphone", "내 iphone", "lähetetty", "odesláno z", "trimis de pe",
    "diterima dari", "gửi từ",
    "get bluemail", "gesendet mit", "gesendet über", "gesendet aus", "von samsung", "von outlook", "verzonden vanuit", "verzonden door", "skickades från", "skickat med", "wysłano z", "odoslané z", "надіслано з", "στάλθηκε από", "נשלח מה", "נשלח מ", "أُرسلت من", "أرسلت من", "androidから送信", "從 ipad", "从我的", "從 windows", "從雅虎", "được gửi từ", "đã gửi từ", "dikirim dari", "ส่งจาก", "enviat des", "poslano z", "poslano s", "saadetud minu", "terkirim dari", "inviato tramite", "inviato con", "inviato dal", "enviado con", "enviado mediante", "enviado por outlook", "enviado pelo", "enviado a través", "envoyé avec", "sendt med", "изпратено от", "išsiųsta iš", "nosūtīts no", "由我的", "來自 iphone", "送信元", "iphoneより", "ipadから", "my mobile device", "from my mobile",
];

/// Marks the signature below each stretch of new words.
pub(super) fn mark(text: &[&str], kinds: &mut [Kind]) {
    let mut start = 0usize;
    while start < kinds.len() {
        let end = start + kinds.get(start..).unwrap_or_default().iter().take_while(|k| matches!(k, Kind::Text | Kind::Blank)).count();
        if end > start {
            mark_stretch(text, kinds, start, end);
        }
        start = end.max(start) + 1;
    }
}

fn mark_stretch(text: &[&str], kinds: &mut [Kind], start: usize, end: usize) {
    for i in start..end {
        let line = text.get(i).copied().unwrap_or_default();
        let above = i.checked_sub(1).filter(|p| *p >= start).and_then(|p| text.get(p)).is_none_or(|l| l.trim().is_empty());
        let below = || {
            let rest = kinds.get(i + 1..end).unwrap_or_default().iter().zip(text.get(i + 1..end).unwrap_or_default());
            rest.take(40).filter(|(k, l)| **k == Kind::Text && !is_added(l)).take(5).count()
        };
        let lines_below = || kinds.get(i + 1..end).unwrap_or_default().iter().filter(|k| **k == Kind::Text).take(50).count();
        // A rule between two long passages parts chapters; no signature is that long.
        let delimits = (is_standard(line) && lines_below() <= 40)
            || (above && is_rule(line) && lines_below() <= 12 && !goes_on(text.get(i + 1..end).unwrap_or_default()));
        if delimits || (is_added(line) && end - i <= 80 && below() <= 4) {
            super::set(kinds, i..end, Kind::Sign);
            return;
        }
    }
}

/// `--` as every standard program writes it (RFC 3676 §4.3), and what others make of it.
fn is_standard(line: &str) -> bool {
    matches!(line.trim(), "--" | "-- -" | "－－" | "ᐧ")
}

/// A line of dashes or underscores and nothing else.
fn is_rule(line: &str) -> bool {
    let t = line.trim();
    !t.is_empty() && (t == "—" || t.chars().count() >= 2) && t.chars().all(|c| matches!(c, '-' | '_' | '—' | '─' | '－' | '＿'))
}

/// Under a rule a Chinese sentence goes on with the letter: no name and no disclaimer ends so.
fn goes_on(below: &[&str]) -> bool {
    const DISCLAIMERS: &[&str] =
        &["機密", "机密", "收件人", "收件者", "信件", "郵件", "邮件", "本信", "此信", "免責", "聲明", "声明", "保密", "著作權", "版權"];
    let first = below.iter().map(|l| l.trim()).find(|l| !l.is_empty()).unwrap_or_default();
    first.chars().count() >= 6 && first.ends_with(['。', '！', '？', '：']) && !DISCLAIMERS.iter().any(|d| first.contains(d))
}

/// A line that a phone or webmail adds.
fn is_added(line: &str) -> bool {
    let t = line.trim().trim_start_matches(['*', '_', '~', '[', '(', '-', ' ']);
    if t.len() > 280 {
        return false;
    }
    let t = t.to_lowercase();
    let sentence = t.starts_with("sent")
        && [" is ", " are ", " was ", " were ", " but ", " and ", " to you", " last ", "yesterday"].iter().any(|w| t.contains(w));
    t.chars().count() <= 90
        && !sentence
        && (ADDED.iter().any(|a| t.starts_with(a)) && plausible(&t) || offers_outlook(&t) || ends_as_sent(&t))
}

/// `Obtenir Outlook pour Android`: the line with which Outlook on phones praises itself, in its languages.
fn offers_outlook(t: &str) -> bool {
    #[rustfmt::skip]
    const FIRST: &[&str] = &[
        "get", "holen", "laden", "téléchargez", "télécharger", "obtenir", "obtenez", "obtener", "obtén", "descargar", "obter",
        "obtenha", "ottieni", "scarica", "download", "skaffa", "hämta", "hent", "få", "last", "hanki", "pobierz", "získat", "získajte",
        "stáhnout", "prevziať", "preuzmi", "prenesi", "obțineți", "descărcați", "скачать", "загрузить", "отримати", "завантажити",
        "αποκτήστε", "dapatkan", "tải", "nhận", "baixar", "baixe", "取得", "下載", "获取", "下载", "قم", "קבל",
    ];
    const LAST: &[&str] =
        &["beziehen", "herunterladen", "downloaden", "を入手", "를 다운로드", "다운로드", "받기", "edinin", "letöltése", "beszerzése"];
    let short = t.chars().count() <= 60 && t.contains("outlook") && (t.contains("ios") || t.contains("android"));
    let t = t.trim_end_matches(['.', '。', ')', ']']);
    let first = t.split([' ', '\u{a0}']).next().unwrap_or_default();
    short && (FIRST.contains(&first) || LAST.iter().any(|l| t.ends_with(l)))
}

/// `iPhone-ról küldve`, `iPhoneから送信`: a device, and nothing but the word for having sent it.
fn ends_as_sent(t: &str) -> bool {
    #[rustfmt::skip]
    const SENT: &[&str] = &[
        "gesendet", "küldve", "gönderildi", "から送信", "에서 보냄", "에서 보냅니다", "傳送", "发送", "發送", "寄出", "sent", "verzonden",
        "lähetetty", "から送信されました",
    ];
    let device = ["iphone", "ipad", "android", "galaxy", "samsung", "xperia", "huawei", "outlook"].iter().any(|d| t.starts_with(d));
    device && t.chars().count() <= 40 && SENT.iter().any(|s| t.trim_end_matches(['.', '。', ' ']).ends_with(s))
}

/// The Chinese beginnings are common words too: a device, a program or 傳送/寄出 must follow.
fn plausible(t: &str) -> bool {
    if t.is_ascii() || !t.starts_with(['從', '从', '寄', '发', '發', '來', '来', '傳', '自', '已', '透', '由']) {
        return true;
    }
    [
        "iphone", "ipad", "android", "samsung", "galaxy", "outlook", "yahoo", "手機", "手机", "行動", "裝置", "设备", "傳送", "寄出",
        "發送", "发送", "mail", "windows", "小米", "華為", "华为", "oppo", "htc", "sony", "pixel", "ipad", "奇摩",
    ]
    .iter()
    .any(|w| t.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_lines() {
        for l in [
            "從我的 iPhone 傳送",
            "Sent from my iPhone",
            "发自我的小米手机",
            "取得 iOS 版 Outlook",
            "Get Outlook for Android<https://aka.ms/x>",
        ] {
            assert!(is_added(l), "{l}");
        }
        for l in ["從我的立場來看，這不合理", "寄自台北的包裹沒到", "I sent from here"] {
            assert!(!is_added(l), "{l}");
        }
    }

    #[test]
    fn delimiters() {
        assert!(is_standard("-- "));
        assert!(is_rule("______"));
        assert!(!is_rule("-- first point"));
        assert!(!is_rule(""));
    }
}
