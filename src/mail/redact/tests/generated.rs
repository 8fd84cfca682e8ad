//! Complaints made of sentences, people and numbers by a seed: the same ones each time. A mark stands around whatever tells
//! who somebody is; beside it stand numbers and words that look alike and tell nothing.

use super::{Marked, marked};

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).expect("small")
    }

    /// As it lies, without throwing.
    fn lies(&self, n: u64) -> usize {
        usize::try_from(self.0 % n).expect("small")
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).expect("digit"))).collect()
    }

    fn letter(&mut self) -> char {
        char::from(b'A' + u8::try_from(self.below(26)).expect("letter"))
    }
}

const FAMILY: &[&str] = &[
    "陳", "林", "黃", "張", "李", "王", "吳", "劉", "蔡", "楊", "許", "鄭", "謝", "郭", "洪", "邱", "曾", "廖", "賴", "徐", "周", "葉",
    "蘇", "莊", "呂", "江", "何", "蕭", "羅", "高", "潘", "簡", "朱", "鍾", "彭", "游", "詹", "胡", "施", "沈", "余", "趙", "盧", "梁",
    "顏", "柯", "孫", "魏", "翁", "戴", "范", "宋", "方", "鄧", "杜", "侯", "曹", "薛", "丁", "馬", "唐", "卓", "藍", "馮", "石", "董",
    "歐陽", "張簡", "范姜",
];
const GIVEN: &[&str] = &[
    "淑芬", "志明", "家豪", "雅婷", "怡君", "宗翰", "冠宇", "承恩", "品妤", "宜蓁", "柏翰", "欣怡", "建宏", "美玲", "文德", "思穎", "彥廷",
    "子晴", "俊傑", "惠雯", "佳穎", "國強", "詩涵", "育誠", "婉婷", "正雄", "靜", "偉", "敏", "婷",
];
const ROADS: &[&str] =
    &["中正路", "民生一路", "十全一路", "文化路二段", "大學路", "建國三路", "和平東路一段", "成功街", "復興北路", "自由二路", "博愛街"];
const TOWNS: &[&str] = &[
    "高雄市三民區",
    "臺北市大安區",
    "新北市板橋區",
    "臺南市東區",
    "台中市西屯區",
    "屏東縣內埔鄉",
    "桃園市中壢區",
    "花蓮縣壽豐鄉",
    "彰化縣員林市",
    "",
];

const OPENINGS: &[&str] = &["您好：", "敬啟者：", "承辦單位您好，", "", "貴校您好：\n", "Hi,", "秘書室您好："];
const MATTERS: &[&str] = &[
    "選課系統 3 月 2 日早上一直當機，加選的課全部不見。",
    "宿舍冷氣壞了三天，打給管理員都沒有人接。",
    "圖書館三樓的插座 12 個有 8 個不能用。",
    "成績在 2026-03-05 還沒有上傳，課號 CSE1023。",
    "學餐的便當 85 元漲到 120 元，份量卻變少。",
    "註冊繳費 12,500 元，系統顯示未繳，收據編號 20260300012。",
    "高雄總校區的停車費比去年多了 2 成，很不方便。",
    "公文文號高市教字第11500012345號寄了兩個月才到。",
    "網路在晚上 10:30 到 11:45 之間完全不能用。",
    "教室投影機型號 EB-2250 每次都要重開。",
    "訂單編號 A12345678 的畢業服尺寸不符。",
    "電梯從 115 年 1 月壞到現在，無障礙坡道也被擋住。",
    "承辦人說要七個工作日，今天已經第 15 天。",
    "發票 AB12345678 與收據金額不符。",
    "115-0042 號案的答覆沒有回答我的問題。",
    "課程網頁 https://course.example/115/1 打不開。",
    "社團經費 30000 元從 114 年 9 月拖到現在。",
    "老師上課常常遲到，主任說他會處理。",
    "財產編號 3140101-03 的椅子斷了。",
    "公車 100 號與 248 號的班次減少，等了 40 分鐘。",
];
const ENDS: &[&str] = &["請儘快處理，謝謝。", "希望改善。", "請給我一個說明。", "謝謝您。", "盼覆。"];

fn name(dice: &mut Dice) -> String {
    format!("{}{}", dice.of(FAMILY), dice.of(GIVEN))
}

/// A letter and nine characters whose check digit is right.
fn identity(dice: &mut Dice, second: &str) -> String {
    loop {
        let text = format!("{}{second}{}", dice.letter(), dice.digits(8));
        let value = |c: char| match c.to_digit(10) {
            Some(d) => d,
            None => u32::try_from("ABCDEFGHJKLMNPQRSTUVXYWZIO".find(c).expect("letter")).expect("small") + 10,
        };
        let all: Vec<u32> = text.chars().map(value).collect();
        let mut sum = all[0] / 10 + all[0] % 10 * 9 + all[9];
        for (n, v) in all.iter().enumerate().take(9).skip(1) {
            sum += v % 10 * u32::try_from(9 - n).expect("small");
        }
        if sum.is_multiple_of(10) {
            return text;
        }
    }
}

fn card(dice: &mut Dice) -> String {
    loop {
        let text = format!("4{}", dice.digits(15));
        let sum: u32 = text
            .chars()
            .rev()
            .enumerate()
            .map(|(n, c)| c.to_digit(10).expect("digit") * if n % 2 == 0 { 1 } else { 2 })
            .map(|v| v / 10 + v % 10)
            .sum();
        if sum.is_multiple_of(10) {
            return match dice.below(3) {
                0 => text,
                1 => format!("{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..]),
                _ => format!("{} {} {} {}", &text[..4], &text[4..8], &text[8..12], &text[12..]),
            };
        }
    }
}

fn phone(dice: &mut Dice) -> String {
    let (a, b, c) = (dice.digits(2), dice.digits(3), dice.digits(3));
    match dice.below(9) {
        0 => format!("09{a}{b}{c}"),
        1 => format!("09{a}-{b}-{c}"),
        2 => format!("09{a} {b} {c}"),
        3 => format!("+886-9{a}-{b}-{c}"),
        4 => format!("07-3{b}{c}"),
        5 => format!("(02)2{b}-4{c}"),
        6 => format!("02-2{b}4{c} 分機 {}", 100 + dice.below(900)),
        7 => format!("07-3{b}{c}#{}", 1000 + dice.below(900)),
        _ => format!("09{a}{b}{c}").chars().map(|d| char::from_u32(u32::from(d) + 0xfee0).expect("wide")).collect(),
    }
}

fn address(dice: &mut Dice) -> String {
    let number = 1 + dice.below(480);
    let tail = match dice.below(5) {
        0 => "號".to_owned(),
        1 => format!("號{}樓", 2 + dice.below(12)),
        2 => format!("巷{}號", 1 + dice.below(60)),
        3 => format!("巷{}弄{}號{}樓之{}", 1 + dice.below(60), 1 + dice.below(20), 2 + dice.below(8), 1 + dice.below(9)),
        _ => format!("之{}號", 1 + dice.below(9)),
    };
    format!("{}{}{number}{tail}", dice.of(TOWNS), dice.of(ROADS))
}

fn mail(dice: &mut Dice) -> String {
    let local = dice.of(&["hua", "w.chen", "student_01", "lin-yi", "a.b.c", "user"]);
    format!("{local}{}@{}", dice.digits(2), dice.of(&["mail.example", "gmail.example", "cc.school.example", "stu.school.edu.example"]))
}

fn plate(dice: &mut Dice) -> String {
    let letters =
        |dice: &mut Dice, n: usize| (0..n).map(|_| ['B', 'C', 'D', 'K', 'L', 'N', 'T', 'V', 'W'][dice.below(9)]).collect::<String>();
    match dice.below(3) {
        0 => format!("{}-{}", letters(dice, 3), dice.digits(4)),
        1 => format!("{}-{}", dice.digits(4), letters(dice, 2)),
        _ => format!("{}-{}", letters(dice, 3), dice.digits(3)),
    }
}

/// A sentence with something personal in it.
fn personal(dice: &mut Dice, own: &str) -> String {
    let other = name(dice);
    match dice.below(22) {
        0 => format!("我是〔name:{own}〕，"),
        1 => format!("本人〔name:{own}〕就讀資工系，"),
        2 => format!("我叫〔name:{own}〕。"),
        3 => format!("我的電話是〔phone:{}〕，", phone(dice)),
        4 => format!("聯絡電話：〔phone:{}〕\n", phone(dice)),
        5 => format!("手機 〔phone:{}〕，白天可接。", phone(dice)),
        6 => format!("身分證字號〔id:{}〕。", identity(dice, ["1", "2"][dice.lies(2)])),
        7 => format!("我的身分證是〔id:{}〕，", identity(dice, "1").to_lowercase()),
        8 => format!("居留證〔resident:{}〕無法登入。", identity(dice, ["8", "9"][dice.lies(2)])),
        9 => {
            let second = ["A", "B", "C", "D"][dice.below(4)];
            format!("我的統一證號 〔resident:{}〕，", identity(dice, second))
        }
        10 => format!("我住在〔address:{}〕，", address(dice)),
        11 => format!("地址：〔address:{}〕\n", address(dice)),
        12 => format!("請寄到〔address:{}〕。", address(dice)),
        13 => format!("學號〔student:{}{}〕，", ["B", "M", "D", "U"][dice.lies(4)], dice.digits(8)),
        14 => format!("學號：〔student:4{}〕\n", dice.digits(8)),
        15 => format!("卡號〔card:{}〕被重複扣款。", card(dice)),
        16 => format!("我的車牌〔plate:{}〕被拖吊。", plate(dice)),
        17 => format!("機車〔plate:{}〕停在車棚被刮傷。", plate(dice)),
        18 => format!("信箱 〔mail:{}〕，", mail(dice)),
        19 => format!("Email：〔mail:{}〕\n", mail(dice)),
        20 => format!("我室友〔name:{other}〕也一樣，"),
        _ => format!("〔name:{other}〕{}說不能辦。", dice.of(&["老師", "主任", "組長", "同學", "教授"])),
    }
}

fn signature(dice: &mut Dice, own: &str) -> String {
    match dice.below(6) {
        0 => format!("\n〔name:{own}〕 敬上"),
        1 => format!("\n〔name:{own}〕敬上\n〔phone:{}〕", phone(dice)),
        2 => format!("\n\n〔name:{own}〕"),
        3 => format!("\n學生 〔name:{own}〕 上"),
        4 => format!("\n姓名：〔name:{own}〕"),
        _ => String::new(),
    }
}

/// So many complaints, each with its writer's name.
pub(in super::super) fn complaints(count: usize, seed: u64) -> Vec<(Marked, String)> {
    let mut dice = Dice(seed);
    let mut out = Vec::new();
    for _ in 0..count {
        let own = name(&mut dice);
        let mut text = dice.of(OPENINGS).to_owned();
        for _ in 0..2 + dice.below(3) {
            text.push_str(&personal(&mut dice, &own));
            text.push_str(dice.of(MATTERS));
        }
        text.push_str(dice.of(ENDS));
        text.push_str(&signature(&mut dice, &own));
        out.push((marked(&text), own));
    }
    out
}
