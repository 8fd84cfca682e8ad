//! Words by which machines give themselves away, in Chinese, English, Japanese and the languages of our neighbours' mail programs;
//! those of absences are in `away`.
//! Each list says where the word must stand; a word anywhere in a sentence proves nothing.

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
        "系統自動發送", "系統自動回覆", "系統自動寄發", "系統自動發出", "系統自動寄出", "系統自動產生", "由系統自動", "系统自动发送", "系统自动发出", "請勿直接回覆", "請勿回覆此", "请勿直接回复", "請不要直接回覆",
        "自動送信", "このメールは自動", "this is an automated", "this is an automatic", "this is an automatically",
        "do not reply to this", "automatically generated", "please do not reply", "auto-generated",
    ];
    let lower = text.to_lowercase();
    PHRASES.iter().any(|p| lower.contains(p))
}

/// A short text that thanks for a mail at its very beginning and says that a machine sent it.
pub fn thanks_as_machine(subject: &str, text: &str) -> bool {
    #[rustfmt::skip]
    const THANKS: &[&str] = &[
        "感謝您的來信", "謝謝您的來信", "感謝您的來函", "感謝您的意見", "我們已收到", "我們已經收到", "已收到您的", "已經收到您的", "感谢您的来信", "我们已收到",
        "thank you for contacting", "thank you for your e-mail", "thank you for your email", "thank you for your message",
        "we have received your", "お問い合わせありがとう", "お問い合わせいただき",
    ];
    let head: String = text.chars().take(90).collect::<String>().to_lowercase();
    let short = text.chars().count() <= 600;
    // Who shows such a text puts it into quotation marks or says something before it.
    let begins = |t: &&str| {
        head.find(t).is_some_and(|p| head.get(..p).is_some_and(|b| b.chars().count() <= 30 && !b.contains(['「', '『', '"', '“', '\''])))
    };
    short && !super::super::thread::is_reply_subject(subject) && THANKS.iter().any(begins) && machine_text(text)
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
