//! Complaints as people write them. Called by cargo test only.

use super::*;

fn value(text: &str, id: &str) -> Option<String> {
    from_text(text).values.get(id).cloned()
}

#[test]
fn a_free_complaint() {
    let text = "您好：\n\n我是護理系大三的學生王小明，學號 110123456。\n115年11月20日下午3點，三樓教室冷氣漏水，滴到我的電腦。\n希望學校儘快修理並賠償。\n請不要讓老師知道是我反映的。\n\n聯絡電話 0912-345-678\n王小明 敬上";
    let found = from_text(text);
    let get = |id: &str| found.values.get(id).map(String::as_str);
    assert_eq!(get("name"), Some("王小明"));
    assert_eq!(get("student_number"), Some("110123456"));
    assert_eq!(get("phone"), Some("0912345678"));
    assert_eq!(get("identity"), Some("學生"));
    assert_eq!(get("wish"), Some("希望學校儘快修理並賠償"));
    assert_eq!(get("occurred_at"), Some("115年11月20日 下午3點"));
    assert!(found.secrecy && !found.report);
    assert!(found.unsure.contains("name") && found.unsure.contains("phone"));
}

#[test]
fn a_web_form() {
    let text = "以下為網站意見反應\n姓名：陳美麗\nE-mail：mei@mail.example\n電話: (07)312-1101#2101\n身份別：□老師 ■學生 □職員 □其他\n身分證字號：a123456789\n地址：\n高雄市三民區十全一路100號\n主旨：宿舍\n內容：宿舍熱水器壞了：\n已經三天。\n\n請處理。\n期望解決方式：明天修好\n是否保密：否";
    let found = from_text(text);
    let get = |id: &str| found.values.get(id).map(String::as_str);
    assert_eq!(get("name"), Some("陳美麗"));
    assert_eq!(get("email"), Some("mei@mail.example"));
    assert_eq!(get("phone"), Some("07-3121101#2101"));
    assert_eq!(get("identity"), Some("學生"));
    assert_eq!(get("id_number"), Some("A123456789"));
    assert_eq!(get("address"), Some("高雄市三民區十全一路100號"));
    assert_eq!(get("content"), Some("宿舍熱水器壞了：\n已經三天。\n\n請處理。"));
    assert_eq!(get("wish"), Some("明天修好"));
    assert!(!found.secrecy && found.unsure.iter().all(|id| id == "occurred_at"), "{:?}", found.unsure);
}

#[test]
fn several_labels_on_a_line_and_labels_of_the_house() {
    let found = from_text("姓 名：王大明　電話：0912345678  E-mail: a@b.example");
    assert_eq!(found.values.get("name").map(String::as_str), Some("王大明"));
    assert_eq!(found.values.get("phone").map(String::as_str), Some("0912345678"));
    assert_eq!(found.values.get("email").map(String::as_str), Some("a@b.example"));
    let english = from_text("Name: Mary Lin\nE-mail: m@x.example  Phone: 0912345678");
    assert_eq!(english.values.get("name").map(String::as_str), Some("Mary Lin"));
    assert_eq!(english.values.get("phone").map(String::as_str), Some("0912345678"));
    let map = BTreeMap::from([("會員編號".to_owned(), "member".to_owned()), ("來信者".to_owned(), "name".to_owned())]);
    let own = labelled("會員編號：778\n來信者＝林小姐\n電話：無\n地址：____", &map);
    assert_eq!(own, BTreeMap::from([("member".to_owned(), "778".to_owned()), ("name".to_owned(), "林小姐".to_owned())]));
}

#[test]
fn names() {
    for (text, wanted) in [
        ("我是王小明，我要反映。", Some("王小明")),
        ("我叫陳美麗。", Some("陳美麗")),
        ("冷氣壞了。\n\n林志豪 敬上", Some("林志豪")),
        ("冷氣壞了。\n學生 林志豪 敬啟", Some("林志豪")),
        ("冷氣壞了。\n陳情人：歐陽小春\n0912345678", Some("歐陽小春")),
        ("冷氣壞了。\n\n李大同", Some("李大同")),
        ("My name is John Smith. The light is out.", Some("John Smith")),
        ("Content-Type: image/png; name=\"file.png\"", None),
        ("Name service error for name=example.org type=MX: none", None),
        ("我是學生，冷氣壞了。", None),
        ("我是護理系的學生。", None),
        ("我是高年級學生", None),
        ("我是黃老師班上的", None),
        ("冷氣壞了。\n謝謝", None),
        ("冷氣壞了\n請儘快處理", None),
        ("", None),
    ] {
        assert_eq!(value(text, "name").as_deref(), wanted, "{text}");
    }
}

#[test]
fn who_the_writer_is() {
    for (text, wanted) in [
        ("我是本校老師", Some("老師")),
        ("本人為行政人員", Some("職員")),
        ("我是大三學生", Some("學生")),
        ("我是學生家長", Some("其他")),
        ("我們是附近居民", Some("其他")),
        ("老師上課遲到", None),
        ("I am a student here", Some("學生")),
    ] {
        assert_eq!(value(text, "identity").as_deref(), wanted, "{text}");
    }
    assert_eq!(value("我是學生家長", "identity_other").as_deref(), Some("家長"));
}

#[test]
fn secrecy_in_any_words() {
    for text in [
        "請保密",
        "本案請以密件方式辦理",
        "請不要透露我的姓名",
        "我想匿名",
        "請勿讓系主任知道是我寫的",
        "不具名",
        "我的身分保密，謝謝",
        "怕被報復所以不敢具名",
        "Please keep it confidential",
        "保密",
    ] {
        assert!(from_text(text).secrecy, "{text}");
    }
    for text in [
        "不需保密",
        "廠商違反保密協議",
        "我已具名",
        "冷氣壞了",
        "不要讓冷氣一直漏水",
        "本件不用保密，可公開",
        "醫院洩密",
        "冷氣壞了\n\n本郵件可能包含機密資訊，請勿洩漏\n請勿透露內容",
        "This message is confidential.",
    ] {
        assert!(!from_text(text).secrecy, "{text}");
    }
    assert!(from_text("我要檢舉總務處收回扣").report && from_text("舉發違建").report && !from_text("冷氣壞了").report);
}

#[test]
fn nothing_is_made_up() {
    let found = from_text("三樓廁所很髒，沒有人打掃。");
    assert!(found.values.is_empty() && found.unsure.is_empty(), "{found:?}");
}

#[test]
fn any_text_is_read_without_panic() {
    use proptest::prelude::*;
    proptest!(ProptestConfig::with_cases(400), |(text in "\\PC{0,200}|[姓名電話學號我是王小明：:0-9A-Z月日/#高雄市路號 \\n，。]{0,80}")| {
        let _ = from_text(&text);
        let _ = satisfaction(&text);
        let _ = withdrawal(&text);
    });
}

#[test]
fn who_signs_below_the_last_field_is_no_part_of_it() {
    let signed = "姓名：林小美\n內容：宿舍冷氣壞了。\n\n管理員說沒錢修。\n期望解決方式：退費\n\n謝謝\n\n林小美 敬上\n電話 0912-345-678";
    let found = labelled(signed, &BTreeMap::new());
    assert_eq!(found.get("wish").map(String::as_str), Some("退費"));
    assert_eq!(found.get("content").map(String::as_str), Some("宿舍冷氣壞了。\n\n管理員說沒錢修。"));
    for (text, wanted) in [
        ("內容：漏水\n-- \n林小美", "漏水"),
        ("內容：漏水，很久了。\n第二段\n\n林小美 敬上\n115年3月2日", "漏水，很久了。\n第二段"),
        ("內容：我要找的人是\n王小明", "我要找的人是\n王小明"),
        ("內容：\n林小美", "林小美"),
        ("訴求：賠償\n道歉", "賠償\n道歉"),
    ] {
        let found = labelled(text, &BTreeMap::new());
        let value = found.get("content").or_else(|| found.get("wish")).cloned();
        assert_eq!(value.as_deref(), Some(wanted), "{text}");
    }
}
