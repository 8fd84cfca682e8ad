//! Replies of approvers as officials write them. Called by cargo test only.

use super::*;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Yes,
    Back(&'static str),
    Change,
    Read,
    Open,
    Nil,
    New(&'static str),
}
use Kind::{Back, Change, New, Nil, Open, Read, Yes};

fn kind_matches(found: &Decision, wanted: Kind) -> bool {
    match (found, wanted) {
        (Decision::Approve, Yes)
        | (Decision::ChangeAsked { .. }, Change)
        | (Decision::Seen, Read)
        | (Decision::Unclear, Open)
        | (Decision::Empty, Nil) => true,
        (Decision::Return { reason }, Back(wanted)) => reason == wanted,
        (Decision::Edited { text }, New(wanted)) => text == wanted,
        _ => false,
    }
}

const TABLE: &[(&str, Kind)] = &[
    // Approvals, bare, dressed, with thanks, signed.
    ("核准", Yes),
    ("核准。", Yes),
    ("核准！", Yes),
    ("　核准　", Yes),
    ("\n\n核准\n", Yes),
    ("同意", Yes),
    ("同意.", Yes),
    ("同意，謝謝", Yes),
    ("同意，謝謝。", Yes),
    ("同意 謝謝", Yes),
    ("可", Yes),
    ("可。", Yes),
    ("准", Yes),
    ("發", Yes),
    ("如擬", Yes),
    ("如擬。", Yes),
    ("如擬，發。", Yes),
    ("可，發", Yes),
    ("如擬辦理", Yes),
    ("照辦", Yes),
    ("准如擬", Yes),
    ("准予照辦", Yes),
    ("同意照辦。", Yes),
    ("核可", Yes),
    ("照准", Yes),
    ("批准", Yes),
    ("可行。", Yes),
    ("可以", Yes),
    ("確認結案", Yes),
    ("同意結案", Yes),
    ("【核准】", Yes),
    ("「同意」", Yes),
    ("#核准", Yes),
    ("如擬\n\n林主任", Yes),
    ("如擬\n林○○", Yes),
    ("如擬 王大明", Yes),
    ("如擬 王大明 1125", Yes),
    ("如擬／王大明 11/25", Yes),
    ("可（林主任）", Yes),
    ("可。林1125", Yes),
    ("同意\n代為決行\n李副校長", Yes),
    ("王秘書您好：\n\n核准，謝謝您。\n\n主任秘書 何大為 敬上", Yes),
    ("王秘書：\n同意。", Yes),
    ("您好，\n同意\n謝謝", Yes),
    ("Dear 王秘書,\n\nApproved.\n\nBest regards,\nLin", Yes),
    ("同意。辛苦了！", Yes),
    ("核准，辛苦大家了", Yes),
    ("已閱，同意。", Yes),
    ("閱，可", Yes),
    ("內容無誤，同意發送", Yes),
    ("如擬，請發", Yes),
    ("如擬，請儘速回覆。", Yes),
    ("同意，無意見", Yes),
    ("核准\n\n從我的 iPhone 傳送", Yes),
    ("核准\n\nSent from my iPhone", Yes),
    ("核准\n\n取得 Outlook for iOS", Yes),
    ("同意\n-- \n高雄示範大學 秘書室\n主任秘書 何大為\n電話：07-3121101 分機 2100\n請節約用紙，愛護地球", Yes),
    ("同意\n\n教務處 林主任\n分機 2101\nlin@kmu.example", Yes),
    ("核准\n\n本郵件可能包含機密資訊，非指定之收件者，請勿使用或揭露本郵件內容，並請銷毀此郵件。", Yes),
    ("核准\n\n如有任何疑問，請撥分機 2101。", Yes),
    ("同意\n> 擬答覆：\n> 您好，已修復", Yes),
    ("approve", Yes),
    ("Approve", Yes),
    ("APPROVED", Yes),
    ("ａｐｐｒｏｖｅ", Yes),
    ("Approved, thanks.", Yes),
    ("OK", Yes),
    ("OK to send", Yes),
    ("I approve.", Yes),
    ("Approved. Please send it.", Yes),
    ("■同意 □不同意", Yes),
    ("☑核准 ☐退回", Yes),
    ("[x] 核准  [ ] 退回", Yes),
    ("核准\u{200b}", Yes),
    ("同\u{feff}意", Yes),
    ("依擬辦理。", Yes),
    ("好，同意", Yes),
    ("收到，核准。", Yes),
    ("Yes, approved.", Yes),
    ("核准👍", Yes),
    ("本案同意", Yes),
    ("核准\n\n主任秘書 何大為", Yes),
    ("可\n何大為 敬上", Yes),
    ("如擬\n何主任秘書\n高雄示範大學秘書室\nTel: 07-3121101", Yes),
    ("同意\n會計室 主任 林大同", Yes),
    ("同意 研發處 林處長", Yes),
    ("同意\n研究發展處\n補給組 承辦人 陳大文", Yes),
    ("approve\n\nBest regards,\nHe Da-Wei\nChief Secretary", Yes),
    ("核准\n\n何大為 Da-Wei He\nChief Secretary, Kaohsiung Demo University\n100 Shiquan 1st Rd., Kaohsiung 807", Yes),
    ("同意\n高雄市三民區十全一路100號", Yes),
    ("核准\n(本信由手機發出)", Yes),
    ("核准👎", Open),
    ("同意\n先送總務處", Change),
    ("好", Open),
    ("yes", Open),
    ("何時可核准", Open),
    ("可 何必", Open),
    ("同意 謝志明", Yes),
    ("核准\n處理得不錯，辛苦各位", Yes),
    ("同意\n這件我和校長談過，很好。", Yes),
    ("核准\n___________\n林主任", Yes),
    ("核准\n\n本郵件可能包含機密資訊\n非指定之收件者，請勿使用", Yes),
    ("核准\n但請先電話聯絡陳情人", Change),
    ("核准\n電話內容請先補上", Change),
    ("同意\n不行，我想想", Change),
    ("同意\n算了，別發", Change),
    ("Approved\nnope, sorry", Change),
    ("approve, nah", Open),
    ("approved - not", Open),
    ("擬同意", Open),
    // Sent back, with and without a reason.
    ("退回", Back("")),
    ("退回。", Back("")),
    ("退回\n\n林主任", Back("")),
    ("退回：第二段與附件不符", Back("第二段與附件不符")),
    ("退回，請補附件", Back("請補附件")),
    ("退回 請補附件", Back("請補附件")),
    ("退回\n原因：語氣不妥", Back("語氣不妥")),
    ("請退回，語氣不妥。", Back("語氣不妥。")),
    ("退件：未附現場照片", Back("未附現場照片")),
    ("退回修正：第二段", Back("第二段")),
    ("退回\n一、日期有誤\n二、請補照片", Back("一、日期有誤\n二、請補照片")),
    ("Return: the date is wrong", Back("the date is wrong")),
    ("return", Back("")),
    ("Rejected. Wrong unit.", Back("Wrong unit.")),
    ("不同意，處理未完成", Back("處理未完成")),
    ("不同意。理由：未見現場照片", Back("未見現場照片")),
    ("不可，應先會勘", Back("應先會勘")),
    ("不核准：資料不足", Back("資料不足")),
    ("駁回，與事實不符", Back("與事實不符")),
    ("not approved: photos missing", Back("photos missing")),
    ("□同意 ■不同意", Open),
    ("重擬", Back("")),
    ("重簽，並附會勘紀錄", Back("並附會勘紀錄")),
    ("發還，請加會總務處", Back("請加會總務處")),
    ("退回\n擬答覆：\n您好", Back("擬答覆：\n您好")),
    // Refusals without a reason.
    ("不可", Open),
    ("不可。", Open),
    ("不同意", Open),
    ("不同意\n林主任", Open),
    ("不准", Open),
    ("不予核准", Open),
    ("礙難同意", Open),
    ("不行", Open),
    ("Not approved", Open),
    ("I don't approve", Open),
    // A change is asked for, its text is not given.
    ("如擬，惟第二段請刪除", Change),
    ("如擬,惟請加註聯絡電話", Change),
    ("可，但請先電話聯絡", Change),
    ("同意，但第三段語氣再修", Change),
    ("修正後發", Change),
    ("修正後發。", Change),
    ("文字修正後如擬", Change),
    ("修正後再陳", Change),
    ("請修正第二段後再送", Change),
    ("請補充說明廠商到場時間", Change),
    ("如擬（第二段請刪除）", Change),
    ("核准\n但第二段請刪除", Change),
    ("核准\n\n請把日期改成 11/27", Change),
    ("同意。惟請於三日內完成。", Change),
    ("可，第二段刪除後發", Change),
    ("Approved, but please remove the second paragraph", Change),
    ("OK after the date is corrected", Change),
    ("如擬，並請副知人事室", Change),
    ("原則同意，惟請補照片", Change),
    // Only seen.
    ("閱", Read),
    ("閱。", Read),
    ("悉", Read),
    ("已閱", Read),
    ("知悉，謝謝", Read),
    ("閱悉\n林主任", Read),
    // Neither.
    ("可否先電話聯絡？", Open),
    ("可否？", Open),
    ("可?", Open),
    ("同意嗎", Open),
    ("是否同意？", Open),
    ("緩", Open),
    ("緩議", Open),
    ("再議", Open),
    ("面報", Open),
    ("請面報", Open),
    ("待查", Open),
    ("原則同意", Open),
    ("原則可行", Open),
    ("我不認為應該同意", Open),
    ("主任說「核准」", Open),
    ("他們希望我同意", Open),
    ("如果總務處沒意見就同意", Open),
    ("這件我再看看，先不要核准", Open),
    ("尚未核准", Open),
    ("我沒有同意", Open),
    ("同意與否請校長決定", Open),
    ("核准權責不在本處", Open),
    ("可能要再問一下", Open),
    ("可惜", Open),
    ("發現第二段有錯", Open),
    ("准許？", Open),
    ("如擬辦理會有問題", Open),
    ("同意的話就發？", Open),
    ("好像可以", Open),
    ("經查三樓冷氣排水管堵塞，已於當日清除。", Open),
    ("收到", Open),
    ("了解", Open),
    ("好的", Open),
    ("不是不同意", Open),
    ("Can we approve this?", Open),
    ("I will approve it tomorrow", Open),
    ("approve?", Open),
    ("Do you approve", Open),
    ("□同意 □不同意", Open),
    ("■同意 ■不同意", Open),
    ("自動回覆：我目前休假，急件請洽代理人，同意", Open),
    ("關於同意一事\n同意", Open),
    // The changed text.
    ("修正後發\n擬答覆：\n您好，已於 11/27 修復。", New("您好，已於 11/27 修復。")),
    ("如擬，修正如下\n\n【擬答覆】\n同學您好：已修復。", New("同學您好：已修復。")),
    ("擬答覆：\n您好，已修復。", New("您好，已修復。")),
    ("同意\n擬答覆：\n", Yes),
    // Nothing.
    ("", Nil),
    ("\n  \n", Nil),
    ("林主任", Nil),
    ("您好", Nil),
    ("-- \n林主任\n分機 2101", Nil),
    ("從我的 iPhone 傳送", Nil),
    ("謝謝", Nil),
    ("> 核准", Nil),
    ("教務處 林大同\n電話：07-3121101", Nil),
];

#[test]
fn the_table_of_real_replies() {
    assert!(TABLE.len() >= 120, "{}", TABLE.len());
    let wrong: Vec<String> = TABLE
        .iter()
        .filter(|(text, kind)| !kind_matches(&decide(text), *kind))
        .map(|(text, kind)| format!("{text:?}: wanted {kind:?}, found {:?}", decide(text)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), TABLE.len(), wrong.join("\n"));
}

/// Whatever stands before or after an approving word on its line, but for marks, takes the approval away.
#[test]
fn no_word_glued_to_an_approval_leaves_it_standing() {
    for word in ["核准", "同意", "可", "如擬", "准", "發", "照辦"] {
        for before in ["不", "未", "勿", "暫不", "先不要", "請勿", "難以", "無法", "能否", "若", "等我", "誰"] {
            let text = format!("{before}{word}");
            assert_ne!(decide(&text), Decision::Approve, "{text}");
        }
        for after in [
            "嗎",
            "？",
            "與否",
            "，惟",
            "，但",
            "個鬼",
            "前請先",
            "，不過",
            "，才怪",
            "，再議",
            "，緩辦",
            "，免議",
            "，待校長回來",
            " 嗎",
            "，先不發",
            "，暫緩",
            "（暫緩）",
            "\n但先不要發",
            "\n不對，先等等",
        ] {
            let text = format!("{word}{after}");
            assert_ne!(decide(&text), Decision::Approve, "{text}");
        }
    }
}

#[test]
fn any_text_at_all_is_read_without_panic() {
    use proptest::prelude::*;
    proptest!(ProptestConfig::with_cases(500), |(text in "[核准同意可如擬惟但退回不，。：? \\n>#■□()a-z]{0,24}|\\PC{0,60}", subject in "\\PC{0,30}")| {
        let _ = decide(&text);
        let _ = button(&text, &subject);
    });
}

#[test]
fn words_beside_an_approval_given_otherwise() {
    assert!(limited("但第二段請刪除") && limited("先不要發") && limited("修正後再發"));
    assert!(!limited("") && !limited("謝謝\n林主任") && !limited("-- \n請節約用紙") && !limited("處理得很好"));
}

#[test]
fn a_button_is_its_machine_line() {
    let pressed = |body: &str, subject: &str| button(body, subject);
    let wanted = Button { verb: Verb::Approve, number: "115-0042".to_owned(), code: Some("k7f3q9w2".to_owned()), rest: String::new() };
    assert_eq!(pressed("APPROVE 115-0042 #k7f3q9w2", "APPROVE 115-0042"), Some(wanted.clone()));
    assert_eq!(
        pressed("\r\n  approve １１５-００４２ ＃K7F3Q9W2 \r\n\r\n(按下傳送即為核准)\r\n\r\n從我的 iPhone 傳送", ""),
        Some(wanted.clone())
    );
    assert_eq!(pressed("", "APPROVE 115-0042 #k7f3q9w2"), Some(wanted));
    let back = pressed("RETURN 115-0042\r\n原因：第二段與附件不符\r\n請補照片\r\n", "RETURN 115-0042").expect("button");
    assert_eq!((back.verb, back.code, back.rest.as_str()), (Verb::Return, None, "第二段與附件不符\n請補照片"));
    let back = pressed("RETURN 115-0042 #a1\nReason:\nwrong date\n-- \nLin", "").expect("button");
    assert_eq!(back.rest, "wrong date");
    let kept = pressed("我要不滿意\nDISSATISFIED 115-0042", "DISSATISFIED 115-0042 #x9").expect("from the subject");
    assert_eq!((kept.verb, kept.rest.as_str()), (Verb::Dissatisfied, "我要不滿意\nDISSATISFIED 115-0042"));
    for (body, subject) in [
        ("核准", "Re: APPROVE 115-0042"),
        ("> APPROVE 115-0042 #k7f3q9w2", "回覆"),
        ("I APPROVE 115-0042", ""),
        ("APPROVE", "APPROVE"),
        ("APPROVE 115-0042 #k7 please", ""),
        ("APPROVE #k7f3q9w2", ""),
        ("APPROVED 115-0042", ""),
        ("APPROVE 不要", ""),
    ] {
        assert_eq!(pressed(body, subject), None, "{body} / {subject}");
    }
}

#[test]
fn every_verb_is_read_back_from_its_word() {
    for (word, verb) in super::super::button::VERBS {
        assert_eq!(verb.word(), *word);
        assert_eq!(button(&format!("{word} 202612-001 #ab12"), "").map(|b| (b.verb, b.number)), Some((*verb, "202612-001".to_owned())));
    }
}
