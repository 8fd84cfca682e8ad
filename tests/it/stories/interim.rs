//! What a complainant says to something that is not the last word yet: a preliminary answer (初覆), or an answer on the telephone that is
//! still being approved (K 5.1.2.8: who is not satisfied is worked for on; P 5.5.2: he is asked whether the solution satisfies him).

use redress::domain::state::DeadlineKind::{Answer, Preliminary};
use redress::domain::state::{Satisfaction, State};

use super::scenes::*;
use super::service::{CLERK, CLIENT, MAN, agreed, decided, due, mail, met, pt};
use super::stage::sound;
use crate::support::world::{Letter, Mail, World, only, to};

/// A call that answered, as the handler reports it; gives the forward and the head's request.
async fn answered_by_phone(world: &mut World) -> (Letter, Letter) {
    let letters = forwarded(world).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(world, &forward, CHEN, "#電聯 09:08 客戶 已答覆 已說明系統中斷原因，並將人工加選").await;
    (forward, only(&letters, "lin@kmu.example").clone())
}

/// The student writes; gives what leaves.
async fn student_says(world: &mut World, words: &str) -> Vec<Letter> {
    let receipt = world.sent_to(HUA).into_iter().next_back().expect("a letter to him");
    world.later(600);
    world.arrives(&Mail { authentic: false, ..receipt.reply(STUDENT, words) });
    world.pass().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_satisfied_with_the_call_is_worked_for_on_before_anybody_approves_it() {
    let mut world = World::new().await;
    let (_, request) = answered_by_phone(&mut world).await;
    let before = world.case(FIRST).await;
    assert_eq!((before.state, met(&before, Answer).as_deref()), (State::AwaitingApproval, Some("2026-03-03T09:08")));
    let letters = student_says(&mut world, "不滿意，電話裡說的加選到現在都沒有辦。").await;
    let again = only(&letters, "chen@kmu.example").clone();
    holds(&again.text, &["電話裡說的加選到現在都沒有辦", "請再行處理", "已說明系統中斷原因"]);
    assert!(!again.text.contains("期限重新起算"), "nothing was answered yet: {}", again.text);
    holds(&only(&letters, "wang@kmu.example").text, &["電話裡說的加選到現在都沒有辦", "續辦"]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round, met(&case, Answer)), (State::InProgress, 1, None));
    assert_eq!(due(&case, Answer), due(&before, Answer));
    assert!(case.surveys.is_empty() && case.answered_at.is_none());
    // The head's request is about no answer any more.
    let letters = reply(&mut world, &request, LIN, "如擬").await;
    assert!(to(&letters, HUA).is_empty() && to(&letters, "wang@kmu.example").is_empty(), "{:?}", seen(&letters));
    assert_eq!(world.case(FIRST).await.state, State::InProgress);
    // The handler answers in writing; it is the first answer.
    let letters = reply(&mut world, &again, CHEN, &format!("擬答覆：\n{ANSWER}")).await;
    let request = only(&letters, "lin@kmu.example").clone();
    let letters = all_agree(&mut world, &request, CHAIN).await;
    holds(&only(&letters, HUA).text, &["人工加選完成"]);
    assert_eq!((world.case(FIRST).await.state, world.case(FIRST).await.round), (State::Answered, 1));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_satisfied_with_the_call_need_not_say_so_again() {
    let mut world = World::new().await;
    let (_, request) = answered_by_phone(&mut world).await;
    let letters = student_says(&mut world, "滿意，謝謝。").await;
    holds(&only(&letters, "wang@kmu.example").text, &["滿意，謝謝"]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.surveys.len()), (State::AwaitingApproval, 1), "the chain goes on");
    let letters = all_agree(&mut world, &request, CHAIN).await;
    assert!(to(&letters, HUA).is_empty(), "it was said already");
    assert_eq!(world.case(FIRST).await.state, State::Closing, "and he agreed");
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_judge_nothing_hold_nothing_up() {
    let mut world = World::new().await;
    let (_, request) = answered_by_phone(&mut world).await;
    let letters = student_says(&mut world, "補充：我的學號是 B10812345。").await;
    holds(&only(&letters, "chen@kmu.example").text, &["B10812345"]);
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    all_agree(&mut world, &request, CHAIN).await;
    assert_eq!(world.case(FIRST).await.state, State::Answered);
    // Approved it is the answer, and who is not satisfied with it begins the next round.
    let letters = student_says(&mut world, "不滿意，還是沒有加選。").await;
    holds(&only(&letters, "chen@kmu.example").text, &["還是沒有加選", "期限重新起算"]);
    assert_eq!((world.case(FIRST).await.state, world.case(FIRST).await.round), (State::InProgress, 2));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handler_reports_that_the_second_call_went_badly() {
    let mut world = World::new().await;
    let (forward, _) = answered_by_phone(&mut world).await;
    let letters = reply(&mut world, &forward, CHEN, "#電聯 09:20 客戶 不滿意 客戶要求書面說明").await;
    holds(&only(&letters, "wang@kmu.example").text, &["客戶要求書面說明"]);
    let case = world.case(FIRST).await;
    assert_eq!((case.state, case.round, met(&case, Answer)), (State::InProgress, 1, None));
    sound(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_to_a_preliminary_answer_goes_to_who_works_on_it_and_is_no_verdict() {
    let mut world = pt().await;
    let complaint = mail("病房叫人鈴沒有人回應", "我是何曼。家母按叫人鈴二十分鐘沒有人回應。");
    let letters = decided(&mut world, &complaint, "#等級 A 1\n#分派 照護部").await;
    let forward = only(&letters, "academic@kmu.example").clone();
    let letters = reply(&mut world, &forward, CLERK, "#初覆 何女士您好：已先以無線設備替代，線路更換排定於明日。").await;
    let all = agreed(&mut world, &letters).await;
    let first = only(&all, MAN).clone();
    assert!(first.button("滿意").is_none(), "it asks for no verdict");
    let number = world.cases().await.first().map(|c| c.number.clone()).expect("a case");
    let solved = met(&world.case(&number).await, Preliminary);
    assert!(solved.is_some());
    // Not satisfied, then content: both are words for who works on it; the promise was kept, and no round begins.
    for words in ["不滿意，無線設備昨晚也沒有聲音。", "滿意，今天好多了。"] {
        world.later(600);
        world.arrives(&Mail { authentic: false, ..first.reply(CLIENT, words) });
        let letters = world.pass().await;
        holds(&only(&letters, "chen@kmu.example").text, &[words]);
        holds(&only(&letters, "wang@kmu.example").text, &[words]);
        let case = world.case(&number).await;
        assert_eq!((case.state, case.round, case.surveys.len()), (State::InProgress, 1, 0));
        assert_eq!(met(&case, Preliminary), solved);
    }
    // The answer goes its way, and to that the verdict counts.
    let letters = reply(&mut world, &forward, CLERK, "擬答覆：\n何女士您好：線路已全部更換，謹致歉意。").await;
    let all = agreed(&mut world, &letters).await;
    let answer = only(&all, MAN).clone();
    world.later(600);
    world.arrives(&Mail { authentic: false, ..answer.press("不滿意", CLIENT, "還是沒有人回應") });
    world.pass().await;
    let case = world.case(&number).await;
    assert_eq!((case.round, case.surveys.last().map(|s| s.satisfaction)), (2, Some(Satisfaction::Dissatisfied)));
    sound(&world).await;
}
