//! What the adversarial stories begin with: the people, a complaint, a case that waits for a decision, and what must never change.

use redress::domain::Case;
use redress::domain::state::State;
use redress::store::inbox;

use crate::support::world::{Letter, Mail, SERVICE, World, only};

pub const STUDENT: &str = "陳小華 <hua@mail.example>";
pub const CHEN: &str = "陳承辦 <chen@kmu.example>";
pub const LIN: &str = "林教務長 <lin@kmu.example>";
pub const WANG: &str = "王秘書 <wang@kmu.example>";
pub const LEE: &str = "李主任秘書 <lee@kmu.example>";
pub const ANSWER: &str = "陳同學您好：\n\n您的必修課已人工加選完成。";

/// A complaint about course registration.
pub fn complaint() -> Mail {
    Mail {
        from: STUDENT.into(),
        subject: "選課系統一直出錯".into(),
        text: "您好：\n\n我是資工系學生陳小華。昨天選課系統一直顯示錯誤，我沒有選到必修課。".into(),
        ..Mail::default()
    }
}

/// A complaint has come, and the unit has it.
pub async fn forwarded(world: &mut World) -> Letter {
    world.arrives(&complaint());
    only(&world.pass().await, "academic@kmu.example").clone()
}

/// A handler has proposed an answer; gives the forward and the unit head's request.
pub async fn proposed(world: &mut World) -> (Letter, Letter) {
    let forward = forwarded(world).await;
    world.later(600);
    world.arrives(&forward.reply(CHEN, &format!("已查系統紀錄。\n\n擬答覆：\n{ANSWER}")));
    let request = only(&world.pass().await, "lin@kmu.example").clone();
    (forward, request)
}

/// The chief secretary is asked; gives his request.
pub async fn before_the_chief(world: &mut World) -> Letter {
    let (_, request) = proposed(world).await;
    world.later(600);
    world.arrives(&request.reply(LIN, "如擬"));
    let request = only(&world.pass().await, "wang@kmu.example").clone();
    world.later(600);
    world.arrives(&request.reply(WANG, "同意"));
    let request = only(&world.pass().await, "lee@kmu.example").clone();
    world.later(600);
    request
}

/// The answer has left; gives it.
pub async fn answered(world: &mut World) -> Letter {
    let request = before_the_chief(world).await;
    world.arrives(&request.reply(LEE, "可"));
    only(&world.pass().await, "hua@mail.example").clone()
}

/// What an attack must leave as it was.
pub fn essence(case: &Case) -> (State, usize, Vec<bool>, usize, u32) {
    let decided: Vec<bool> = case.asks.iter().map(|a| a.decision.is_some()).collect();
    (case.state, case.asks.len(), decided, case.drafts.len(), case.round)
}

/// (state, reason) of the newest mail in custody.
pub async fn last_mail(world: &World) -> (inbox::State, String) {
    let all = all_mails(world).await;
    let row = all.iter().max_by_key(|r| r.uid).expect("a mail");
    (row.state, row.reason.clone().unwrap_or_default())
}

/// Every mail in custody.
pub async fn all_mails(world: &World) -> Vec<inbox::InboxRow> {
    inbox::all(&world.house.desk.store).await.expect("store")
}

/// A mail that was not threaded by its client: only the subject is left.
pub fn bare(letter: &Letter, from: &str, text: &str) -> Mail {
    Mail { to: SERVICE.into(), headers: Vec::new(), ..letter.reply(from, text) }
}

/// The trail proves itself and tells the same case.
pub async fn sound(world: &World) {
    let verdict = redress::store::events::verify(&world.house.desk.store).await.expect("verify");
    assert!(matches!(verdict, redress::store::events::Verdict::Ok { .. }), "{verdict:?}");
    for case in world.cases().await {
        assert!(world.house.desk.replay(&case).await.expect("replay").same, "{}", case.number);
    }
}
