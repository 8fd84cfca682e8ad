//! The worlds of PT-P020 and of the service requests (程曦): their offices, people and units over the common servers, and small
//! scenes that their stories share.

use redress::domain::state::DeadlineKind;
use redress::domain::{Act, Case};

use super::parks::press;
use crate::support::world::{Letter, Mail, World, moment, only};

/// Who complains.
pub const CLIENT: &str = "何曼 <man@client.example>";
/// Her address.
pub const MAN: &str = "man@client.example";
/// 客戶服務部, or the 報修專員.
pub const DESK: &str = "王秘書 <wang@kmu.example>";
/// 部門主管.
pub const HEAD: &str = "林教務長 <lin@kmu.example>";
/// 承辦人.
pub const CLERK: &str = "陳承辦 <chen@kmu.example>";
/// 管理層.
pub const BOARD: &str = "李主任秘書 <lee@kmu.example>";
/// 總院長, 總經理.
pub const PRESIDENT: &str = "許校長 <hsu@kmu.example>";

/// The institution of PT-P020: one department for the rooms, one for the accounts.
pub async fn pt() -> World {
    World::changed(
        &[
            ("高雄示範大學", "青山療養院"),
            ("office = \"秘書室\"", "office = \"客戶服務部\""),
            ("profile = \"kmu\"", "profile = \"pt\""),
            ("roles = [\"chief_secretary\"]", "roles = [\"management\"]"),
            ("name = \"教務處\"", "name = \"照護部\""),
            ("keywords = [\"選課\", \"成績\", \"註冊\"]", "keywords = [\"病房\", \"照護\"]"),
            ("name = \"總務處\"", "name = \"財務部\""),
            ("keywords = [\"宿舍\", \"冷氣\", \"停車\"]", "keywords = [\"收費\", \"退費\"]"),
        ],
        "",
    )
    .await
}

/// The service company: a technical group and the people of its notice matrix.
pub async fn chainsea() -> World {
    chainsea_with("").await
}

/// The same with further lines of config.
pub async fn chainsea_with(extra: &str) -> World {
    let people = r#"
[[people]]
id = "pm"
name = "孫專案"
email = "pm@kmu.example"
roles = ["project_manager"]
phone = "0911-222-333"
[[people]]
id = "sales"
name = "魯業務"
email = "sales@kmu.example"
roles = ["sales"]
phone = "0922-333-444"
[[people]]
id = "tech"
name = "仲技服"
email = "tech@kmu.example"
roles = ["technical_lead"]
[[people]]
id = "know"
name = "廖知識"
email = "know@kmu.example"
roles = ["knowledge"]
"#;
    World::changed(
        &[
            ("高雄示範大學", "程風資訊"),
            ("office = \"秘書室\"", "office = \"客服中心\""),
            ("profile = \"kmu\"", "profile = \"chainsea\""),
            ("name = \"教務處\"", "name = \"技服組\""),
            ("keywords = [\"選課\", \"成績\", \"註冊\"]", "keywords = [\"話機\", \"錄音\"]"),
            ("name = \"總務處\"", "name = \"應用開發部\""),
            ("keywords = [\"宿舍\", \"冷氣\", \"停車\"]", "keywords = [\"報表\", \"系統\"]"),
        ],
        &format!("{people}\n{extra}"),
    )
    .await
}

/// A mail of the client.
pub fn mail(subject: &str, text: &str) -> Mail {
    Mail { from: CLIENT.into(), subject: subject.into(), text: text.into(), ..Mail::default() }
}

/// A complaint on which the office decides with these lines; gives the letters that then leave.
pub async fn decided(world: &mut World, complaint: &Mail, lines: &str) -> Vec<Letter> {
    world.arrives(complaint);
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    world.later(600);
    world.arrives(&triage.reply(DESK, lines));
    world.pass().await
}

/// When the running deadline of a kind is due, as it is read on the wall.
pub fn due(case: &Case, kind: DeadlineKind) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Taipei").expect("the zone");
    let found = case.deadlines.iter().rev().find(|d| d.kind == kind && d.round == case.round);
    found.and_then(|d| d.due_at).map_or_else(|| "none".to_owned(), |at| at.rfc3339(&zone).get(..16).expect("a minute").to_owned())
}

/// When it was met.
pub fn met(case: &Case, kind: DeadlineKind) -> Option<String> {
    let zone = jiff::tz::TimeZone::get("Asia/Taipei").expect("the zone");
    let found = case.deadlines.iter().rev().find(|d| d.kind == kind && d.round == case.round);
    found.and_then(|d| d.met_at).map(|at| at.rfc3339(&zone).get(..16).expect("a minute").to_owned())
}

/// The kinds of deadline that a case has in its round.
pub fn kinds(case: &Case) -> Vec<&'static str> {
    case.deadlines.iter().filter(|d| d.round == case.round).map(|d| d.kind.name()).collect()
}

/// Everybody who is asked agrees, one after another, until nobody is asked any more; gives all letters of the way.
pub async fn agreed(world: &mut World, first: &[Letter]) -> Vec<Letter> {
    let mut all = Vec::new();
    let mut letters = first.to_vec();
    for _ in 0..6 {
        let asked: Vec<Letter> =
            letters.iter().filter(|l| l.to.ends_with("kmu.example") && l.button("同意").or(l.button("核准")).is_some()).cloned().collect();
        let Some(request) = asked.first() else { break };
        let word = if request.button("核准").is_some() { "核准" } else { "同意" };
        let from = format!("某人 <{}>", request.to);
        letters = press(world, request, word, &from, "").await;
        all.extend(letters.clone());
    }
    all
}

/// The names of a case's events, in order.
pub async fn trail(world: &World, number: &str) -> Vec<String> {
    let case = world.case(number).await;
    let rows = redress::store::events::for_case(&world.house.desk.store, case.id.as_str()).await.expect("store");
    rows.into_iter().map(|row| row.kind).collect()
}

/// Whether an act's name stands in a case's trail.
pub async fn happened(world: &World, number: &str, act: &Act) -> bool {
    trail(world, number).await.iter().any(|kind| kind == act.name())
}

/// A moment, from its wall clock in Taipei.
pub fn at(text: &str) -> redress::calendar::Moment {
    moment(&format!("{text}:00+08:00"))
}
