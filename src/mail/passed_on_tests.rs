//! Mails that pass a complaint on, as their programs write them; people invented.

use super::*;
use crate::mail::read;

fn mail(subject: &str, text: &str) -> Inbound {
    read(
        format!("From: 王秘書 <wang@kmu.example>\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}")
            .as_bytes(),
    )
}

#[test]
fn forwards_of_every_program_name_their_writer() {
    let words = "宿舍三樓冷氣壞了兩週，請派人來修。";
    let blocks = [
        "寄件者: 陳小華 <hua@mail.example>\n寄件日期: 2026年3月2日 下午 09:12\n收件者: 王秘書\n主旨: 宿舍冷氣\n",
        "-----Original Message-----\nFrom: 陳小華 [mailto:hua@mail.example]\nSent: Monday, March 2, 2026 9:12 PM\nTo: 王秘書\nSubject: 宿舍冷氣\n",
        "---------- Forwarded message ---------\n寄件者： 陳小華 <hua@mail.example>\nDate: 2026年3月2日 週一 下午9:12\nSubject: 宿舍冷氣\nTo: <wang@kmu.example>\n",
        "---------- 轉寄郵件 ----------\n寄件者：陳小華 <hua@mail.example>\n日期：2026年3月2日\n主旨：宿舍冷氣\n收件者：wang@kmu.example\n",
        "开始转发的邮件：\n\n发件人: 陳小華 <hua@mail.example>\n主题: 宿舍冷氣\n日期: 2026年3月2日 21:12:00\n收件人: wang@kmu.example\n",
        "开始转发的邮件：\n\n> 发件人: 陳小華 <hua@mail.example>\n> 主题: 宿舍冷氣\n> 日期: 2026年3月2日 21:12:00\n> 收件人: wang@kmu.example\n> ",
        "Begin forwarded message:\n\nFrom: 陳小華 <hua@mail.example>\nSubject: 宿舍冷氣\nDate: March 2, 2026 at 9:12:00 PM GMT+8\nTo: wang@kmu.example\n",
        "-------- 轉寄郵件 --------\n主旨: \t宿舍冷氣\n日期: \tMon, 2 Mar 2026 21:12:00 +0800\n從: \t陳小華 <hua@mail.example>\n至: \twang@kmu.example\n",
        "-----原始郵件-----\n寄件者：陳小華 <hua@mail.example>\n收件者：wang@kmu.example\n日期：Mon, 02 Mar 2026 21:12:00 +0800\n主旨：宿舍冷氣\n",
        "________________________________\n寄件者: 陳小華 <hua@mail.example>\n寄件日期: 星期一, 三月 2, 2026 9:12:00 下午\n收件者: wang@kmu.example <wang@kmu.example>\n主旨: 宿舍冷氣\n",
    ];
    for block in blocks {
        for cover in ["", "請查照\n\n", "王秘書 轉知，請登記處理。\n\n王秘書\n分機 2101\n\n"] {
            let quoted = if block.ends_with("> ") { format!("\n> {words}") } else { format!("\n{words}") };
            let found = inside(&mail("Fwd: 宿舍冷氣", &format!("{cover}{block}{quoted}\n")));
            let found = found.unwrap_or_else(|| panic!("nobody inside: {cover}{block}"));
            assert_eq!((found.person.name.as_str(), found.person.address.as_str()), ("陳小華", "hua@mail.example"), "{cover}{block}");
            assert_eq!((found.subject.as_str(), found.text.as_str()), ("宿舍冷氣", words), "{cover}{block}");
        }
    }
}

#[test]
fn an_attached_mail_is_the_complaint() {
    let inner = "From: 陳小華 <hua@mail.example>\r\nSubject: =?utf-8?B?5a6/6IiN?=\r\nMessage-ID: <in@mail.example>\r\nDate: Mon, 2 Mar 2026 21:12:00 +0800\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n冷氣壞了。\r\n";
    for kind in ["message/rfc822", "application/octet-stream; name=\"a.eml\""] {
        let raw = format!(
            "From: wang@kmu.example\r\nSubject: FW: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n請卓處。\r\n--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=\"a.eml\"\r\n\r\n{inner}\r\n--b--\r\n"
        );
        let found = inside(&read(raw.as_bytes())).expect(kind);
        assert_eq!(
            (found.person.address.as_str(), found.subject.as_str(), found.text.as_str()),
            ("hua@mail.example", "宿舍", "冷氣壞了。")
        );
        assert_eq!(found.message_id.as_deref(), Some("in@mail.example"));
    }
}

#[test]
fn the_innermost_writer_complains_and_the_others_passed_it_on() {
    let text = "請登記。\n\n寄件者: 1999 <case@kcg.example>\n寄件日期: 2026年3月2日\n收件者: 王秘書\n主旨: 轉寄: 冷氣\n\n來文字號：高市府研字第1150001234號\n限辦日期：115年3月6日\n請逕復陳情人並惠復。\n\n---------- Forwarded message ---------\nFrom: 陳小華 <hua@mail.example>\nDate: Mon\nSubject: 冷氣\nTo: case@kcg.example\n\n冷氣壞了。";
    let found = inside(&mail("轉寄: 冷氣", text)).expect("inside");
    assert_eq!((found.person.address.as_str(), found.text.as_str()), ("hua@mail.example", "冷氣壞了。"));
    assert_eq!(found.through.iter().map(|m| m.address.as_str()).collect::<Vec<_>>(), ["case@kcg.example"]);
    let cover = cover(&found.cover);
    assert_eq!(cover.reference.as_deref(), Some("高市府研字第1150001234號"));
    assert_eq!(cover.due, Some(Until::Date("2026-03-06".into())));
    assert!(cover.tell);
}

#[test]
fn own_complaints_with_a_mail_below_are_ones_own() {
    let quoted = "寄件者: 客服 <x@shop.example>\n寄件日期: 2026年3月2日\n收件者: 我\n主旨: 訂單\n\n您的訂單已取消。";
    for (subject, above) in [
        ("FW: 訂單", "我上個月買的椅子到現在還沒有收到，客服只回我下面這封信就不理我了，請你們幫忙處理退費，金額是三千元。"),
        ("Re: 訂單", "請查照"),
        ("訂單", "請查照"),
    ] {
        assert_eq!(inside(&mail(subject, &format!("{above}\n\n{quoted}"))), None, "{subject}");
    }
    assert_eq!(inside(&mail("轉系問題", "我想轉系，請問時間：\n內容：不明")), None);
}

#[test]
fn what_authorities_ask_for() {
    let read = cover("說明：\n一、發文字號：府教字第 1150012345 號。\n二、請於115年3月20日前逕復陳情人，免復知本府。");
    assert_eq!(read.reference.as_deref(), Some("府教字第 1150012345 號"));
    assert_eq!((read.due, read.tell), (Some(Until::Date("2026-03-20".into())), false));
    assert_eq!(cover("回復期限：6個工作天").due, Some(Until::WorkingDays(6)));
    assert!(cover("辦理情形請副知本中心").tell);
    assert_eq!(cover("我在115年3月20日前往，沒有人。"), Cover::default());
}
