//! Machines and people as mail systems and clients of the region write them; people invented. One table: the class, the header, the words.

use super::super::read;

#[rustfmt::skip]
const MAILS: &[(&str, &str, &str)] = &[
    ("auto_reply", "Subject: 自動回覆: 您的案件\nFrom: chen@kmu.example", "我目前不在辦公室，3/10 回來。"),
    ("auto_reply", "Subject: 自動答覆: 您的案件\nFrom: chen@kmu.example", "您好，我於3月3日至3月10日休假，職務代理人為林小姐。"),
    ("auto_reply", "Subject: 自动答复: 您的案件\nFrom: chen@kmu.example", "您好，我现在休假中，无法及时回复。"),
    ("auto_reply", "Subject: 自动回复：Re: 案件\nFrom: a@qq.com", "您好，您的来信我已经收到，会尽快回复。"),
    ("auto_reply", "Subject: 自动回复:案件\nFrom: a@qq.com\nX-QQ-mid: x", "这是来自QQ邮箱的假期自动回复邮件。\n\n您好，我最近正在休假中，无法亲自回复您的邮件。"),
    ("auto_reply", "Subject: 自动回复:案件\nFrom: a@163.com", "您好，邮件已收到"),
    ("auto_reply", "Subject: 自動応答: 案件\nFrom: a@x.example", "ただいま休暇中です。"),
    ("auto_reply", "Subject: 【不在通知】Re: 案件\nFrom: a@x.example", "本日は不在にしております。"),
    ("auto_reply", "Subject: Automatic reply: case\nFrom: a@x.example", "I am out of office"),
    ("auto_reply", "Subject: Out of Office Re: case\nFrom: a@x.example", "I am currently out of the office"),
    ("auto_reply", "Subject: Re: case\nFrom: a@x.example\nAuto-Submitted: auto-replied (vacation)", "I am away"),
    ("auto_reply", "Subject: 休假中 Re: 案件\nFrom: a@gmail.com\nPrecedence: bulk\nX-Autoreply: yes", "休假"),
    ("auto_reply", "Subject: AUTO: 陳小華 不在辦公室 (返回 2026/03/10)\nFrom: a@x.example", "我 將於 2026/03/10 前不在辦公室"),
    ("auto_reply", "Subject: [自動回覆] 案件\nFrom: a@x.example\nX-Mailer: Mail2000", "本人出國"),
    ("auto_reply", "Subject: 【自動回信】 案件\nFrom: a@x.example", "本人出國"),
    ("auto_reply", "Subject: 不在辦公室: 案件\nFrom: a@x.example", "我目前不在辦公室，如有急事請洽代理人"),
    ("auto_reply", "Subject: 請假通知 (自動回覆)\nFrom: a@x.example", "我請假中"),
    ("auto_reply", "Subject: 자동 회신: 案件\nFrom: a@x.example", "부재중"),
    ("auto_reply", "Subject: Automatische Antwort: x\nFrom: a@x.example", "Ich bin nicht im Büro"),
    ("auto_reply", "Subject: Réponse automatique : x\nFrom: a@x.example", "Je suis absent"),
    ("auto_reply", "Subject: Respuesta automática: x\nFrom: a@x.example", "Estoy fuera"),
    ("auto_reply", "Subject: [Ticket#2026030312] 案件\nFrom: support@x.example\nAuto-Submitted: auto-replied", "已收到"),
    ("auto_reply", "Subject: 讀取: 案件\nFrom: a@x.example\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b", "--b\n\n已讀取\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--"),
    ("auto_reply", "Subject: 收件者已讀取: x\nFrom: a@x.example\nAuto-Submitted: auto-replied", "讀取"),
    ("bounce", "From: Mail Delivery System <Mailer-Daemon@x.example>\nSubject: Mail delivery failed: returning message to sender\nReturn-Path: <>\nAuto-Submitted: auto-replied\nX-Failed-Recipients: hua@mail.example", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  hua@mail.example\n    host mx [1.2.3.4]\n    SMTP error from remote mail server after RCPT TO:<hua@mail.example>:\n    550 5.1.1 unknown user\n"),
    ("bounce", "From: MAILER-DAEMON@x.example\nSubject: failure notice\nReturn-Path: <>", "Hi. This is the qmail-send program at x.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<hua@mail.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n"),
    ("bounce", "From: MAILER-DAEMON@mail2000.example (Mail Delivery Subsystem)\nSubject: Returned mail: User unknown\nReturn-Path: <>", "原始信件無法寄達下列收件者：\n\n<hua@mail.example>\n  550 User unknown\n"),
    ("bounce", "From: Mail Delivery System <MAILER-DAEMON@mail2000.example>\nSubject: 退信通知: 案件\nReturn-Path: <>", "您的信件無法送達以下收件人：\nhua@mail.example\n原因：550 5.1.1 User unknown\n"),
    ("bounce", "From: Mail Delivery Subsystem <MAILER-DAEMON@msr1.hinet.example>\nSubject: Returned mail: see transcript for details\nReturn-Path: <>", "   ----- The following addresses had permanent fatal errors -----\n<hua@mail.example>\n    (reason: 550 5.1.1 <hua@mail.example>... User unknown)\n"),
    ("bounce", "From: Microsoft Outlook <postmaster@x.example>\nSubject: 無法傳遞: 案件\nReturn-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b", "--b\nContent-Type: text/plain; charset=utf-8\n\n傳遞給這些收件者或群組時失敗:\n\nhua@mail.example\n找不到您輸入的電子郵件地址。\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns;x.example\n\nFinal-Recipient: rfc822;hua@mail.example\nAction: failed\nStatus: 5.1.10\n--b--"),
    ("bounce", "From: 系統管理員 <postmaster@x.example>\nSubject: 無法傳遞: 案件\nReturn-Path: <>", "您的郵件未送達下列收件者：\n\nhua@mail.example\n550 5.1.1 RESOLVER.ADR.RecipNotFound\n"),
    ("bounce", "From: PostMaster@qq.com\nSubject: 系统退信\nReturn-Path: <>", "抱歉，您的邮件被退回来了……\n收件人：hua@mail.example\n原因：550 收件人地址不存在\n"),
    ("bounce", "From: Postmaster@163.com\nSubject: 系统退信\nReturn-Path: <>", "很抱歉，您发送的邮件被对方拒收：\n收件人 hua@mail.example\n550 User not found\n"),
    ("bounce", "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Failure)\nReturn-Path: <>\nAuto-Submitted: auto-replied\nX-Failed-Recipients: hua@mail.example", "** 找不到地址 **\n\n由於系統找不到地址「hua@mail.example」，或該地址無法接收郵件，因此無法傳送您的郵件。\n\n550 5.1.1 The email account that you tried to reach does not exist."),
    ("human", "From: hua@mail.example\nSubject: 你們的系統退信", "我寄信給 chen@kmu.example 被退回：550 5.1.1 User unknown，請處理。"),
    ("human", "From: hua@mail.example\nSubject: 自動扣款錯誤", "自動扣款扣了兩次"),
    ("human", "From: hua@mail.example\nSubject: 休假期間無人處理", "你們休假期間都沒有人接電話"),
    ("human", "From: hua@mail.example\nSubject: Out of office hours nobody answers", "Nobody answers the phone"),
    ("human", "From: hua@mail.example\nSubject: 自動門壞了", "自動門壞了"),
    ("human", "From: hua@mail.example\nSubject: Re: 自動回覆: 案件", "為什麼只有自動回覆？"),
    ("human", "From: service@shop.example\nSubject: 訂單 Automatic reply 無用", "x"),
    ("human", "From: hua@mail.example\nSubject: 取消訂閱", "我不要再收到電子報了，請取消訂閱"),
    ("human", "From: hua@mail.example\nSubject: 讀取卡片失敗", "讀取卡片失敗"),
    ("human", "From: hua@mail.example\nSubject: 無法傳遞包裹", "包裹無法送達"),
    ("human", "From: hua@mail.example\nSubject: 自動提款機吃卡\nX-Auto-Response-Suppress: All\nX-MS-Has-Attach: yes", "x"),
    ("list_or_bulk", "From: news@shop.example\nSubject: 三月電子報\nList-Unsubscribe: <https://x>\nPrecedence: bulk", "特價"),
    ("list_or_bulk", "From: a@b.c\nSubject: [list] hi\nList-Id: <l.x>", "hi"),
];

#[test]
fn machines_and_people_are_told_apart() {
    for (class, header, words) in MAILS {
        let kind = if header.contains("Content-Type") { "" } else { "\nContent-Type: text/plain; charset=utf-8" };
        let mail = read(format!("{header}\nTo: s@kmu.example{kind}\n\n{words}\n").as_bytes());
        assert_eq!(mail.class.name(), *class, "{header}\n{words}");
        let names = mail.bounce.iter().flat_map(|b| &b.recipients).any(|r| r.address == "hua@mail.example");
        assert!(*class != "bounce" || names, "whose letter came back: {header}");
    }
}
