//! Replies with directives as secretaries and handlers type them. Called by cargo test only.

use super::*;

fn acts(text: &str) -> Vec<Directive> {
    split(text).directives.into_iter().map(|l| l.directive).collect()
}

fn s(text: &str) -> String {
    text.to_owned()
}

#[test]
fn several_on_one_line_in_any_width() {
    let wanted = vec![Directive::Accept, Directive::Assign(s("教務處")), Directive::Grade { grade: s("B"), criteria: vec![] }];
    assert_eq!(acts("#受理 #分派 教務處 #等級 B"), wanted);
    assert_eq!(acts("\n\n＃受理　＃分派　教務處　＃等級　Ｂ級\n王秘書"), wanted);
    assert_eq!(acts("#受理\n\n#分派：教務處\n#等級 b件"), wanted);
    assert_eq!(acts("#Accept #assign 教務處 #GRADE b"), wanted);
    assert_eq!(acts("#受理#分派教務處#等級B"), wanted);
    assert_eq!(acts("王秘書您好：\n\n# 受理\n#分派 教務處\n#等級 Level b\n\n謝謝"), wanted);
}

#[test]
fn every_directive_without_argument() {
    for (text, wanted) in [
        ("#受理", Directive::Accept),
        ("#核准", Directive::Approve),
        ("#重大", Directive::Major(true)),
        ("#重大 否", Directive::Major(false)),
        ("#保密", Directive::Confidential(true)),
        ("#解密", Directive::Confidential(false)),
        ("#說明", Directive::Help),
        ("#垃圾", Directive::Spam),
        ("#收案", Directive::Start),
        ("#無意見", Directive::NoComment),
        ("#滿意", Directive::Satisfied),
        ("#不滿意", Directive::Dissatisfied),
        ("#追認", Directive::Confirm),
        ("#確認", Directive::Confirm),
        ("#撤銷", Directive::Recall),
        ("#自辦", Directive::SelfHandle(None)),
        ("#稽催", Directive::Urge(None)),
        ("#查詢", Directive::Status(None)),
        ("#recall", Directive::Recall),
    ] {
        assert_eq!(acts(text), vec![wanted], "{text}");
    }
}

#[test]
fn every_directive_with_an_argument() {
    for (text, wanted) in [
        ("#協辦 總務處、學務處", Directive::CoAssign(vec![s("總務處"), s("學務處")])),
        ("#協辦 總務處 學務處", Directive::CoAssign(vec![s("總務處"), s("學務處")])),
        ("#承辦 陳組員", Directive::Handler(s("陳組員"))),
        ("#自辦 圖書館開放時間", Directive::SelfHandle(Some(s("圖書館開放時間")))),
        ("#不受理 經查與事實不符", Directive::Reject(s("經查與事實不符"))),
        ("#轉介 勞動局 非本校業務", Directive::Refer { agency: s("勞動局"), reason: s("非本校業務") }),
        ("#存查 第一款 無姓名", Directive::NoAction { ground: s("1"), reason: s("無姓名") }),
        ("#存查 （四）", Directive::NoAction { ground: s("4"), reason: s("") }),
        ("#併案 １１５-００４２", Directive::Merge(s("115-0042"))),
        ("#關聯 案號 115-0042", Directive::Link(s("115-0042"))),
        ("#等級 A 3,5", Directive::Grade { grade: s("A"), criteria: vec![s("3"), s("5")] }),
        ("#等級 Level 3", Directive::Grade { grade: s("3"), criteria: vec![] }),
        ("#等級 特急件", Directive::Grade { grade: s("特急"), criteria: vec![] }),
        ("#類別 選課、成績", Directive::Category(vec![s("選課"), s("成績")])),
        ("#補登 電話=0912345678", Directive::Set { field: s("電話"), value: s("0912345678") }),
        ("#退回 請補附件", Directive::Return(s("請補附件"))),
        ("#詢問：請問是哪一間教室？", Directive::Ask(s("請問是哪一間教室？"))),
        ("#展延 115/12/31 廠商缺料", Directive::Extend { until: Until::Date(s("2026-12-31")), reason: s("廠商缺料") }),
        ("#展延 3日 廠商缺料", Directive::Extend { until: Until::Days(3), reason: s("廠商缺料") }),
        ("#展延３日　廠商缺料", Directive::Extend { until: Until::Days(3), reason: s("廠商缺料") }),
        ("#展延 5個工作天 原因：廠商缺料", Directive::Extend { until: Until::WorkingDays(5), reason: s("廠商缺料") }),
        ("#展延 廠商缺料 3日", Directive::Extend { until: Until::Days(3), reason: s("廠商缺料") }),
        ("#展延 廠商缺料", Directive::Extend { until: Until::Unclear(s("廠商缺料")), reason: s("") }),
        ("#extend 3wd no parts", Directive::Extend { until: Until::WorkingDays(3), reason: s("no parts") }),
        ("#稽催 未分文", Directive::Urge(Some(s("未分文")))),
        ("#措施 加裝扶手 王大明 12/31", Directive::Action(s("加裝扶手 王大明 12/31"))),
        ("#推薦 處理迅速", Directive::Recommend(s("處理迅速"))),
        ("#結案 逕行結案", Directive::Close(s("逕行結案"))),
        ("#續辦 總務處", Directive::Continue(s("總務處"))),
        ("#查詢 0912345678", Directive::Status(Some(s("0912345678")))),
        ("#報表 月報 115/11", Directive::Report(s("月報 115/11"))),
        ("#撤案 陳情人來電", Directive::Withdraw(s("陳情人來電"))),
        ("#承諾 12/31", Directive::Promise(Until::Date(s("--12-31")))),
        ("#電聯 1430 王小姐 未接", Directive::Phone(s("1430 王小姐 未接"))),
        ("#副知 人事室", Directive::Copy(s("人事室"))),
        ("#停班 115/11/23 颱風", Directive::Closure(s("115/11/23 颱風"))),
        ("#值班 陳組員 11/23", Directive::Duty(s("陳組員 11/23"))),
        ("#調卷 115-0042", Directive::Dossier(s("115-0042"))),
        ("#代登核准 校長 11/22", Directive::PaperApproval(s("校長 11/22"))),
    ] {
        assert_eq!(acts(text), vec![wanted], "{text}");
    }
}

#[test]
fn text_goes_on_over_lines_until_the_next_directive_or_the_answer() {
    let parsed = split("#退回\n第二段與附件不符，\n見 #附件 三。\n\n請於明日前補正。\n#等級 A\n\n林主任");
    let wanted = vec![
        Directive::Return(s("第二段與附件不符，\n見 #附件 三。\n\n請於明日前補正。")),
        Directive::Grade { grade: s("A"), criteria: vec![] },
    ];
    assert_eq!(parsed.directives.iter().map(|l| l.directive.clone()).collect::<Vec<_>>(), wanted);
    assert_eq!(parsed.rest, "林主任");
    let parsed = split("#進度 已聯絡廠商\n下週到場\n擬答覆：\n您好，已排定。");
    assert_eq!(parsed.directives.first().map(|l| l.directive.clone()), Some(Directive::Note(s("已聯絡廠商\n下週到場"))));
    assert_eq!(parsed.rest, "擬答覆：\n您好，已排定。");
    let parsed = split("#答覆\n您好：\n\n已修復。\n-- \n總務處");
    assert_eq!(parsed.directives.first().map(|l| l.directive.clone()), Some(Directive::Proposal(s("您好：\n\n已修復。"))));
    assert_eq!(parsed.rest, "-- \n總務處");
}

#[test]
fn fields_are_set_one_by_one() {
    let set = |f: &str, v: &str| Directive::Set { field: s(f), value: s(v) };
    assert_eq!(
        acts("#補登 電話=0912345678 地址＝高雄市三民區十全一路 100 號"),
        vec![set("電話", "0912345678"), set("地址", "高雄市三民區十全一路 100 號")]
    );
    assert_eq!(acts("#補登\n電話：0912345678\n姓名：王小明"), vec![set("電話", "0912345678"), set("姓名", "王小明")]);
    assert_eq!(acts("#補登"), vec![set("", "")]);
}

#[test]
fn what_is_no_directive_stays_text() {
    for text in
        ["#1 漏水\n#2 停電", "您好，已修復。\n#核准", "## 說明\n內文", "# 會議紀錄\n內文", "C# 程式", "王主任您好：\n已處理。", "1. #核准"]
    {
        let parsed = split(text);
        assert!(parsed.directives.is_empty() && parsed.unknown.is_empty(), "{text}: {parsed:?}");
        assert_eq!(parsed.rest, text);
    }
}

#[test]
fn a_misspelt_one_is_told_and_changes_nothing() {
    let parsed = split("#核準\n謝謝");
    assert!(parsed.directives.is_empty());
    assert_eq!(parsed.unknown, vec![Unknown { source: s("#核準"), nearest: Some("核准") }]);
    let parsed = split("#受理 #分牌 教務處");
    assert_eq!(parsed.directives.len(), 1);
    assert_eq!(parsed.unknown, vec![Unknown { source: s("#分牌 教務處"), nearest: Some("分派") }]);
    for trap in ["#核准與否再議", "#不核准", "#受理嗎", "#結案申請否決", "#等級不明"] {
        let parsed = split(trap);
        assert!(parsed.directives.is_empty(), "{trap}: {:?}", parsed.directives);
        assert_eq!(parsed.unknown.len(), 1, "{trap}");
    }
}

#[test]
fn grades_are_understood_in_every_dress() {
    use super::super::directive_read::grade;
    for (text, short) in [
        ("B", "B"),
        ("Ｂ", "B"),
        ("b級", "B"),
        ("Ａ件", "A"),
        ("A級件", "A"),
        ("Level 3", "3"),
        ("LEVEL３", "3"),
        ("L3", "3"),
        ("第三級", "3"),
        ("3級", "3"),
        ("特急", "特急"),
        ("特急件", "特急"),
        ("急件", "急"),
        ("急", "急"),
        ("一般", "一般"),
        ("一般件", "一般"),
        ("普通件", "一般"),
        ("1", "1"),
        ("５", "5"),
    ] {
        {
            assert_eq!(grade(text), short, "{text}");
        }
    }
}

#[test]
fn any_text_at_all_is_split_without_loss_of_the_rest() {
    use proptest::prelude::*;
    proptest!(ProptestConfig::with_cases(400), |(text in "[#＃核准退回受理展延 \\n:：=a-z0-9\\u{3000}\\u{202e}，。/-]{0,60}|\\PC{0,80}")| {
        let parsed = split(&text);
        if parsed.directives.is_empty() && parsed.unknown.is_empty() {
            let wanted = text.replace("\r\n", "\n");
            prop_assert_eq!(parsed.rest.trim(), wanted.trim());
        }
    });
}

#[test]
fn a_hold_takes_its_reason_and_ends_by_its_own_name() {
    for (text, wanted) in [
        ("#保全 訴訟中", Directive::Hold(s("訴訟中"))),
        ("＃保全：監察院調卷", Directive::Hold(s("監察院調卷"))),
        ("#hold litigation", Directive::Hold(s("litigation"))),
        ("#保全", Directive::Hold(s(""))),
        ("#解除保全 已和解", Directive::Unhold(s("已和解"))),
        ("#unhold", Directive::Unhold(s(""))),
    ] {
        assert_eq!(acts(text), vec![wanted], "{text}");
    }
}
