//! How words in mail are made comparable: one width, one kind of space, no invisible characters, no ornaments.
//! Only for matching. What people are shown keeps the characters that its writer typed.
//! Used by the files of this room that read Chinese; holds no meaning of its own.

use unicode_normalization::UnicodeNormalization;

/// The line as it is compared: NFKC, colon look-alikes as `:`, invisible characters gone, lower-case ASCII, trimmed.
#[must_use]
pub fn norm(line: &str) -> String {
    let mapped = line.chars().filter(|c| !invisible(*c)).map(|c| match c {
        '\u{FE30}' | '\u{2236}' | '\u{FE13}' | '\u{A789}' => ':',
        '\u{00A0}' | '\u{3000}' | '\t' => ' ',
        '\u{FE5F}' => '#',
        other => other,
    });
    let text: String = mapped.nfkc().collect();
    text.trim().to_ascii_lowercase()
}

/// `norm` with every space taken out, for labels such as 「承 辦 人」.
#[must_use]
pub fn squeeze(line: &str) -> String {
    norm(line).chars().filter(|c| !c.is_whitespace()).collect()
}

/// Characters that show nothing: zero-width, byte-order mark, bidi controls, soft hyphen.
#[must_use]
pub const fn invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}' | '\u{061C}' | '\u{FE0E}' | '\u{FE0F}')
}

/// Whether the character is a Han ideograph.
#[must_use]
pub const fn han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '〇' | '○')
}

/// The line without quote marks (`> `) at its start, and whether it had any.
#[must_use]
pub fn unquote(line: &str) -> (&str, bool) {
    let mut rest = line;
    let mut quoted = false;
    loop {
        let trimmed = rest.trim_start();
        match trimmed.strip_prefix(['>', '＞']) {
            Some(after) => {
                rest = after;
                quoted = true;
            }
            None => return (if quoted { trimmed } else { line }, quoted),
        }
    }
}

/// Full stops, commas and other marks that may trail a word without changing it.
pub const TRAILING: &[char] = &['。', '.', '!', '~', '～', ',', '、', ';', '．', '…', '｡', ' ', '^', '_'];

const SALUTED: &[&str] = &["您好", "你好", "鈞鑒", "釣鑒", "鈞啟", "惠鑒", "敬啟者", "早安", "午安", "大家好", "鈞安", "好"];

/// Whether a normalised line only greets somebody: 「王秘書您好」, `Dear Sir,`, 「主秘：」.
#[must_use]
pub fn salutation(line: &str) -> bool {
    let bare = line.trim_end_matches(TRAILING).trim_end_matches([':', '-']).trim_end_matches(TRAILING);
    let count = bare.chars().count();
    if count == 0 || count > 24 {
        return false;
    }
    if SALUTED.iter().any(|s| bare == *s || (*s != "好" && bare.ends_with(s)) || bare.starts_with("您好") && count <= 4) {
        return !bare.contains(['?', '#']) && !bare.contains('。');
    }
    if ["dear ", "hi ", "hello ", "to "].iter().any(|s| bare.starts_with(s)) || matches!(bare, "hi" | "hello" | "dear") {
        return count <= 24 && line.ends_with([',', ':', '!', '，']) || count <= 14;
    }
    let addressed = line.trim_end().ends_with(':') && count <= 10;
    addressed && TITLES.iter().any(|t| bare.ends_with(t))
        || bare.strip_prefix("敬愛的").is_some_and(|r| TITLES.iter().any(|t| r.ends_with(t)))
}

/// Titles that follow a name or stand for a person.
pub const TITLES: &[&str] = &[
    "主任秘書",
    "主秘",
    "副校長",
    "校長",
    "院長",
    "副院長",
    "總院長",
    "處長",
    "副處長",
    "主任",
    "副主任",
    "組長",
    "副組長",
    "科長",
    "股長",
    "課長",
    "所長",
    "館長",
    "局長",
    "經理",
    "副理",
    "協理",
    "襄理",
    "總經理",
    "執行長",
    "秘書",
    "組員",
    "專員",
    "幹事",
    "辦事員",
    "書記",
    "專門委員",
    "承辦人",
    "長官",
    "主管",
    "教授",
    "老師",
    "先生",
    "小姐",
    "女士",
    "同學",
    "同仁",
    "敬上",
    "敬啟",
    "敬覆",
    "敬陳",
    "謹上",
    "上",
    "代",
    "代為決行",
    "代行",
    "決行",
    "工程師",
    "助理",
    "管理師",
    "技士",
    "技正",
    "站長",
    "廠長",
];

/// Whether a normalised clause only thanks.
#[must_use]
pub fn courtesy(clause: &str) -> bool {
    let bare = clause.trim_matches(|c: char| TRAILING.contains(&c) || c == ':' || c == ')' || c == '(');
    const FIRST: &[&str] = &[
        "謝謝", "感謝", "多謝", "感恩", "辛苦", "thanks", "thank", "thx", "best", "regards", "kind", "順頌", "敬祝", "祝", "此致", "敬請",
    ];
    const WHOLE: &[&str] =
        &["謝", "謝了", "3q", "tks", "tk", "敬頌", "時綏", "勛安", "勳安", "近安", "平安", "順心", "公安", "教安", "研安"];
    let words = bare.chars().count();
    if bare.is_empty() || WHOLE.contains(&bare) {
        return true;
    }
    if bare.contains(['?', '但', '惟', '請']) && !bare.starts_with("敬請") {
        return false;
    }
    FIRST.iter().any(|f| bare.starts_with(f)) && words <= if bare.is_ascii() { 40 } else { 14 } && !changes(bare)
}

/// Whether a normalised clause holds a word that asks for something, limits or denies: such a clause is never brushed aside.
#[must_use]
pub fn changes(clause: &str) -> bool {
    const WORDS: &[&str] = &[
        "惟",
        "但",
        "請",
        "修正",
        "修改",
        "更正",
        "改為",
        "改成",
        "刪",
        "補充",
        "補件",
        "不可",
        "不同意",
        "不准",
        "不要",
        "不能",
        "不得",
        "不予",
        "不發",
        "不妥",
        "不宜",
        "退回",
        "再議",
        "再陳",
        "再送",
        "再簽",
        "暫",
        "緩",
        "勿",
        "先不",
        "別發",
        "除外",
        "除了",
        "如果",
        "倘",
        "若",
        "須",
        "需",
        "應",
        "另",
        "重擬",
        "重寫",
        "重簽",
        "保留",
        "收回",
        "撤回",
        "不對",
        "等等",
        "等一下",
        "先別",
        "且慢",
        "有誤",
        "錯誤",
        "先等",
        "別急",
        "改期",
        "緩",
        "not ",
        "don't",
        "do not",
        "except",
        "but ",
        "unless",
        "however",
        "please",
        "hold",
        "wait",
        "change",
        "revise",
        "remove",
        "after",
        "嗎",
        "?",
    ];
    WORDS.iter().any(|w| clause.contains(w))
}

/// Whether a normalised line belongs to a signature: contact data, a device's line, a name with a title, a disclaimer.
#[must_use]
pub fn signature(line: &str) -> bool {
    const CONTACT: &[&str] = &[
        "tel",
        "fax",
        "e-mail",
        "email",
        "mail:",
        "mobile",
        "電話",
        "分機",
        "傳真",
        "手機",
        "地址",
        "信箱",
        "網址",
        "http",
        "www.",
        "ext",
        "從我的",
        "從 ",
        "sent from",
        "get outlook",
        "取得 outlook",
        "下載 outlook",
        "透過",
        "以 outlook",
        "yahoo奇摩",
        "列印",
        "環保",
        "節約",
        "愛護地球",
        "this e-mail",
        "this email",
        "this message",
        "confidential",
        "本電子郵件",
        "本郵件",
        "此郵件",
        "本信件",
        "此信件",
        "機密資訊",
        "如有任何疑問",
        "如有疑問",
        "如有問題",
        "line id",
        "統一編號",
        "公務信箱",
    ];
    if CONTACT.iter().any(|w| line.contains(w)) {
        return true;
    }
    if line.chars().all(|c| c.is_ascii_digit() || " -()/#+.:|*~=_".contains(c)) || line.contains('@') && !line.contains(' ') {
        return true;
    }
    let count = line.chars().count();
    count <= 40 && !line.contains(['。', '?', '!', ';', '#']) && line.split([' ', '/', '|', ',', '、']).all(name_or_office)
}

const OFFICES: &[&str] = &[
    "處",
    "室",
    "組",
    "科",
    "課",
    "院",
    "系",
    "所",
    "中心",
    "部",
    "大學",
    "公司",
    "局",
    "館",
    "學院",
    "委員會",
    "股",
    "園區",
    "學校",
    "站",
    "廠",
    "機關",
    "單位",
];

/// Whether a word is a person's name, a title, an office or a date and nothing else.
#[must_use]
pub fn name_or_office(word: &str) -> bool {
    let word = word.trim_matches(|c: char| TRAILING.contains(&c) || "()[]【】<>:-".contains(c));
    if word.is_empty() || word.chars().all(|c| c.is_ascii_digit() || "/.:-年月日時分".contains(c)) {
        return true;
    }
    let count = word.chars().count();
    if word.is_ascii() {
        return count <= 20 && word.chars().all(|c| c.is_ascii_alphabetic() || c == '.' || c == '-') && !ENGLISH_WORDS.contains(&word);
    }
    if count > 20 || changes(word) || doubtful(word) {
        return false;
    }
    let without_date: String = word.chars().filter(|c| !c.is_ascii_digit() && !"/.-:".contains(*c)).collect();
    let parts = [without_date.as_str(), strip_title(&without_date)];
    parts.iter().any(|p| p.is_empty() || person(p) || OFFICES.iter().any(|o| p.ends_with(o)) || TITLES.contains(p))
        || OFFICES.iter().any(|o| {
            without_date.rsplit_once(o).is_some_and(|(_, after)| after.is_empty() || person(strip_title(after)) || TITLES.contains(&after))
        })
}

const ENGLISH_WORDS: &[&str] = &[
    "no",
    "yes",
    "not",
    "reject",
    "rejected",
    "return",
    "returned",
    "deny",
    "denied",
    "maybe",
    "later",
    "approve",
    "approved",
    "ok",
    "okay",
    "the",
    "is",
    "are",
    "was",
    "a",
    "an",
    "of",
    "to",
    "in",
    "on",
    "and",
    "or",
    "wrong",
    "missing",
    "date",
    "dates",
    "photo",
    "photos",
    "incomplete",
    "unit",
    "fix",
    "more",
    "info",
    "detail",
    "details",
    "needed",
    "need",
    "add",
    "typo",
    "error",
    "errors",
    "text",
    "this",
    "it",
    "tone",
    "too",
    "long",
    "short",
    "unsuitable",
    "never",
    "hold",
    "wait",
    "stop",
    "why",
    "disagree",
    "agree",
    "agreed",
    "seen",
    "noted",
    "read",
    "fine",
    "good",
    "send",
    "sent",
    "done",
    "closed",
    "pending",
    "disapprove",
    "disapproved",
    "refuse",
    "refused",
    "unclear",
];

/// Words in which a short clause is not a name although a surname opens it.
fn doubtful(word: &str) -> bool {
    word.contains([
        '不', '未', '勿', '免', '無', '否', '緩', '再', '改', '修', '刪', '補', '退', '待', '先', '後', '但', '惟', '須', '應', '需', '請',
        '暫', '議', '何', '嗎', '呢', '可', '准', '核', '閱', '悉', '發', '撤', '棄', '似', '像', '怪', '難', '擬', '辦', '簽', '錯', '誤',
        '送', '查', '才', '也', '都', '就', '會', '要', '說', '看', '想', '讓', '給', '把', '被', '嘛', '吧', '啊', '了', '的',
    ]) && !word.ends_with('查')
}

fn strip_title(word: &str) -> &str {
    let mut bare = word;
    for _ in 0..2 {
        let longest = TITLES.iter().filter_map(|t| bare.strip_suffix(t)).min_by_key(|r| r.len());
        bare = longest.unwrap_or(bare);
    }
    bare
}

const SURNAMES: &str = "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董袁潘蔡蔣余于杜葉程蘇魏呂丁任盧姚沈鍾鐘姜崔譚陸汪范廖石金韋賈夏付方鄒熊白孟秦邱丘侯江尹薛閻段雷龍史陶黎賀毛郝顧龔邵萬錢覃武戴莫孔向湯溫康施文牛樊葛邢安齊易喬伍莊涂塗詹簡游柯紀連卓阮翁童洪歐巫倪駱饒藍尤凌申古包冉解殷柳章辛管祁耿舒巴房阙闕符甘苗裴談鄔鄺辜粘力利宣幸麥諸車賴傅伊古嚴顏";
const COMPOUND: &[&str] =
    &["歐陽", "司馬", "上官", "諸葛", "張簡", "范姜", "司徒", "夏侯", "東方", "皇甫", "尉遲", "公孫", "令狐", "慕容", "端木"];

/// Whether the word reads as a Chinese personal name: a surname and one or two more characters (masked ones too), or the surname alone.
#[must_use]
pub fn person(word: &str) -> bool {
    let count = word.chars().count();
    if !(1..=5).contains(&count) || !word.chars().all(|c| han(c) || "○OＯ◯*".contains(c)) || changes(word) {
        return false;
    }
    if COMPOUND.iter().any(|c| word.starts_with(c)) {
        return (2..=5).contains(&count);
    }
    count <= 4 && word.chars().next().is_some_and(|c| SURNAMES.contains(c)) && !doubtful(word)
}

/// The personal name in a line that closes a letter: 「王小明 敬上」, 「學生 王小明 敬啟」, 「陳情人王小明」, or the name alone.
#[must_use]
pub fn closing_name(line: &str) -> Option<String> {
    const ROLES: &[&str] = &["學生", "陳情人", "申訴人", "家長", "教師", "職員", "民眾", "您的", "一位", "一名", "生", "小弟", "小妹"];
    const ENDS: &[&str] = &["敬上", "敬啟", "謹上", "敬陳", "上", "啟", "謹啟", "筆", "留"];
    if courtesy(line) {
        return None;
    }
    let mut bare = line.trim_matches(TRAILING);
    for _ in 0..2 {
        bare = ENDS.iter().filter_map(|e| bare.strip_suffix(e)).min_by_key(|r| r.len()).unwrap_or(bare).trim_end();
    }
    let word = bare.split_whitespace().next_back().unwrap_or_default();
    let whole: String = bare.chars().filter(|c| !c.is_whitespace()).collect();
    let candidates = [word, whole.as_str()]
        .map(|w| ROLES.iter().filter_map(|r| w.strip_prefix(r)).min_by_key(|r| r.len()).unwrap_or(w).trim_start_matches(':'));
    candidates
        .into_iter()
        .find(|w| (2..=4).contains(&w.chars().count()) && person(w) && !TITLES.iter().any(|t| w.ends_with(t)))
        .map(str::to_owned)
}

/// Whether a short reply says yes to a question: 確認, 是, 對, yes. The first line that says anything, as a whole.
#[must_use]
pub fn confirms(reply_text: &str) -> bool {
    const YES: &[&str] = &["確認", "是", "是的", "是我", "對", "對的", "沒錯", "正確", "採用", "確認採用", "yes", "confirm", "confirmed", "correct"];
    let lines = reply_text.lines().filter(|l| !unquote(l).1).map(norm);
    let first = lines.into_iter().find(|l| !l.is_empty() && !salutation(l)).unwrap_or_default();
    YES.contains(&first.trim_matches(TRAILING))
}
