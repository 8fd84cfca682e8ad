//! Names, titles, offices and signatures: what in a mail is a person's mark and not his words. Used where words decide
//! something (decision.rs), where a name is looked for (fields.rs), and by wording.rs for greetings.

use super::wording::{TRAILING, changes, courtesy, han};

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

/// Whether a normalised line is what a telephone puts under every mail.
#[must_use]
pub fn device(line: &str) -> bool {
    const OPENS: &[&str] = &[
        "從我的 iphone",
        "從我的iphone",
        "從我的 ipad",
        "從我的ipad",
        "從我的 android",
        "從我的手機",
        "sent from my",
        "get outlook for",
        "取得 outlook",
        "下載 outlook",
        "sent from outlook",
        "從 yahoo",
        "sent from yahoo",
    ];
    OPENS.iter().any(|w| line.starts_with(w))
}

/// Whether a normalised line is what a device, a mail programme or a legal department puts under every mail.
#[must_use]
pub fn disclaimer(line: &str) -> bool {
    const OPENS: &[&str] = &[
        "從我的",
        "從 ",
        "sent from",
        "get outlook",
        "取得 outlook",
        "下載 outlook",
        "透過 ",
        "以 outlook",
        "yahoo奇摩",
        "this e-mail",
        "this email",
        "this message",
        "confidential",
        "本電子郵件",
        "本郵件",
        "此郵件",
        "本信件",
        "此信件",
        "如有任何疑問",
        "如有疑問",
        "如有問題",
        "如有任何問題",
        "請節約",
        "請考慮環境",
        "列印前",
        "本信箱",
        "此信箱",
        "本信為",
        "此信為",
        "免責聲明",
        "*本",
        "※本",
    ];
    device(line)
        || OPENS.iter().any(|w| line.starts_with(w))
        || ["節約用紙", "愛護地球", "響應環保", "節能減碳", "非必要勿列印", "機密資訊"].iter().any(|w| line.contains(w))
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
        "ext.",
        "line id",
        "統一編號",
    ];
    if disclaimer(line) || (CONTACT.iter().any(|w| line.contains(w)) && !changes(line)) {
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

/// Parts of office names and titles that hold a character which elsewhere denies or asks.
const HARMLESS: &[&str] = &[
    "研發",
    "發展",
    "開發",
    "補給",
    "補助",
    "退輔",
    "先進",
    "再生",
    "免疫",
    "修護",
    "維修",
    "修繕",
    "進修",
    "核能",
    "辦公",
    "承辦",
    "辦事",
    "會計",
    "委員會",
    "協會",
    "學會",
    "學生會",
    "董事會",
    "議會",
    "發言",
    "查核",
    "稽核",
    "未來",
    "停車",
    "等級",
    "高等",
    "平等",
    "發包",
    "簽證",
    "會議",
];

/// The word without such parts.
#[must_use]
pub fn without_offices(word: &str) -> String {
    HARMLESS.iter().fold(word.to_owned(), |rest, part| if rest.contains(part) { rest.replace(part, "") } else { rest })
}

/// Words in which a short clause is not a name although a surname opens it.
fn doubtful(word: &str) -> bool {
    without_offices(word).contains([
        '不', '未', '勿', '免', '無', '否', '緩', '再', '改', '修', '刪', '補', '退', '待', '先', '後', '但', '惟', '須', '應', '需', '請',
        '暫', '議', '何', '嗎', '呢', '可', '准', '核', '閱', '悉', '發', '撤', '棄', '似', '像', '怪', '難', '擬', '辦', '簽', '錯', '誤',
        '送', '才', '也', '都', '就', '會', '要', '說', '看', '想', '讓', '給', '把', '被', '嘛', '吧', '啊', '了', '的',
    ])
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
/// What follows 何 where it asks instead of naming.
const QUESTIONS: &[&str] = &["時", "必", "以", "故", "處", "人", "者", "不", "妨", "需", "須", "況", "謂", "解"];
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
    count <= 4
        && word.chars().next().is_some_and(|c| SURNAMES.contains(c))
        && !doubtful(word.strip_prefix('何').filter(|r| !QUESTIONS.iter().any(|q| r.starts_with(q))).unwrap_or(word))
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
