//! Words by which machines give themselves away, in Chinese, English, Japanese and the languages of our neighbours' mail programs.
//! Each list says where the word must stand; a word anywhere in a sentence proves nothing.

/// Phrases that programs put at the front of a subject or into brackets, lower case.
#[rustfmt::skip]
const AUTO: &[&str] = &[
    "自動回覆", "自動回覆通知", "自動回應", "系統自動發信", "系統自動通知", "自動發信", "不在席通知", "自動回復", "自動回信", "自動答覆", "自動應答", "系統自動回覆", "系統自動回信", "系統回覆", "自動通知", "系統自動發送",
    "自动回复", "自动答复", "自动应答", "自动回信", "系统自动回复", "自動返信", "自動応答", "自動配信", "不在通知", "外出自動回覆",
    "休假自動回覆", "不在辦公室自動回覆", "不在時自動応答", "자동회신", "자동 회신", "자동 응답", "automatic reply",
    "automatic response", "auto-reply", "auto reply", "autoreply", "auto response", "auto-response", "autoresponse", "auto responder",
    "auto-responder", "autoresponder", "autorespond", "auto-generated", "auto generated", "automatically generated", "automated reply",
    "automated response", "automatic answer", "auto", "out of office", "out of office autoreply", "out-of-office", "out of the office",
    "ooo", "vacation reply", "vacation response", "vacation message", "away from my mail", "away message", "i am out of the office",
    "i'm out of the office", "automatic", "this is an automated", "automated message", "automatische antwort", "abwesenheitsnotiz",
    "abwesenheit", "abwesend", "automatisch", "réponse automatique", "reponse automatique", "absence du bureau", "absent du bureau",
    "respuesta automática", "respuesta automatica", "fuera de la oficina", "risposta automatica", "fuori ufficio", "resposta automática",
    "resposta automatica", "ausência temporária", "automatisch antwoord", "afwezigheid", "automatiskt svar", "autosvar", "frånvaro",
    "automatisk svar", "automaattinen vastaus", "automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź", "poza biurem",
    "автоответ", "автоматический ответ", "автоматическая", "автовідповідь", "automatická odpověď", "automatikus válasz",
    "otomatik yanıt", "trả lời tự động", "balasan otomatis", "ตอบกลับอัตโนมัติ", "gelesen", "read", "已讀", "已讀取", "讀取", "已读",
    "lu", "letto", "leído", "開封済み", "not read", "未讀取", "已刪除未讀", "ungelesen gelöscht", "非開封",
];

/// Phrases of [`AUTO`] that are common words too: they need a colon after them.
#[rustfmt::skip]
const NEED_COLON: &[&str] = &[
    "auto", "automatic", "read", "gelesen", "lu", "letto", "leído", "not read", "已讀", "已讀取", "讀取", "已读", "ooo", "automatisch",
    "自動通知", "系統回覆", "abwesenheit", "abwesend", "afwezigheid", "frånvaro", "未讀取", "自動配信",
];

/// Whether the subject is one that a program wrote: the phrase at the front with an end after it, or alone in brackets.
pub fn auto_subject(subject: &str) -> bool {
    let s = subject.trim().chars().take(400).collect::<String>().to_lowercase();
    if s.is_empty() {
        return false;
    }
    // A program puts its phrase before the old subject; behind `Re:` or `Fwd:` a person answers or shows an automatic answer.
    if front_phrase(&s) {
        return true;
    }
    let tail = s.rsplit([':', '：']).next().unwrap_or_default().trim();
    bracketed(&s)
        || (s.contains([':', '：']) && !super::super::thread::is_reply_subject(&s) && AUTO.contains(&tail) && !NEED_COLON.contains(&tail))
}

/// The phrase at the front, a blank, and then anything: only beside a text that speaks of an absence or of a machine.
pub fn auto_front(subject: &str) -> bool {
    let s = subject.trim().chars().take(400).collect::<String>().to_lowercase();
    let s = s.trim_start_matches(['[', '【', '(', '（', '<', '「', '*', ' ']);
    AUTO.iter().any(|p| !NEED_COLON.contains(p) && s.strip_prefix(p).is_some_and(|rest| rest.starts_with(char::is_whitespace)))
}

fn front_phrase(s: &str) -> bool {
    let s = s.trim_start_matches(['[', '【', '(', '（', '<', '「', '*', ' ', '-', '"']);
    AUTO.iter().any(|p| {
        let Some(rest) = s.strip_prefix(p) else { return false };
        let colon = rest.trim_start().starts_with([':', '：']);
        if NEED_COLON.contains(p) {
            return colon;
        }
        // A sentence that goes on ("自動回覆系統有問題", "auto reply does not work") is a person's.
        let closed = rest.is_empty()
            || colon
            || rest.starts_with([']', '】', ')', '）', '>', '」', '*', '"', '!', '！', '.', '。', ',', '，', '–', '—', '|', '/'])
            || rest.trim_start().starts_with(['-', '–', '—', '|', '(', '（', '[', '【', '_', '~']);
        let spaced = rest.starts_with([' ', '\u{3000}']);
        closed || (spaced && follows_well(p, rest.trim_start()))
    })
}

/// After a blank: `Out of Office AutoReply`, `自動回覆 Re: …`, `Automatic reply from …`.
fn follows_well(phrase: &str, rest: &str) -> bool {
    let reply = super::super::thread::is_reply_subject(rest);
    #[rustfmt::skip]
    let goes_on = [
        "from", "autoreply", "auto-reply", "reply", "response", "notification", "message", "until", "von", "de ", "re:", "re：", "/",
        "from:", "to ",
    ]
    .iter()
    .any(|w| rest.starts_with(w));
    let away = phrase.contains("out of") || phrase.contains("out-of");
    let until =
        away && (rest.starts_with(char::is_numeric) || rest.starts_with("today") || rest.starts_with("from") || rest.starts_with("this"));
    reply || goes_on || until
}

/// The phrase alone, or at an edge, inside brackets anywhere: `… (Automatic Response)`, `…（系統自動回覆）`.
fn bracketed(s: &str) -> bool {
    let mut rest = s;
    while let Some(p) = rest.find(['[', '(', '（', '【', '<']) {
        let inner = rest.get(p..).unwrap_or_default();
        let inner = inner.get(inner.chars().next().map_or(1, char::len_utf8)..).unwrap_or_default();
        let end = inner.find([']', ')', '）', '】', '>']).unwrap_or(inner.len());
        let word = inner.get(..end).unwrap_or_default().trim();
        if AUTO.contains(&word) && !NEED_COLON.contains(&word) {
            return true;
        }
        rest = inner;
    }
    false
}

/// A subject that announces an absence or an arrival and then ends; needs a text that does so too. People complain about leave as well.
pub fn away_subject(subject: &str) -> bool {
    #[rustfmt::skip]
    const AWAY: &[&str] = &[
        "休假通知", "請假通知", "请假通知", "休假中", "外出通知", "外出中", "出差通知", "出差中", "不在辦公室", "不在办公室", "人不在辦公室", "公出", "休假",
        "請假", "離職通知", "在宅勤務", "休暇", "不在の", "away", "on leave", "on vacation", "on holiday", "annual leave", "maternity leave", "urlaub",
        "en vacances", "congés", "vacaciones", "thank you for your e-mail", "thank you for your email", "thanks for your email",
        "thank you for contacting us", "感謝您的來信", "感谢您的来信", "謝謝您的來信", "已收到您的來信", "我們已收到您的來信", "您的來信已收到", "收到您的來信", "来信已收到", "您的邮件已收到",
    ];
    let s = super::super::thread::base_subject(subject).to_lowercase();
    let s = s.trim_start_matches(['[', '【', '(', '（', '「', ' ']);
    AWAY.iter().any(|a| {
        s.strip_prefix(a).is_some_and(|rest| {
            rest.is_empty()
                || rest.starts_with(|c: char| c.is_ascii_digit() || c.is_whitespace() || ":：]】)）」-–—,，。.!！(（~".contains(c))
        })
    })
}

/// A text that speaks of one's own absence, or thanks as a machine does: two such phrases near its beginning.
pub fn away_text(text: &str) -> bool {
    #[rustfmt::skip]
    const PHRASES: &[&str] = &[
        "我目前", "本人目前", "正在休假", "目前休假", "本人休假", "休假中", "休假期間", "請假中", "出差中", "職務代理", "代理人", "職代", "不在辦公室", "不在办公室",
        "銷假", "恢復上班", "返回崗位", "回到辦公室", "返校", "無法即時回覆", "無法立即回覆", "稍後回覆", "儘速回覆", "尽快回复", "尽快给您", "急事請", "緊急事項", "如有急事",
        "自動回覆", "自動發送", "自动回复", "請勿回覆", "请勿回复", "感謝您的來信", "感谢您的来信", "已收到您的", "我們會", "i am out of", "i will be out",
        "i am away", "i am currently", "i am on", "i'm on", "i will return", "will be back", "limited access", "in my absence", "out of the office",
        "we have received your", "get back to you", "automat", "bin ich nicht", "je suis absent", "estaré fuera", "席を外", "不在に",
    ];
    let head: String = text.chars().take(600).collect::<String>().to_lowercase();
    PHRASES.iter().filter(|p| head.contains(**p)).count() >= 2
}

/// Aggregate reports of mail systems (DMARC, TLS).
pub fn report_subject(subject: &str) -> bool {
    let s = subject.trim().to_lowercase();
    s.starts_with("report domain:") || s.starts_with("[preview] report domain:") || (s.starts_with("dmarc") && s.contains("report"))
}

/// A text with which a guard before a mailbox asks strangers to prove themselves, or says that they passed: two such phrases.
pub fn challenge(text: &str) -> bool {
    #[rustfmt::skip]
    const PHRASES: &[&str] = &[
        "guest list", "pre-approved", "not preapproved", "one-time", "automated message", "automatic confirmation", "verify your address",
        "verify your email address", "confirm your email", "confirm that you", "prove that you", "you are a human", "you are human",
        "real person", "not a spammer", "approved senders", "allowed senders", "allow list", "whitelist", "white list", "challenge",
        "spam arrest", "spamarrest", "boxbe", "choicemail", "to complete this verification", "reply to this message to", "junk email",
        "驗證您的", "確認您是", "白名單", "验证您的",
    ];
    let lower: String = text.chars().take(4000).collect::<String>().to_lowercase();
    PHRASES.iter().filter(|p| lower.contains(**p)).count() >= 2
}

/// A text that says that a machine sent it and nobody reads answers.
pub fn machine_text(text: &str) -> bool {
    #[rustfmt::skip]
    const PHRASES: &[&str] = &[
        "系統自動發送", "系統自動回覆", "系統自動寄發", "系统自动发送", "請勿直接回覆", "請勿回覆此", "请勿直接回复", "請不要直接回覆",
        "自動送信", "このメールは自動", "this is an automated", "this is an automatic", "this is an automatically",
        "do not reply to this", "automatically generated", "please do not reply", "auto-generated",
    ];
    let lower = text.to_lowercase();
    PHRASES.iter().any(|p| lower.contains(p))
}

/// An address that nobody reads.
pub fn machine_address(address: &str) -> bool {
    let local: String = address.split('@').next().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    [
        "noreply",
        "donotreply",
        "mailerdaemon",
        "postmaster",
        "autoreply",
        "autoresponder",
        "notification",
        "notifications",
        "notify",
        "daemon",
        "nobody",
    ]
    .iter()
    .any(|w| local == *w || (w.len() > 6 && local.contains(w)))
}

/// A form on a web page that a person filled in: at least two labels with values, one of them the words themselves or the name.
pub fn is_web_form(text: &str) -> bool {
    #[rustfmt::skip]
    const WHO: &[&str] = &[
        "姓名", "陳情人", "申訴人", "反映人", "聯絡人", "您的姓名", "稱呼", "name", "your name", "full name", "first name", "氏名",
        "お名前",
    ];
    #[rustfmt::skip]
    const WHAT: &[&str] = &[
        "內容", "意見內容", "申訴內容", "陳情內容", "反映內容", "問題描述", "留言", "留言內容", "您的意見", "訊息", "建議事項",
        "message", "comments", "your message", "content", "description", "问题描述", "内容", "お問い合わせ内容",
    ];
    #[rustfmt::skip]
    const WHERE: &[&str] = &[
        "電話", "聯絡電話", "手機", "行動電話", "e-mail", "email", "電子郵件", "電子信箱", "信箱", "email address", "phone", "telephone",
        "地址", "主旨", "主題", "類別", "メールアドレス",
    ];
    let is = |set: &[&str], label: &str| set.iter().any(|w| label == *w || (!w.is_ascii() && label.ends_with(w)));
    let (mut who, mut what, mut place) = (false, false, false);
    for line in text.lines().take(80) {
        let line: String =
            line.trim().trim_start_matches(['*', '-', '•', '【', '[', '●', '■']).chars().take(24).collect::<String>().to_lowercase();
        let end = line.char_indices().find(|(_, c)| matches!(c, ':' | '：' | '】' | ']' | '\t' | '|'));
        // Forms pad their labels: 姓　　名. A label may also stand alone over its value.
        let label = end.map_or(line.as_str(), |(at, _)| line.get(..at).unwrap_or_default());
        let label: String = if label.is_ascii() { label.trim().to_owned() } else { label.chars().filter(|c| !c.is_whitespace()).collect() };
        if label.chars().count() > 16 {
            continue;
        }
        let whole = end.is_some() || label.chars().count() <= 8;
        who |= whole && is(WHO, &label);
        what |= whole && is(WHAT, &label);
        place |= whole && is(WHERE, &label);
    }
    usize::from(who) + usize::from(what) + usize::from(place) >= 2 && (who || what)
}

/// Words of receipts, in the subject or the first lines of the text.
pub fn receipt(subject: &str, text: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "ticket", "case number", "reference number", "has been opened", "has been received", "have received your", "we have your mail",
        "thank you for contacting", "thank you for your mail", "thank you for writing", "will be answered", "will get back to you", "do not reply",
        "auto-generated", "automatically", "confirm that you", "until you confirm", "in quarantine", "away until", "out of office",
        "已收到您", "已收到你", "收到您的來信", "收到您的信", "感謝您的來信", "感謝來信", "謝謝您的來信", "請勿回覆", "請勿直接回覆", "系統自動", "自動回覆", "受理編號",
        "案件編號", "收件單號", "單號", "已為您建立", "已建立", "將盡快回覆", "將儘快回覆", "將盡速", "將儘速", "您的問題已", "已收到您的申請",
        "请勿回复", "系统自动", "已收到您的", "感谢您的来信", "受付番号", "お問い合わせを受け付け",
    ];
    let head: String = text.chars().take(1200).collect();
    let flat = format!("{subject}\n{head}").to_lowercase();
    WORDS.iter().any(|w| flat.contains(w))
}

/// Words of somebody who complains, in a text that a person may have typed.
pub fn complains(subject: &str, text: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "申訴", "陳情", "抱怨", "投訴", "檢舉", "客訴", "反映", "反應", "不滿", "請改善", "請處理", "請儘速", "請盡速", "沒有人處理", "無人處理", "態度惡劣",
        "complain", "complaint", "grievance", "unacceptable", "投诉", "举报", "苦情",
    ];
    #[rustfmt::skip]
    const SELF: &[&str] = &["我", "本人", "敝", "您好", "你好", "請", " i ", "my ", "we ", "our "];
    let links = text.matches("http://").count() + text.matches("https://").count();
    let flat = format!("{subject}\n {text}").to_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| flat.contains(w));
    links <= 3 && text.chars().count() <= 3000 && any(WORDS) && any(SELF)
}

/// A newsletter without list fields: says how to unsubscribe, and comes from an address or with a shape that no person has.
pub fn newsletter(subject: &str, text: &str, from: &str, bulk_path: bool) -> bool {
    #[rustfmt::skip]
    const LEAVE: &[&str] = &[
        "unsubscribe", "取消訂閱", "退訂", "取消订阅", "退订", "opt out", "opt-out", "manage your subscription", "email preferences",
        "to be removed from", "remove your", "update your profile", "to cancel your subscription", "配信停止", "不想再收到",
        "you are receiving this", "you received this email because", "you have received this", "change your subscription",
        "your subscription",
    ];
    // Every newsletter links to its way out, near its beginning or its end.
    if !text.contains("http") && !text.contains("www.") && !text.contains('@') {
        return false;
    }
    let lower = edges(text).to_lowercase();
    let leave = LEAVE.iter().filter(|w| lower.contains(**w)).count();
    if leave == 0 {
        return false;
    }
    let local = from.split('@').next().unwrap_or_default();
    let domain = from.split('@').nth(1).unwrap_or_default();
    #[rustfmt::skip]
    let bulk_name = [
        "news", "newsletter", "edm", "epaper", "offers", "promo", "deals", "marketing", "update", "updates", "alert", "alerts",
        "bulletin", "digest", "members", "list", "mailer", "announce", "sale", "sales", "info-",
    ]
    .iter()
    .any(|w| local.contains(w))
        || machine_address(from);
    let bulk_domain = ["news.", "newsletter", "email.", "mail.", "e.", "edm.", "em.", "lists.", "mailings.", "updates."]
        .iter()
        .any(|w| domain.starts_with(w));
    let links = text.matches("http://").count() + text.matches("https://").count();
    let subject = subject.to_lowercase();
    #[rustfmt::skip]
    let announced = [
        "電子報", "電子郵報", "newsletter", "edm", "廣告", "(ad)", "[ad]", "【ad】", "优惠", "優惠", "促銷", "特賣", "週報", "月報",
        "digest", "weekly", "daily",
    ]
    .iter()
    .any(|w| subject.contains(w));
    let score = usize::from(announced)
        + usize::from(bulk_name)
        + usize::from(bulk_domain)
        + usize::from(bulk_path)
        + usize::from(links >= 6)
        + usize::from(leave >= 2)
        + usize::from(text.len() > 4000);
    score >= 2
}

/// The first and the last few thousand characters of a long text.
fn edges(text: &str) -> String {
    let total = text.len();
    if total <= 8000 {
        return text.to_owned();
    }
    let cut = |at: usize| (at..total).find(|i| text.is_char_boundary(*i)).unwrap_or(total);
    format!("{}\n{}", text.get(..cut(3000)).unwrap_or_default(), text.get(cut(total - 5000)..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_of_programs() {
        for s in [
            "自動回覆: [115-1] 漏水",
            "[自動回覆] 請假通知 Re: x",
            "自动答复: x",
            "已收到您的來信（系統自動回覆）",
            "Automatic reply: x",
            "Out of Office AutoReply: x",
            "Re: blah (Automatic Response)",
            "AUTO: Smith is out of the office",
            "[AUTO GENERATED] Some subject",
            "Auto reply: x",
            "Gelesen: x",
            "Read: x",
            "自動回覆：Re: x",
        ] {
            assert!(auto_subject(s), "{s}");
        }
    }

    #[test]
    fn subjects_of_people() {
        for s in [
            "你們的自動回覆系統有問題",
            "自動回覆根本沒用",
            "auto reply does not work",
            "Automatic doors are broken",
            "Read this please",
            "關於自動回覆的申訴",
            "Auto insurance claim",
            "請假問題",
        ] {
            assert!(!auto_subject(s), "{s}");
        }
    }
}
