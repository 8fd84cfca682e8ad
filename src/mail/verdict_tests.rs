//! Complainants' replies to an answer. Called by cargo test only.

use super::super::thanks::thanks;
use super::*;
use Verdict::{Dissatisfied as No, Satisfied as Yes};

#[test]
fn a_mail_that_opens_with_the_word() {
    for (text, wanted) in [
        ("滿意", Some(Yes)),
        ("滿意。", Some(Yes)),
        ("滿意，謝謝！", Some(Yes)),
        ("滿意\n王小明", Some(Yes)),
        ("非常滿意", Some(Yes)),
        ("很滿意，感謝貴校迅速處理", Some(Yes)),
        ("我很滿意", Some(Yes)),
        ("我對處理結果很滿意。", Some(Yes)),
        ("對於這次的處理結果感到滿意", Some(Yes)),
        ("您好：\n\n滿意，謝謝。", Some(Yes)),
        ("您好，我很滿意", Some(Yes)),
        ("「滿意」", Some(Yes)),
        ("大致滿意", Some(Yes)),
        ("Satisfied", Some(Yes)),
        ("I am very satisfied, thank you.", Some(Yes)),
        ("不滿意", Some(No)),
        ("不滿意！", Some(No)),
        ("不滿意，冷氣還是漏水", Some(No)),
        ("不滿意，但謝謝你們", Some(No)),
        ("很不滿意", Some(No)),
        ("非常不滿意。", Some(No)),
        ("非常不滿", Some(No)),
        ("不甚滿意", Some(No)),
        ("不太滿意", Some(No)),
        ("不是很滿意", Some(No)),
        ("並不滿意", Some(No)),
        ("完全不滿意", Some(No)),
        ("一點都不滿意", Some(No)),
        ("我不滿意", Some(No)),
        ("我對答覆不滿意", Some(No)),
        ("無法滿意", Some(No)),
        ("沒有很滿意", Some(No)),
        ("不夠滿意", Some(No)),
        ("ｎｏｔ　ｓａｔｉｓｆｉｅｄ", Some(No)),
        ("Not satisfied. It still leaks.", Some(No)),
        ("I'm not satisfied", Some(No)),
        ("Dissatisfied", Some(No)),
        ("滿意度調查什麼時候寄？", None),
        ("滿意度：不知道", None),
        ("滿意嗎？", None),
        ("滿意與否要看後續", None),
        ("滿意，但是廁所還是漏水", None),
        ("滿意不滿意都沒用", None),
        ("滿意/不滿意", None),
        ("謝謝，我會再看看，應該會滿意", None),
        ("冷氣還是漏水，不滿意", None),
        ("沒有不滿意", None),
        ("滿意\n\n但廁所還在漏水", None),
        ("仍然不滿意", Some(No)),
        ("還是不滿意", Some(No)),
        ("不滿意\n但謝謝", Some(No)),
        ("滿意的話我會再回信", None),
        ("請問如何填滿意度調查", None),
        ("satisfied?", None),
        ("", None),
        ("> 滿意", None),
    ] {
        assert_eq!(satisfaction(text), wanted, "{text}");
    }
}

#[test]
fn only_a_plain_withdrawal_counts() {
    for text in [
        "我要撤回申訴，謝謝。",
        "本人撤回陳情。",
        "事情已解決，我不追究了。",
        "我決定撤案",
        "請幫我撤案，謝謝",
        "您好，我想撤銷申訴",
        "這件事我不再追究。",
        "I would like to withdraw my complaint.",
    ] {
        assert!(withdrawal(text), "{text}");
    }
    for text in [
        "我絕不撤回申訴",
        "你們要我撤案？",
        "如果三天內修好，我就撤回申訴。",
        "主任叫我撤案",
        "我不會撤回申訴",
        "請問可以撤案嗎",
        "為什麼學校不追究",
        "學校竟然不追究責任",
        "除非道歉，否則不撤案",
        "我的案子被撤案了",
        "I will not withdraw my complaint.",
        "> 我要撤回申訴",
        "",
        "謝謝處理",
    ] {
        assert!(!withdrawal(text), "{text}");
    }
}

#[test]
fn a_mere_thanks_is_one_and_nothing_more() {
    for text in [
        "謝謝",
        "謝謝您！",
        "感謝",
        "收到",
        "收到，謝謝。",
        "好的，謝謝你們的協助！\n\n陳小華 敬上",
        "您好：\n\n非常感謝您的回覆。\n\n祝 順心\n\n陳小華\n0912-345-678",
        "了解，辛苦了～",
        "Thank you!",
        "Thanks a lot for your help.\n\nBest regards,\nJohn Smith",
        "Noted, thank you.\n\n-- \nJohn",
        "謝謝\n\n從我的 iPhone 傳送",
        "> 舊信\n謝謝",
    ] {
        assert!(thanks(text), "{text}");
    }
    for text in [
        "",
        "您好：",
        "陳小華",
        "謝謝，但是又壞了",
        "謝謝你們什麼都沒做",
        "謝謝，請問何時恢復？",
        "收到，還是壞的",
        "感謝回覆，冷氣又壞了",
        "謝謝\n\n另外停車場的燈也壞了",
        "Thank you for nothing",
        "Thanks, but it is broken again",
        "thank you, when will it be done?",
        "不用謝謝",
        "滿意",
        "收到你們的回覆，我很失望",
    ] {
        assert!(!thanks(text), "{text}");
    }
}
