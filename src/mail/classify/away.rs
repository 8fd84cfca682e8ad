//! Words of answering machines: the subjects that they write before the old one, and the absences and receipts that they tell of.
//! Called by `classify` and by `bounce::freetext`; each list says where its words must stand.

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
    "afwezigheidsbericht", "afwezigheidsassistent", "automatische beantwoording", "abwesenheitsnachricht", "abwesenheitsmeldung",
    "abwesenheitsassistent", "notification d'absence", "message d'absence", "réponse d'absence", "absence notification",
    "mensaje automático", "contestación automática", "messaggio automatico", "risponditore automatico", "mensagem automática",
    "αυτόματη απάντηση", "răspuns automat", "automatická odpoveď", "samodejni odgovor", "automatski odgovor", "аутоматски одговор",
    "автоматичен отговор", "автоматична відповідь", "автоматический отклик", "automaatvastus", "automātiska atbilde",
    "automatinis atsakymas", "resposta automàtica", "balas otomatis", "jawapan automatik", "awtomatikong tugon", "תשובה אוטומטית",
    "מענה אוטומטי", "رد تلقائي", "الرد التلقائي", "การตอบกลับอัตโนมัติ", "sjálfvirkt svar", "fravær", "fraværsmelding", "poissaoloilmoitus",
    "부재중 자동응답", "부재 중 자동 응답", "부재중", "자동답장", "不在のお知らせ", "自動返答", "自動返信メール", "自動回覆訊息", "外出自動回應",
    "休假自动回复", "外出自动回复", "假期自动回复",
];

/// Phrases of [`AUTO`] that people write before a colon too; the text must confirm them.
const WEAK: &[&str] =
    &["auto", "automatic", "read", "gelesen", "lu", "letto", "leído", "not read", "automatisch", "fravær", "frånvaro", "abwesend"];

/// Phrases of [`AUTO`] that are common words too: they need a colon after them.
#[rustfmt::skip]
const NEED_COLON: &[&str] = &[
    "auto", "automatic", "read", "gelesen", "lu", "letto", "leído", "not read", "已讀", "已讀取", "讀取", "已读", "ooo", "automatisch",
    "自動通知", "系統回覆", "abwesenheit", "abwesend", "afwezigheid", "frånvaro", "未讀取", "自動配信", "fravær", "부재중",
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

/// Whether the subject is a program's and, where its word is a common one (`Read: …`, `Auto: …`), the text does not gainsay it.
pub fn auto_subject_confirmed(subject: &str, text: &str) -> bool {
    #[rustfmt::skip]
    const CONFIRM: &[&str] = &[
        "read on", "was read", "been read", "was displayed", "without being read", "gelesen", "geöffnet", "été lu", "letto", "leíd", "lido",
        "out of", "not in the office", "away from", "i am away", "i'm away", "vacation", "holiday", "on leave", "automat", "autorepl", "autorespon",
        "will return", "returning", "will be back", "your message", "your e-mail", "your email", "votre message", "ihre nachricht", "su mensaje",
        "il messaggio", "notification", "abwesen", "absent", "urlaub", "ferie", "semester", "讀取", "已讀", "自動", "休假", "請假", "不在",
    ];
    if !auto_subject(subject) {
        return false;
    }
    let s = subject.trim().to_lowercase();
    let front = s.split([':', '：']).next().unwrap_or_default().trim();
    let head: String = text.chars().take(1000).collect::<String>().to_lowercase();
    !WEAK.contains(&front) || head.trim().is_empty() || CONFIRM.iter().any(|w| head.contains(w) || s.contains(w))
}

/// `Ming Wang is out of the office (returning 2026/03/16)`, as Domino writes; needs a text that speaks of the absence.
pub fn away_tail(subject: &str) -> bool {
    const OUT: &[&str] = &[
        "is out of the office",
        "is out of office",
        "不在辦公室",
        "在辦公室外",
        "不在办公室",
        "在办公室外",
        "außer haus",
        "nicht im büro",
        "est absent",
        "fuori ufficio",
        "fuera de la oficina",
        "fora do escritório",
    ];
    const BACK: &[&str] = &["return", "返回", "回來", "回来", "back", "retour", "zurück", "rückkehr", "rientr", "regres", "volt"];
    let s: String = subject.chars().take(400).collect::<String>().to_lowercase();
    let s = s.trim().trim_end_matches(['.', '。']);
    if OUT.iter().any(|o| s.ends_with(o)) {
        return true;
    }
    let Some((front, inner)) = s.strip_suffix([')', '）']).and_then(|s| s.rsplit_once(['(', '（'])) else { return false };
    let dated = inner.contains(|c: char| c.is_ascii_digit()) && BACK.iter().any(|b| inner.contains(b));
    dated && OUT.iter().any(|o| front.trim_end_matches([' ', '.']).ends_with(o))
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
        "我將從", "我將於", "急件", "出國", "不克", "返回後", "請洽", "離開辦公室", "返回。", "期間職務",
        "自動回覆", "自動發送", "自动回复", "請勿回覆", "请勿回复", "感謝您的來信", "感谢您的来信", "已收到您的", "我們會", "i am out of", "i will be out",
        "i am away", "i am currently", "i am on", "i'm on", "i will return", "will be back", "limited access", "in my absence", "out of the office",
        "we have received your", "get back to you", "automat", "bin ich nicht", "je suis absent", "estaré fuera", "席を外", "不在に",
    ];
    let head: String = text.chars().take(600).collect::<String>().to_lowercase();
    PHRASES.iter().filter(|p| head.contains(**p)).count() >= 2
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
