//! People's names: the one that is known, and those that words around them give away (我是…, …敬上, …同學, 姓名：…).
//! A name begins with a surname of the list; what begins like one and is an everyday word (高雄人, 方便) is none.

use super::{Found, Kind, Names, Text};

/// Surnames of almost everybody in Taiwan; two-character ones first.
const DOUBLE: &[&str] =
    &["歐陽", "司馬", "諸葛", "上官", "司徒", "東方", "夏侯", "皇甫", "尉遲", "公孫", "張簡", "范姜", "令狐", "端木", "慕容"];
const SINGLE: &str = "陳林黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧梁趙顏柯翁魏孫戴范方宋鄧杜傅侯曹薛丁卓馬阮董温溫唐藍蔣石古紀姚連馮歐程湯田康姜汪白尤鄒黎巫涂鐘龔嚴韓袁金童陸夏柳邵凃錢伍倪溫倪萬譚駱熊任甘秦顧毛章史官萬俞雷粘饒闕凌崔尹孔辛武辜陶段龍韋葛池孟褚殷麥賀賈莫文管關向包丘梅華裴樊房全佘左花魯游鄔成";

/// Everyday words that begin like a name.
const WORDS: &[&str] = &[
    "高雄", "高中", "高職", "高一", "高二", "高三", "高級", "高齡", "高鐵", "高等", "高學", "高年", "高度", "方便", "方才", "方式", "方面",
    "方向", "金門", "金額", "林口", "林園", "連續", "連絡", "連江", "連同", "連結", "連日", "程式", "程序", "程度", "全校", "全體", "全家",
    "全班", "全職", "全部", "全程", "全日", "平日", "和平", "曾經", "曾在", "曾是", "曾於", "夏天", "夏季", "甘願", "白天", "白色", "溫泉",
    "游泳", "包裹", "包括", "包含", "洪水", "許多", "許久", "田徑", "史上", "關於", "關心", "關係", "簡單", "簡直", "簡訊", "簡介", "段考",
    "段時", "馬上", "馬來", "成績", "成人", "成大", "成功", "成年", "成員", "管理", "管道", "管委", "經常", "左營", "左右", "左側", "顏色",
    "嚴重", "嚴格", "向來", "向貴", "向您", "向學", "項目", "路人", "陸續", "陸生", "陸客", "石油", "古蹟", "古典", "花蓮", "花費", "花了",
    "文化", "文學", "文件", "文章", "華語", "華僑", "房東", "房客", "房屋", "房間", "武術", "龍潭", "康樂", "周末", "周一", "周二", "周三",
    "周四", "周五", "周六", "周日", "周邊", "周遭", "江湖", "何時", "何人", "何處", "何以", "何種", "余等", "黃色", "黃昏", "白河", "藍色",
    "應屆", "謝謝", "謝師", "唐突", "任何", "任教", "任職", "任課", "章程", "毛病", "金融", "馬路", "馬桶", "葉子", "石化", "田野", "丁等",
    "甲等", "萬一", "萬分", "萬元", "孫子", "孫女", "童年", "官方", "官網", "施工", "施行", "施作", "江南", "海外", "湯匙", "唐朝", "宋朝",
    "史學", "毛巾", "錢財", "錢包", "梅雨", "賀年", "顧客", "顧問", "池塘", "潘朵", "莊園", "鍾愛", "王道", "國王", "張貼", "張開", "張三",
    "李四", "楊桃", "徐徐", "高興", "高溫", "高分", "常常", "傅達", "金屬", "紀錄", "紀念", "杜絕", "程老", "康復", "嚴厲", "殷切", "全額",
    "全天", "全新", "文山", "文組", "石門", "林地", "林業", "農林",
];

/// Words that a writer puts before his own name.
const OWN_LEADS: &[&str] = &[
    "我是",
    "我叫",
    "我叫做",
    "我名叫",
    "本人",
    "敝人",
    "我本人",
    "敝姓",
    "我姓",
    "學生",
    "同學",
    "家長",
    "姓名",
    "名字是",
    "名字叫",
    "姓名是",
    "陳情人",
    "申訴人",
    "投訴人",
    "客訴人",
    "聯絡人",
    "連絡人",
    "檢舉人",
    "反映人",
    "抱怨人",
    "報案人",
    "署名",
    "具名",
    "寄件人",
    "寄件者",
    "住戶",
    "住民",
    "市民",
    "民眾",
    "校友",
    "員工",
    "職員",
    "讀者",
    "用戶",
    "會員",
    "患者",
    "病患",
    "研究生",
    "碩士生",
    "博士生",
    "大學生",
    "新生",
    "研究生",
    "住宿生",
    "交換生",
    "僑生",
    "人：",
    "人:",
];
/// Words before somebody's name.
const LEADS: &[&str] = &[
    "找",
    "室友",
    "女兒",
    "兒子",
    "太太",
    "先生",
    "母親",
    "父親",
    "媽媽",
    "爸爸",
    "學長",
    "學姊",
    "學弟",
    "學妹",
    "同事",
    "承辦人",
    "承辦",
    "老師",
    "教授",
    "主任",
    "組長",
    "助教",
    "助理",
    "櫃檯",
    "窗口",
    "職員",
    "請假人",
    "導師",
    "教官",
    "護理師",
    "醫師",
    "司機",
    "教練",
    "警衛",
    "工讀生",
    "被害人",
    "證人",
    "配偶",
    "代理人",
    "名叫",
    "叫做",
    "叫",
];
/// Titles behind somebody's name.
const TITLES: &[&str] = &[
    "同學",
    "先生",
    "小姐",
    "女士",
    "老師",
    "教授",
    "副教授",
    "助理教授",
    "主任",
    "組長",
    "處長",
    "院長",
    "校長",
    "副校長",
    "秘書",
    "專員",
    "組員",
    "助教",
    "助理",
    "教官",
    "護理師",
    "醫師",
    "醫生",
    "技士",
    "技正",
    "幹事",
    "辦事員",
    "課長",
    "科長",
    "經理",
    "副理",
    "司機",
    "教練",
    "導師",
    "學長",
    "學姊",
    "學姐",
    "學弟",
    "學妹",
    "工程師",
    "承辦",
    "太太",
    "媽媽",
    "爸爸",
    "君",
];
/// Titles that a writer gives himself when he signs.
const SIGNS: &[&str] = &["敬上", "謹上", "敬啟", "謹啟", "敬陳", "謹陳", "拜上", "上", "敬", "啟", "筆", "留"];

fn han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// What the writer is known by, wherever it stands: also with spaces between, and his given name and surname with a title.
pub(super) fn known(text: &Text, known: &[&str], out: &mut Vec<Found>) {
    for secret in known {
        let bare: Vec<char> = secret.chars().map(super::fold).filter(|c| !c.is_whitespace()).collect();
        if bare.len() < 2 {
            continue;
        }
        everywhere(text, &bare, out);
        if bare.iter().all(|c| han(*c)) && bare.len() <= 5 {
            let family = if DOUBLE.iter().any(|d| secret.trim().starts_with(d)) { 2 } else { 1 };
            let given = bare.get(family..).unwrap_or_default();
            if given.len() >= 2 {
                everywhere(text, given, out);
            }
            called(text, bare.get(..family).unwrap_or_default(), out);
        } else if secret.is_ascii() && secret.contains(' ') {
            for word in secret.split_whitespace().filter(|w| w.len() >= 3) {
                everywhere(text, &word.chars().collect::<Vec<_>>(), out);
            }
        }
    }
}

/// 「陳同學」, 「陳先生」: the known surname with a title that one gives oneself.
fn called(text: &Text, family: &[char], out: &mut Vec<Found>) {
    let word: String = family.iter().collect();
    for place in 0..text.len() {
        if text.has(place, &word)
            && ["同學", "先生", "小姐", "女士", "太太", "媽媽", "爸爸"].iter().any(|t| text.has(place + family.len(), t))
        {
            out.push(Found { span: place..place + family.len(), kind: Kind::Name });
        }
    }
}

fn everywhere(text: &Text, bare: &[char], out: &mut Vec<Found>) {
    let latin = bare.iter().all(char::is_ascii);
    let same = |a: char, b: char| a == b || latin && a.eq_ignore_ascii_case(&b);
    for place in 0..text.len() {
        let mut at = place;
        let fits = bare.iter().enumerate().all(|(n, c)| {
            while n > 0 && " ._-‧·・".contains(text.at(at)) && text.at(at) != '\0' && at - place < bare.len() * 2 && !same(text.at(at), *c)
            {
                at += 1;
            }
            let here = same(text.at(at), *c);
            at += 1;
            here
        });
        let whole = !latin || !text.before(place).is_ascii_alphanumeric() && !text.at(at).is_ascii_alphanumeric();
        if fits && whole {
            out.push(Found { span: place..at, kind: Kind::Name });
        }
    }
}

/// Names that the words around them give away.
pub(super) fn find(text: &Text, whose: Names, out: &mut Vec<Found>) {
    for place in 0..text.len() {
        if !han(text.at(place)) || text.before(place) == '○' {
            continue;
        }
        let before = text.lead(place, 10);
        let before = before.trim_end_matches([' ', ':', '：', '為', '「', '(', '（', '/']);
        let own = OWN_LEADS.iter().any(|w| before.ends_with(w));
        let other = whose == Names::All && LEADS.iter().any(|w| before.ends_with(w));
        let family = surname(text, place);
        if ["我姓", "敝姓", "姓氏是"].iter().any(|w| before.ends_with(w)) && family > 0 && !han(text.at(place + family)) {
            out.push(Found { span: place..place + family, kind: Kind::Name });
            continue;
        }
        if let Some(end) = (own || other).then(|| name(text, place)).flatten() {
            out.push(Found { span: place..end, kind: Kind::Name });
            continue;
        }
        if let Some(end) = signed(text, place).or_else(|| (whose == Names::All).then(|| titled(text, place)).flatten()) {
            out.push(Found { span: place..end, kind: Kind::Name });
        }
    }
    latin(text, out);
}

/// How long a surname there is.
fn surname(text: &Text, place: usize) -> usize {
    if DOUBLE.iter().any(|d| text.has(place, d)) { 2 } else { usize::from(SINGLE.contains(text.at(place))) }
}

fn everyday(text: &Text, place: usize) -> bool {
    WORDS.iter().any(|w| text.has(place, w))
}

/// Where the name that begins there ends: at a sign, or before a word that goes on.
fn name(text: &Text, place: usize) -> Option<usize> {
    const GOES_ON: &[&str] = &[
        "的", "是", "，", "同學", "先生", "小姐", "女士", "老師", "就讀", "目前", "現在", "住", "電話", "手機", "學號", "身分", "身份",
        "來信", "想", "要", "於", "在", "與", "和", "及", "跟", "一", "今", "因", "對", "為", "敬", "謹", "上", "媽媽", "爸爸", "家長",
        "教授", "主任", "向", "曾", "從", "也", "就", "很", "被", "說", "表", "聯", "我", "您", "已", "並", "所", "有", "去", "將", "有",
        "不", "都", "請", "希", "之", "投", "申", "陳情", "檢", "反", "大", "研", "本", "系", "信", "叫", "昨", "當", "到", "讓", "之",
        "著", "以", "自", "代", "居", "欲", "擬",
    ];
    let family = surname(text, place);
    if family == 0 || everyday(text, place) {
        return None;
    }
    let stops = |at: usize| !han(text.at(at)) || GOES_ON.iter().any(|w| text.has(at, w));
    // 「陳 小 華」
    if family == 1 && text.at(place + 1) == ' ' && han(text.at(place + 2)) {
        let third = text.at(place + 3) == ' ' && han(text.at(place + 4)) && !han(text.at(place + 5));
        if third {
            return Some(place + 5);
        }
    }
    for given in [2, 1, 3] {
        let end = place + family + given;
        let all = (place + family..end).all(|p| han(text.at(p)));
        if all
            && stops(end)
            && (given < 3 || !han(text.at(end)))
            && !(given == 1 && han(text.at(end)) && !GOES_ON.iter().take(13).any(|w| text.has(end, w)))
        {
            return Some(end);
        }
    }
    // Glued to a word that we do not know: surname and two characters.
    (place + family..place + family + 2).all(|p| han(text.at(p))).then_some(place + family + 2)
}

/// A last line such as 「陳小華 敬上」 or 「學生 陳小華」, or the name alone on a line of its own.
fn signed(text: &Text, place: usize) -> Option<usize> {
    let family = surname(text, place);
    if family == 0 || everyday(text, place) {
        return None;
    }
    let begins = {
        let lead = text.lead(place, 12);
        lead.trim().is_empty() || lead.trim_end().ends_with(['-', '—', '~']) || lead.ends_with(' ')
    };
    for given in [2, 1] {
        let end = place + family + given;
        if !(place + family..end).all(|p| han(text.at(p))) {
            continue;
        }
        let mut at = end;
        while " ,，".contains(text.at(at)) && text.at(at) != '\0' {
            at += 1;
        }
        let ends = |p: usize| matches!(text.at(p), '\n' | '\0' | '。' | ' ' | '(' | '!');
        if SIGNS.iter().any(|s| text.has(at, s) && ends(at + s.chars().count())) {
            return Some(end);
        }
        let alone = begins && text.lead(place, 12).trim().is_empty() && matches!(text.at(end), '\n' | '\0');
        if alone && place > 0 && (given == 2 || text.at(end) == '\0') {
            return Some(end);
        }
    }
    None
}

/// 「陳小華同學」, 「王老師」.
fn titled(text: &Text, place: usize) -> Option<usize> {
    let family = surname(text, place);
    if family == 0 || everyday(text, place) {
        return None;
    }
    // Inside a longer word that is no name: 「選課程式」.
    for given in [2, 1, 0] {
        let end = place + family + given;
        if (place + family..end).all(|p| han(text.at(p))) && TITLES.iter().any(|t| text.has(end, t)) {
            return Some(end);
        }
    }
    None
}

/// `My name is John Smith`, `Name: John Smith`, `Regards,\nJohn Smith`.
fn latin(text: &Text, out: &mut Vec<Found>) {
    const LEADS: &[&str] = &[
        "my name is ",
        "i am ",
        "i'm ",
        "name: ",
        "name：",
        "this is ",
        "regards,\n",
        "sincerely,\n",
        "yours,\n",
        "regards\n",
        "sincerely\n",
        "我是 ",
        "我是",
        "我叫",
        "姓名:",
        "姓名: ",
        "姓名：",
        "本人",
        "本人 ",
    ];
    for place in 0..text.len() {
        if !text.at(place).is_ascii_uppercase() || text.before(place).is_ascii_alphanumeric() {
            continue;
        }
        let before = text.slice(place.saturating_sub(12)..place).to_lowercase();
        if !LEADS.iter().any(|w| before.ends_with(w)) {
            continue;
        }
        let (mut end, mut words) = (place, 0);
        while words < 4 && text.at(end).is_ascii_uppercase() {
            let from = end;
            while text.at(end).is_ascii_alphabetic()
                || "'.-".contains(text.at(end)) && text.at(end) != '\0' && text.at(end + 1).is_ascii_alphabetic()
            {
                end += 1;
            }
            if text.at(end).is_ascii_digit() {
                end = from;
                break;
            }
            words += 1;
            if text.at(end) == ' ' && text.at(end + 1).is_ascii_uppercase() {
                end += 1;
            } else {
                break;
            }
        }
        while end > place && text.before(end) == ' ' {
            end -= 1;
        }
        if words >= 2 {
            out.push(Found { span: place..end, kind: Kind::Name });
        }
    }
}
