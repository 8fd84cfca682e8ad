//! Forms as they come back from mail clients. Called by cargo test only.

use super::*;

const FILLED: &str = "【事由簡述】三樓教室冷氣漏水\n【處理紀錄】\n1. 115/11/20 14:00 致電廠商\n2. 11/21 到場檢修\n   更換排水管\n【原因】排水管堵塞\n【責任歸屬】設備組\n【立即措施】清除堵塞\n【預防措施】每季巡檢\n【擬答覆】\n同學您好：\n\n原因：排水管堵塞，已清除。\n謝謝您的反映。\n\n總務處 敬上";

#[test]
fn a_filled_form_in_brackets() {
    let form = parse(FILLED);
    assert_eq!(form.fields.get("cause").map(String::as_str), Some("排水管堵塞"));
    assert_eq!(form.fields.len(), 6);
    assert_eq!(form.answer.as_deref(), Some("同學您好：\n\n原因：排水管堵塞，已清除。\n謝謝您的反映。\n\n總務處 敬上"));
    assert!(!form.half_filled() && form.blank.is_empty());
    assert_eq!(form.steps.len(), 2);
    assert_eq!(form.steps.first(), Some(&Step { date: Some("2026-11-20".to_owned()), text: "14:00 致電廠商".to_owned() }));
    assert_eq!(form.steps.get(1), Some(&Step { date: Some("--11-21".to_owned()), text: "到場檢修\n更換排水管".to_owned() }));
    assert!(form.rest.contains("責任歸屬") && !form.rest.contains("同學您好"));
}

#[test]
fn the_same_form_in_other_dresses() {
    let plain = FILLED.replace('【', "").replace('】', "：");
    let half_width = FILLED.replace('【', "").replace('】', ": ");
    let numbered = FILLED.replace("【事由", "一、【事由").replace("【原因", "(三)【原因").replace("【擬", "■【擬");
    let spaced = FILLED.replace("擬答覆", "擬 答 覆").replace("原因】", "原　因】");
    let quoted: String = FILLED.lines().map(|l| format!("> {l}\n")).collect();
    let table = FILLED.replace('【', "| ").replace('】', " | ");
    for (name, text) in
        [("plain", &plain), ("half", &half_width), ("numbered", &numbered), ("spaced", &spaced), ("quoted", &quoted), ("table", &table)]
    {
        let form = parse(text);
        assert_eq!(form.fields.get("cause").map(String::as_str), Some("排水管堵塞"), "{name}");
        assert_eq!(form.fields.get("prevention").map(String::as_str), Some("每季巡檢"), "{name}");
        let answer = form.answer.unwrap_or_default();
        assert!(answer.starts_with("同學您好") && answer.ends_with("敬上"), "{name}: {answer}");
    }
}

#[test]
fn filled_in_place_between_quoted_headings() {
    let text = "> 事由簡述：冷氣漏水\n> 原因：\n排水管堵塞\n> 立即措施：\n已清除\n> 預防措施：\n> \n> 擬答覆（將寄給陳情人）：\n您好，已修復。\n> ------\n> 原信：冷氣一直漏水";
    let form = parse(text);
    assert_eq!(form.fields.get("cause").map(String::as_str), Some("排水管堵塞"));
    assert_eq!(form.fields.get("immediate").map(String::as_str), Some("已清除"));
    assert_eq!(form.answer.as_deref(), Some("您好，已修復。"));
    assert!(form.half_filled() && form.blank.contains("prevention"));
}

#[test]
fn filled_above_a_blank_quoted_form() {
    let text = "擬答覆：\n您好，已修復。\n\n陳組員\n\n> 原因：____\n> 擬答覆：（請填寫）\n> \n> 原信";
    let form = parse(text);
    assert_eq!(form.answer.as_deref(), Some("您好，已修復。\n\n陳組員"));
    assert!(form.fields.is_empty() && form.blank.contains("cause"));
}

#[test]
fn a_heading_after_a_plain_answer_ends_it() {
    let form = parse("擬答覆：您好，已修復。\n原因：排水管堵塞\n責任歸屬：廠商");
    assert_eq!(form.answer.as_deref(), Some("您好，已修復。"));
    assert_eq!(form.fields.get("cause").map(String::as_str), Some("排水管堵塞"));
}

#[test]
fn prose_is_no_form() {
    for text in
        ["原因是排水管堵塞，已清除。", "我們的預防措施很多：例如巡檢", "擬答覆如下次會議所述", "時間：下午\n地點：三樓", "", "原因不明"]
    {
        let form = parse(text);
        assert!(form.fields.is_empty() && form.answer.is_none(), "{text}: {form:?}");
    }
}

#[test]
fn headings_of_the_answer() {
    for line in [
        "擬答覆：",
        "擬答覆:",
        "【擬答覆】",
        "擬復：",
        "擬 答 覆 ︰",
        "回覆內容草稿：",
        "Proposed answer:",
        "PROPOSED ANSWER：",
        "**擬答覆**：",
        "七、擬答覆：",
        "■ 擬答覆",
        "> 擬答覆：",
        "擬答覆（將寄給陳情人）：",
        "＜擬答覆＞",
        "抱怨處理回覆：",
    ] {
        let found = heading(line).map(|h| h.field);
        assert_eq!(found.as_deref(), Some(ANSWER), "{line}");
    }
}

#[test]
fn what_an_answer_quotes_itself_stays_in_it_byte_for_byte() {
    let answer = "陳同學您好：\n\n依選課辦法：\n> 第三條　人工加選以必修課為限。\n>> 附註一\n您的課已加選。\n.\n. . .\n教務處 敬上";
    let form = parse(&format!("已查。\n\n擬答覆：\n{answer}"));
    assert_eq!(form.answer.as_deref(), Some(answer));
    // A quotation at the end is what the program put there, or our own letter.
    for tail in [
        "> 收件單號：115-0001\n> 敬請查照",
        "\n> ——— 請在此線以上回覆 ———\n> 敬請查照\n以上",
        "\n王秘書 於 2026年3月3日 寫道：\n> 敬請查照",
    ] {
        assert_eq!(parse(&format!("擬答覆：\n您的課已加選。\n{tail}")).answer.as_deref(), Some("您的課已加選。"), "{tail}");
    }
    // Rules to write on are no words.
    assert_eq!(parse("擬答覆：\n______\n").answer, None);
    assert_eq!(parse("擬答覆：\n……\n").answer, None);
}
