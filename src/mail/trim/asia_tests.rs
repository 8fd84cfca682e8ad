//! What stands below the new words in mails of clients that people in Taiwan and around it write with; people invented. One table: a client's
//! line or block, `Q` for the old words quoted with `>`, `O` for the old words as they are.

use super::trim;
use crate::mail::textparts::plain_lines;

const OLD: &str = "您好：\n\n您的案件已處理完畢。\n教務處 敬上";
const NEW: &str = "冷氣還是壞的，請再派人。\n\n謝謝";

#[rustfmt::skip]
const CLIENTS: &[(&str, &str)] = &[
    ("gmail-zh", "秘書室 <s@kmu.example> 於 2026年3月3日 週二 上午9:00 寫道：\n\nQ"),
    ("gmail-zh2", "秘書室 <s@kmu.example> 於 2026年3月3日週二 09:00寫道：\n\nQ"),
    ("gmail-zh-wrapped", "高雄示範大學 秘書室 意見信箱 <service+r.0000000000000a.0000000000000000000000000@kmu.example>\n於 2026年3月3日 週二 上午9:00 寫道：\n\nQ"),
    ("gmail-cn", "秘书室 <s@kmu.example> 于2026年3月3日周二 09:00写道：\n\nQ"),
    ("gmail-ja", "2026年3月3日(火) 9:00 秘書室 <s@kmu.example>:\n\nQ"),
    ("gmail-ko", "2026년 3월 3일 (화) 오전 9:00, 비서실 <s@kmu.example>님이 작성:\n\nQ"),
    ("gmail-de", "Am Di., 3. März 2026 um 09:00 Uhr schrieb Office <s@kmu.example>:\n\nQ"),
    ("gmail-fr", "Le mar. 3 mars 2026 à 09:00, Office <s@kmu.example> a écrit :\n\nQ"),
    ("gmail-es", "El mar, 3 mar 2026 a las 9:00, Office (<s@kmu.example>) escribió:\n\nQ"),
    ("gmail-vi", "Vào Th 3, 3 thg 3, 2026 vào lúc 09:00 Office <s@kmu.example> đã viết:\n\nQ"),
    ("gmail-id", "Pada tanggal Sel, 3 Mar 2026 pukul 09.00 Office <s@kmu.example> menulis:\n\nQ"),
    ("gmail-th", "ในวันที่ อ. 3 มี.ค. 2026 เวลา 09:00 Office <s@kmu.example> เขียนว่า:\n\nQ"),
    ("apple-zh", "秘書室 <s@kmu.example> 於 2026年3月3日 上午9:00 寫道：\n\nQ"),
    ("apple-zh-ios", "> 秘書室 <s@kmu.example> 於 2026年3月3日 上午9:00 寫道：\n> \nQ"),
    ("apple-cn", "> 在 2026年3月3日，上午9:00，秘书室 <s@kmu.example> 写道：\n> \nQ"),
    ("apple-cn2", "在 2026年3月3日，09:00，秘书室 <s@kmu.example> 写道：\n\nQ"),
    ("outlook-zh", "寄件者: 秘書室 <s@kmu.example>\n寄件日期: 2026年3月3日 上午 09:00\n收件者: 陳小華 <hua@mail.example>\n主旨: 收件通知\n\nO"),
    ("outlook-zh-rule", "________________________________\n寄件者: 秘書室 <s@kmu.example>\n寄件日期: 星期二, 三月 3, 2026 9:00:00 上午\n收件者: 陳小華 <hua@mail.example>\n主旨: 收件通知\n\nO"),
    ("outlook-new-zh", "________________________________\n寄件人： 秘書室 <s@kmu.example>\n已傳送： 2026年3月3日 星期二 09:00\n至： 陳小華 <hua@mail.example>\n主旨： 收件通知\n\nO"),
    ("outlook-cn", "发件人: 秘书室 <s@kmu.example>\n发送时间: 2026年3月3日 9:00\n收件人: 陈小华 <hua@mail.example>\n主题: 收件通知\n\nO"),
    ("outlook-cn-rule", "________________________________\n发件人: 秘书室 <s@kmu.example>\n已发送: 星期二, 三月 3, 2026 9:00 上午\n收件人: hua@mail.example <hua@mail.example>\n主题: 收件通知\n\nO"),
    ("outlook-ja", "差出人: 秘書室 <s@kmu.example>\n送信日時: 2026年3月3日 9:00\n宛先: hua@mail.example\n件名: 通知\n\nO"),
    ("outlook-ja2", "________________________________\nFrom: 秘書室 <s@kmu.example>\nSent: Tuesday, March 3, 2026 9:00:00 AM\nTo: hua@mail.example <hua@mail.example>\nSubject: 通知\n\nO"),
    ("outlook-ko", "보낸 사람: 비서실 <s@kmu.example>\n보낸 날짜: 2026년 3월 3일 화요일 오전 9:00\n받는 사람: hua@mail.example\n제목: 알림\n\nO"),
    ("outlook-de", "Von: Office <s@kmu.example>\nGesendet: Dienstag, 3. März 2026 09:00\nAn: hua@mail.example\nBetreff: x\n\nO"),
    ("outlook-fr", "De : Office <s@kmu.example>\nEnvoyé : mardi 3 mars 2026 09:00\nÀ : hua@mail.example\nObjet : x\n\nO"),
    ("outlook-es", "De: Office <s@kmu.example>\nEnviado el: martes, 3 de marzo de 2026 9:00\nPara: hua@mail.example\nAsunto: x\n\nO"),
    ("outlook-android", "取得 Android 版 Outlook<https://aka.ms/AAb9ysg>\n________________________________\nFrom: 秘書室 <s@kmu.example>\nSent: Tuesday, March 3, 2026 9:00:00 AM\nTo: hua@mail.example <hua@mail.example>\nSubject: x\n\nO"),
    ("yahoo-zh", "    秘書室 <s@kmu.example> 於 2026年3月3日 星期二 上午09:00:00 [GMT+8] 寫道：  \n \n O"),
    ("yahoo-zh2", " 在 2026年3月3日 週二 上午9:00，秘書室<s@kmu.example> 寫道：  \nQ"),
    ("yahoo-app", "從我的 iPhone 的 Yahoo奇摩電子信箱傳送\n\n在 2026年3月3日 星期二，09:00，秘書室 <s@kmu.example> 寫道：\n\nO"),
    ("yahoo-app2", "Yahoo奇摩電子郵件：搜尋、整理、征服\n\n  於 週二, 3 月 3, 2026 於 9:00，秘書室<s@kmu.example> 寫道：   O"),
    ("mail2000", "-----Original message-----\nFrom:秘書室<s@kmu.example>\nTo:hua<hua@mail.example>\nDate:Tue, 3 Mar 2026 09:00:00\nSubject:收件通知\n\nO"),
    ("mail2000b", "-----原始郵件-----\n寄件者:秘書室<s@kmu.example>\n收件者:hua@mail.example\n日期:Tue, 03 Mar 2026 09:00:00\n標題:收件通知\n\nO"),
    ("openfind", "---------- 原始信件 ----------\n寄件者： 秘書室 <s@kmu.example>\n收件者： hua@mail.example\n寄件日期： 2026/03/03 09:00:00\n主旨： 收件通知\n\nO"),
    ("notes-zh", "秘書室 <s@kmu.example>\n2026/03/03 09:00\n\n收件人\nhua@mail.example\n副本抄送\n\n主旨\n收件通知\n\n\nO"),
    ("notes-en", "From:   Office <s@kmu.example>\nTo:     hua@mail.example\nDate:   2026/03/03 09:00\nSubject:        x\n\n\n\nO"),
    ("qq", "------------------ 原始邮件 ------------------\n发件人: \"秘书室\" <s@kmu.example>;\n发送时间: 2026年3月3日(星期二) 上午9:00\n收件人: \"hua\" <hua@mail.example>;\n主题: 收件通知\n\nO"),
    ("qq-tw", "------------------ 原始郵件 ------------------\n寄件者: \"秘書室\" <s@kmu.example>;\n寄送時間: 2026年3月3日(星期二) 上午9:00\n收件者: \"hua\" <hua@mail.example>;\n主旨: 收件通知\n\nO"),
    ("163", "在 2026-03-03 09:00:00，\"秘书室\" <s@kmu.example> 写道：\n\nO"),
    ("163b", "At 2026-03-03 09:00:00, \"Office\" <s@kmu.example> wrote:\n\nQ"),
    ("163-mobile", "---- 回复的原邮件 ----\n| 发件人 | 秘书室<s@kmu.example> |\n| 日期 | 2026年03月03日 09:00 |\n| 收件人 | hua@mail.example |\n| 主题 | 收件通知 |\nO"),
    ("samsung-zh", "從我的 Galaxy 傳送\n\n\n-------- 原始訊息 --------\n寄件者： 秘書室 <s@kmu.example>\n日期： 2026/3/3 上午9:00 (GMT+08:00)\n收件者： hua@mail.example\n主旨： 收件通知\n\nO"),
    ("samsung-en", "Sent from my Galaxy\n\n-------- Original message --------\nFrom: Office <s@kmu.example>\nDate: 3/3/26 9:00 AM (GMT+08:00)\nTo: hua@mail.example\nSubject: x\n\nO"),
    ("k9-zh", "於 2026年3月3日 GMT+08:00 上午9:00:00, \"秘書室\" <s@kmu.example> 寫道：\nQ"),
    ("k9-en", "On 3 March 2026 09:00:00 GMT+08:00, Office <s@kmu.example> wrote:\nQ"),
    ("thunderbird-zh", "秘書室 於 2026/3/3 上午 09:00 寫道:\nQ"),
    ("thunderbird-zh2", "於 2026/3/3 上午 09:00，秘書室 提到:\nQ"),
    ("thunderbird-cn", "在 2026/3/3 9:00, 秘书室 写道:\nQ"),
    ("thunderbird-ja", "On 2026/03/03 9:00, 秘書室 wrote:\nQ"),
    ("proton", "Sent with Proton Mail secure email.\n\nOn Tuesday, March 3rd, 2026 at 9:00 AM, Office <s@kmu.example> wrote:\n\nQ"),
    ("proton-zh", "使用 Proton Mail 安全電子郵件傳送。\n\n在 2026年3月3日 星期二 上午9:00，秘書室 <s@kmu.example> 寫道：\n\nQ"),
    ("proton-zh2", "2026年3月3日星期二 09:00，秘書室 <s@kmu.example> 寫道：\n\nQ"),
    ("zimbra", "----- Original Message -----\nFrom: \"Office\" <s@kmu.example>\nTo: \"hua\" <hua@mail.example>\nSent: Tuesday, March 3, 2026 9:00:00 AM\nSubject: x\n\nO"),
    ("zimbra-zh", "----- 原始郵件 -----\n寄件人: \"秘書室\" <s@kmu.example>\n收件人: \"hua\" <hua@mail.example>\n傳送日期: 2026年 3 月 3日, 星期二 上午 9:00:00\n主題: x\n\nO"),
    ("zimbra-cn", "----- 原始邮件 -----\n发件人: \"秘书室\" <s@kmu.example>\n收件人: \"hua\" <hua@mail.example>\n发送时间: 星期二, 2026年 3 月 03日 上午 9:00:00\n主题: x\n\nO"),
    ("roundcube-zh", "於 2026-03-03 09:00，秘書室 寫到：\nQ"),
    ("roundcube-zh2", "秘書室 於 2026-03-03 09:00 寫到：\nQ"),
    ("roundcube-en", "On 2026-03-03 09:00, Office wrote:\nQ"),
    ("hinet", "----- Original Message -----\nFrom: 秘書室\nTo: hua@mail.example\nSent: Tuesday, March 03, 2026 9:00 AM\nSubject: 收件通知\n\nO"),
    ("line-like", "秘書室 <s@kmu.example>於2026年3月3日 週二，9:00寫道：\nQ"),
    ("outlook-web-zh", "________________________________\n寄件者: 秘書室 <s@kmu.example> 代表 意見信箱 <x@kmu.example>\n寄件日期: 2026年3月3日 上午 09:00\n收件者: hua@mail.example <hua@mail.example>\n副本: z@kmu.example <z@kmu.example>\n主旨: 收件通知\n\nO"),
    ("spark", "從我的手機發送\n2026年3月3日 +0800 09:00 秘書室 <s@kmu.example>，寫道：\nQ"),
    ("mi", "发自我的小米手机\n秘书室 <s@kmu.example>于2026年3月3日 09:00写道：\nO"),
    ("huawei", "發自我的華為手機\n\n\n-------- 原始郵件 --------\n主旨：收件通知\n寄件者：秘書室\n收件者：hua@mail.example\n副本抄送：\n\n\nO"),
    ("asus", "從我的ASUS手機發送\n\n-------- 原始郵件 --------\n寄件者:秘書室 <s@kmu.example>\n傳送日期:Tue, 03 Mar 2026 09:00:00 +0800\n收件者:hua@mail.example\n主旨:收件通知\n\nO"),
    ("htc", "從我的 HTC 傳送\n\n----- 回覆訊息 -----\n寄件者： \"秘書室\" <s@kmu.example>\n收件者： hua@mail.example\n主旨： 收件通知\n日期： 週二, 3 月 3 日, 2026 年 09:00\n\nO"),
    ("lotus-memo", "----- 轉呈者 王秘書/KMU 時間 2026/03/03 09:00 -----\n\nO"),
    ("exchange-inline", "From: 秘書室 [mailto:s@kmu.example]\nSent: Tuesday, March 3, 2026 9:00 AM\nTo: hua\nSubject: RE: x\n\nO"),
    ("outlook-classic-line", "-----Original Appointment-----\nFrom: Office <s@kmu.example>\nSent: Tuesday, March 3, 2026 9:00 AM\nTo: hua\nSubject: x\n\nO"),
];

#[test]
fn only_the_new_words_are_new() {
    let quoted: String = OLD.lines().map(|l| if l.is_empty() { ">\n".to_owned() } else { format!("> {l}\n") }).collect();
    for (client, below) in CLIENTS {
        let (head, old) = match below.strip_suffix('Q') {
            Some(head) => (head, quoted.as_str()),
            None => (below.strip_suffix('O').expect("a tail"), OLD),
        };
        let text = format!("{NEW}\n\n{head}{old}\n");
        let found = trim(&plain_lines(&text));
        assert_eq!(found.reply, NEW, "{client}");
        assert!(found.quoted.contains("您的案件已處理完畢。"), "{client}: what is cut is kept");
    }
}
