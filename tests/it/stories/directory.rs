//! People come, move and go by the personnel office's list (R81; T10): a second person approves what changes, at once it counts, who left
//! or moved can do nothing any more, and nothing waits for him.

use redress::config::{self, Known};
use redress::desk::ImportedList;
use redress::domain::PersonId;
use redress::domain::roster::Roster;
use redress::domain::state::State;
use redress::store::directory::{self, State as ListState};

use super::scenes::{ANSWER, CHEN, FIRST, LIN, WANG, about, forwarded, holds, proposed, reply, seen};
use super::stage::sound;
use crate::support::postgres;
use crate::support::world::{Letter, World, only, to};

pub const MEI: &str = "梅秘書 <mei@kmu.example>";
pub const SECOND: &str = "[[people]]\nid = \"mei\"\nname = \"梅秘書\"\nemail = \"mei@kmu.example\"\nroles = [\"secretariat\"]\n";

/// Everybody, as the personnel office has them.
const ALL: &[&str] = &[
    "A01,王秘書,wang@kmu.example,秘書室,組員,2101,秘書室",
    "A02,梅秘書,mei@kmu.example,秘書室,組員,2102,秘書室",
    "A03,李主任秘書,lee@kmu.example,秘書室,主任秘書,,主任秘書",
    "A04,許校長,hsu@kmu.example,秘書室,校長,,校長",
    "A05,蔡副校長,tsai@kmu.example,秘書室,副校長,,副校長",
    "A06,林教務長,lin@kmu.example,教務處,教務長,,單位主管",
    "A07,陳承辦,chen@kmu.example,教務處,專員,3105,承辦人",
    "A08,吳總務長,wu@kmu.example,總務處,總務長,,單位主管",
    "A09,黃技士,huang@kmu.example,總務處,技士,,承辦人",
];

/// The list with lines changed or left out (an empty line).
pub fn list(changes: &[(&str, &str)]) -> String {
    let mut text = String::from("編號,姓名,電子郵件,單位,職稱,分機,角色\n");
    for line in ALL {
        let changed = changes.iter().find(|(number, _)| line.starts_with(number)).map_or(*line, |(_, now)| now);
        if !changed.is_empty() {
            text.push_str(&format!("{changed}\n"));
        }
    }
    text
}

/// Imports a list as `directory import` does.
pub async fn imports(world: &World, text: &str, by: &str) -> u32 {
    let desk = &world.house.desk;
    let before = Box::pin(directory::in_force(&desk.store)).await.expect("store").map(|v| v.roster).unwrap_or_default();
    let known = Known {
        directory: &desk.office.directory,
        configured: &desk.configured,
        list: &before,
        roles: desk.office.procedure.roles.iter().map(|r| (r.id.clone(), r.title.clone())).collect(),
        office: "秘書室",
        mailboxes: vec!["service@kmu.example"],
        other_units: false,
    };
    let lines = config::read_staff_list(text.as_bytes()).expect("lines");
    let roster: Roster = config::merge_staff_list(&lines, &known).expect("merged");
    let list = ImportedList { roster, file: "人事.csv".into(), sha256: "ab".repeat(32), by: by.into() };
    desk.propose_directory(list).await.expect("proposed")
}

/// Imported by 王, approved and confirmed by 梅; gives the letters of the last pass.
pub async fn in_force(world: &mut World, text: &str) -> Vec<Letter> {
    Box::pin(imports(world, text, "wang")).await;
    let letters = Box::pin(world.pass()).await;
    let request = only(&letters, "mei@kmu.example").clone();
    world.later(600);
    world.arrives(&request.press("名冊生效", MEI, ""));
    let letters = Box::pin(world.pass()).await;
    let confirm = only(&letters, "mei@kmu.example").clone();
    world.later(600);
    world.arrives(&confirm.press("確認", MEI, ""));
    Box::pin(world.pass()).await
}

pub async fn state_of(world: &World, version: u32) -> ListState {
    let all = directory::all(&world.house.desk.store).await.expect("store");
    all.into_iter().find(|v| v.roster.version == version).expect("a version").state
}

async fn world() -> World {
    Box::pin(World::with(SECOND)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_counts_once_a_second_person_has_approved_and_confirmed_it() {
    let mut world = Box::pin(world()).await;
    Box::pin(forwarded(&mut world)).await;
    let version =
        Box::pin(imports(&world, &list(&[("A09", ""), ("A07", "A07,陳承辦,chen2@kmu.example,教務處,專員,3105,承辦人")]), "wang")).await;
    let letters = Box::pin(world.pass()).await;
    assert_eq!(seen(&letters).iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["mei@kmu.example"], "the importer is not asked");
    let request = letters[0].clone();
    holds(&request.text, &["人事.csv", "王秘書", "改信箱", "chen@kmu.example → chen2@kmu.example"]);
    assert!(!request.text.contains("離職："), "who was in no earlier list stays with the config: {}", request.text);
    holds(&request.text, &["仍照設定檔", "黃技士"]);
    // 王 imported it: his word counts for nothing, from his own mailbox or with 梅's letter.
    for mail in [request.reply(WANG, "核准"), request.press("名冊生效", WANG, "")] {
        world.later(60);
        world.arrives(&mail);
        Box::pin(world.pass()).await;
    }
    // A forged 核准 of 梅's brings a question to her mailbox, and no more.
    world.later(60);
    let mut forged = request.press("名冊生效", MEI, "");
    forged.authentic = false;
    world.arrives(&forged);
    let letters = Box::pin(world.pass()).await;
    let question = only(&letters, "mei@kmu.example").clone();
    assert!(question.button("確認").is_some() && state_of(&world, version).await == ListState::Proposed);
    assert!(world.house.desk.office.directory.by_email("chen2@kmu.example").is_none());
    // She says that it was she.
    let letters = Box::pin(reply(&mut world, &question, MEI, "確認")).await;
    assert_eq!(state_of(&world, version).await, ListState::Approved);
    holds(&about(&letters, "wang@kmu.example", "生效").text, &["第 1 版", "梅秘書"]);
    assert!(world.house.desk.office.directory.by_email("chen2@kmu.example").is_some());
    // It survives a restart, and nobody decides it a second time.
    world.restart().await;
    assert!(Box::pin(world.pass()).await.is_empty());
    assert!(world.house.desk.office.directory.edition.starts_with("v1 "));
    let letters = Box::pin(reply(&mut world, &question, MEI, "確認")).await;
    holds(&only(&letters, "mei@kmu.example").text, &["已有決定"]);
    Box::pin(sound(&world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_plus_addresses_plain_replies_are_enough() {
    let changes = [("trusted_authserv_id = \"mx.kmu.example\"", "trusted_authserv_id = \"mx.kmu.example\"\nplus_addressing = false")];
    let mut world = Box::pin(World::changed(&changes, SECOND)).await;
    let version = Box::pin(imports(&world, &list(&[("A07", "A07,陳承辦,chen2@kmu.example,教務處,專員,3105,承辦人")]), "wang")).await;
    let request = only(&Box::pin(world.pass()).await, "mei@kmu.example").clone();
    assert_eq!(request.reply_to, "service@kmu.example");
    // What she says first cannot be read; she is asked again, and answers that letter, and then the one that asked a second time.
    let mut again = request;
    for unclear in ["我看看", "等一下再說"] {
        let letters = Box::pin(reply(&mut world, &again, MEI, unclear)).await;
        again = only(&letters, "mei@kmu.example").clone();
        assert!(again.text.contains("無法辨識") && again.reply_to == "service@kmu.example", "{}", again.text);
    }
    let letters = Box::pin(reply(&mut world, &again, MEI, "核准")).await;
    let question = only(&letters, "mei@kmu.example").clone();
    assert_eq!(state_of(&world, version).await, ListState::Proposed);
    let letters = Box::pin(reply(&mut world, &question, MEI, "讓我想想")).await;
    let question = only(&letters, "mei@kmu.example").clone();
    assert_eq!(state_of(&world, version).await, ListState::Proposed);
    Box::pin(reply(&mut world, &question, MEI, "確認")).await;
    assert_eq!(state_of(&world, version).await, ListState::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_plus_addresses_a_list_that_replaces_one_is_answered_by_its_own_letter() {
    let changes = [("trusted_authserv_id = \"mx.kmu.example\"", "trusted_authserv_id = \"mx.kmu.example\"\nplus_addressing = false")];
    let mut world = Box::pin(World::changed(&changes, SECOND)).await;
    let moved = ("A07", "A07,陳承辦,chen@kmu.example,總務處,專員,3105,承辦人");
    let first = Box::pin(imports(&world, &list(&[("A07", "")]), "wang")).await;
    let old = only(&Box::pin(world.pass()).await, "mei@kmu.example").clone();
    let letters = Box::pin(reply(&mut world, &old, MEI, "退回：陳承辦是調動，不是離職")).await;
    holds(&about(&letters, "wang@kmu.example", "退回").text, &["調動"]);
    assert_eq!(state_of(&world, first).await, ListState::Returned);
    let second = Box::pin(imports(&world, &list(&[moved]), "wang")).await;
    let new = only(&Box::pin(world.pass()).await, "mei@kmu.example").clone();
    // The letter about the list that she sent back says nothing of this one.
    world.later(600);
    world.arrives(&old.reply(MEI, "核准"));
    Box::pin(world.pass()).await;
    assert_eq!(state_of(&world, second).await, ListState::Proposed);
    let question = only(&Box::pin(reply(&mut world, &new, MEI, "同意")).await, "mei@kmu.example").clone();
    Box::pin(reply(&mut world, &question, MEI, "確認")).await;
    assert_eq!((state_of(&world, first).await, state_of(&world, second).await), (ListState::Returned, ListState::Approved));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_importer_alone_changes_nothing_and_a_list_can_be_sent_back() {
    let mut world = Box::pin(world()).await;
    let version =
        Box::pin(imports(&world, &list(&[("A06", "A06,林教務長,lin@kmu.example,總務處,教務長,,承辦人")]), "mei@kmu.example")).await;
    let letters = Box::pin(world.pass()).await;
    // Whoever imports by his address is the same person.
    let request = only(&letters, "wang@kmu.example").clone();
    holds(&request.text, &["調動", "教務處 單位主管 → 總務處 承辦人", "教務處將沒有主管"]);
    assert!(to(&letters, "mei@kmu.example").is_empty());
    let letters = Box::pin(reply(&mut world, &request, WANG, "我看看")).await;
    assert!(only(&letters, "wang@kmu.example").text.contains("無法辨識"));
    let letters = Box::pin(reply(&mut world, &request, WANG, "退回：教務處要有主管")).await;
    assert_eq!(state_of(&world, version).await, ListState::Returned);
    holds(&about(&letters, "mei@kmu.example", "退回").text, &["教務處要有主管", "王秘書"]);
    assert!(world.house.desk.office.directory.units.values().any(|u| u.head.0 == "lin"));
}

async fn a_handler_leaves(world: World) {
    let mut world = Box::new(world);
    Box::pin(in_force(&mut world, &list(&[]))).await;
    assert_eq!(state_of(&world, 1).await, ListState::Approved);
    // His draft waits for his own word when he leaves.
    let letters = Box::pin(forwarded(&mut world)).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    Box::pin(reply(&mut world, &forward, CHEN, "#收案")).await;
    assert_eq!(world.case(FIRST).await.handler, Some(PersonId("chen".into())));
    let letters = Box::pin(in_force(&mut world, &list(&[("A07", "")]))).await;
    let taken = about(&letters, "lin@kmu.example", "選課").clone();
    let handed = about(&letters, "lin@kmu.example", "職務異動").clone();
    holds(&handed.text, &["陳承辦", FIRST, "承辦"]);
    assert!(handed.button("核准").is_none() && world.case(FIRST).await.handler.is_none());
    // His old letter, his address: a stranger's words.
    world.later(600);
    world.arrives(&forward.reply(CHEN, &format!("擬答覆：\n{ANSWER}")));
    let letters = Box::pin(world.pass()).await;
    assert!(world.case(FIRST).await.drafts.is_empty() && to(&letters, "chen@kmu.example").is_empty(), "{:?}", seen(&letters));
    // The head goes on from the letter that he got, and everything reaches its end.
    let letters = Box::pin(reply(&mut world, &taken, LIN, &format!("擬答覆：\n{ANSWER}"))).await;
    assert_eq!(world.case(FIRST).await.drafts.len(), 1, "{:?}", seen(&letters));
    // The office's paper still names who did what.
    assert_eq!(world.house.desk.office.directory.name_of(&PersonId("chen".into())), "陳承辦");
    Box::pin(sound(&world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_who_left_hands_on_everything_and_can_do_nothing() {
    let world = Box::pin(world()).await;
    Box::pin(a_handler_leaves(world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_who_left_on_postgres() {
    let database = postgres::shared().database();
    let world = Box::pin(World::changed(&[("sqlite:redress.db", &database)], SECOND)).await;
    Box::pin(a_handler_leaves(world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_approval_of_a_head_who_left_is_asked_of_the_next_one() {
    let mut world = Box::pin(world()).await;
    Box::pin(in_force(&mut world, &list(&[]))).await;
    let request = Box::pin(proposed(&mut world, ANSWER)).await;
    // Nobody follows him yet.
    let letters = Box::pin(in_force(&mut world, &list(&[("A06", "")]))).await;
    let case = world.case(FIRST).await;
    let asked = case.open_asks().next().expect("the step is open").candidates.clone();
    assert!(!asked.is_empty() && asked.iter().all(|c| c.person.0 != "lin"), "{asked:?}");
    let next = format!("{}@kmu.example", asked[0].person.0);
    assert!(about(&letters, &next, "選課").button("核准").is_some());
    holds(&about(&letters, &next, "職務異動").text, &["林教務長", FIRST, "單位主管"]);
    // His old button does nothing.
    world.later(600);
    world.arrives(&request.press("核准", LIN, ""));
    Box::pin(world.pass()).await;
    assert_eq!(world.case(FIRST).await.state, State::AwaitingApproval);
    assert!(world.case(FIRST).await.asks.iter().all(|a| a.decision.is_none()));
    // A new head comes: the step is his, and nobody else's.
    let new = "A10,周教務長,zhou@kmu.example,教務處,教務長,,單位主管";
    let letters = Box::pin(in_force(&mut world, &format!("{}{new}\n", list(&[("A06", "")])))).await;
    let asked = about(&letters, "zhou@kmu.example", "選課").clone();
    assert!(about(&letters, "zhou@kmu.example", "職務異動").text.contains(FIRST));
    let letters = Box::pin(reply(&mut world, &asked, "周教務長 <zhou@kmu.example>", "同意")).await;
    let case = world.case(FIRST).await;
    let decided = case.asks.iter().find_map(|a| a.decision.as_ref()).expect("decided");
    assert!(decided.by.person.0 == "A10" && decided.directory.starts_with("v3 "), "{decided:?}");
    assert!(!to(&letters, "wang@kmu.example").is_empty() || !to(&letters, "mei@kmu.example").is_empty(), "{:?}", seen(&letters));
    Box::pin(sound(&world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_moves_to_another_unit_leaves_his_cases_behind() {
    let mut world = Box::pin(world()).await;
    Box::pin(in_force(&mut world, &list(&[]))).await;
    let letters = Box::pin(forwarded(&mut world)).await;
    let forward = only(&letters, "academic@kmu.example").clone();
    Box::pin(reply(&mut world, &forward, CHEN, "#收案")).await;
    let moved = ("A07", "A07,陳承辦,chen@kmu.example,總務處,專員,3105,承辦人");
    let letters = Box::pin(in_force(&mut world, &list(&[moved]))).await;
    holds(&about(&letters, "lin@kmu.example", "職務異動").text, &["陳承辦", FIRST]);
    world.later(600);
    world.arrives(&forward.reply(CHEN, &format!("擬答覆：\n{ANSWER}")));
    Box::pin(world.pass()).await;
    assert!(world.case(FIRST).await.drafts.is_empty(), "a case of his old unit");
    // What his new unit gets he may answer.
    world.arrives(&super::scenes::complaint("宿舍冷氣壞了", "宿舍冷氣壞了三天，請修理。"));
    let second = only(&Box::pin(world.pass()).await, "general@kmu.example").clone();
    Box::pin(reply(&mut world, &second, CHEN, &format!("擬答覆：\n{ANSWER}"))).await;
    assert_eq!(world.case("115-0002").await.drafts.len(), 1);
    assert!(world.house.desk.office.directory.may_handle(
        &PersonId("huang".into()),
        &world.case("115-0002").await,
        world.house.desk.office.day(world.clock.now())
    ));
    Box::pin(sound(&world)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_another_mailbox_finds_there_what_waits_for_him_and_the_old_one_is_nobodys() {
    let mut world = Box::pin(world()).await;
    Box::pin(in_force(&mut world, &list(&[]))).await;
    let request = Box::pin(proposed(&mut world, ANSWER)).await;
    let letters = Box::pin(in_force(&mut world, &list(&[("A06", "A06,林教務長,lin.new@kmu.example,教務處,教務長,,單位主管")]))).await;
    let again = about(&letters, "lin.new@kmu.example", "選課").clone();
    assert!(again.button("核准").is_some());
    world.later(600);
    world.arrives(&request.reply(LIN, "核准"));
    Box::pin(world.pass()).await;
    assert!(world.case(FIRST).await.asks.iter().all(|a| a.decision.is_none()), "the old mailbox is a stranger's");
    Box::pin(reply(&mut world, &again, "林教務長 <lin.new@kmu.example>", "核准")).await;
    assert_eq!(world.case(FIRST).await.asks.iter().filter(|a| a.decision.is_some()).count(), 1);
    Box::pin(sound(&world)).await;
}

fn run(world: &World, arguments: &[&str]) -> (i32, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_redress"));
    command.arg("--config").arg(world.dir.path().join("redress.toml")).args(arguments).current_dir(world.dir.path());
    let out = command.output().expect("redress runs");
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap_or(-1), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_reads_compares_and_refuses() {
    let world = Box::pin(world()).await;
    let write = |text: &str| std::fs::write(world.dir.path().join("hr.csv"), text).expect("a file");
    let waiting = async || directory::proposed(&world.house.desk.store).await.expect("store").map(|v| v.roster.version);
    // A mistake in line 7: said with its line, and nothing is kept.
    write(&list(&[("A06", "A06,林教務長,lin@kmu.example,教務室,教務長,,單位主管")]));
    let (code, said) = run(&world, &["directory", "import", "hr.csv"]);
    assert!(code == 1 && said.contains("hr.csv:7: ") && said.contains("教務處") && said.contains("nothing was imported"), "{said}");
    assert_eq!(waiting().await, None);
    // In Big5, with one who is new.
    let new = format!("{}A11,周組員,zhou@kmu.example,教務處,組員,,承辦人\n", list(&[]));
    let (big5, _, lossy) = encoding_rs::BIG5.encode(&new);
    assert!(!lossy);
    std::fs::write(world.dir.path().join("hr.csv"), &big5).expect("a file");
    let (code, said) = run(&world, &["directory", "import", "hr.csv", "--dry-run"]);
    assert!(code == 0 && said.contains("周組員") && waiting().await.is_none(), "{said}");
    let (code, said) = run(&world, &["directory", "import", "hr.csv", "--by", "王秘書"]);
    assert!(code == 0 && said.contains("version 1 waits") && said.contains("梅秘書") && !said.contains("by 王秘書"), "{said}");
    assert_eq!(waiting().await, Some(1));
    let (code, said) = run(&world, &["directory", "diff"]);
    assert!(code == 0 && said.contains("周組員"), "{said}");
    // Another list takes its place.
    write(&list(&[]));
    assert_eq!(run(&world, &["directory", "import", "hr.csv"]).0, 0);
    let (code, said) = run(&world, &["directory", "list", "--json"]);
    let all: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert!(code == 0 && all[0]["state"] == "proposed" && all[1]["state"] == "withdrawn" && all[0]["imported_by"] == "operator", "{said}");
    // What is given out says the same when it is read again.
    let (code, said) = run(&world, &["directory", "export", "--out", "out.csv"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = run(&world, &["directory", "import", "out.csv", "--dry-run"]);
    assert!(code == 0 && !said.contains("離職") && !said.contains("改角色") && !said.contains("調動"), "{said}");
    let (code, said) = run(&world, &["directory", "show", "--json"]);
    let now: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert!(code == 0 && now["version"] == 0 && now["people"].as_array().expect("people").len() == 9, "{said}");
    assert_eq!(run(&world, &["directory", "import", "hr.csv", "--by", "nobody"]).0, 2);
    assert_eq!(run(&world, &["audit", "verify"]).0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_would_send_nearly_everybody_away_is_asked_about() {
    let mut world = Box::pin(world()).await;
    Box::pin(in_force(&mut world, &list(&[]))).await;
    let write = |text: &str| std::fs::write(world.dir.path().join("hr.csv"), text).expect("a file");
    write(&list(&[("A05", ""), ("A06", ""), ("A07", ""), ("A08", ""), ("A09", "")]));
    let (code, said) = run(&world, &["directory", "import", "hr.csv"]);
    assert!(code == 1 && said.contains("5 of 9") && said.contains("--leaving 5"), "{said}");
    let (code, said) = run(&world, &["directory", "import", "hr.csv", "--leaving", "4"]);
    assert!(code == 1 && directory::proposed(&world.house.desk.store).await.expect("store").is_none(), "{said}");
    let (code, said) = run(&world, &["directory", "import", "hr.csv", "--leaving", "5"]);
    assert!(code == 0 && said.contains("version 2 waits"), "{said}");
    // Without the office nobody could decide anything: never.
    write("編號,姓名,電子郵件,單位,角色\nA06,林教務長,lin@kmu.example,教務處,單位主管\n");
    let (code, said) = run(&world, &["directory", "import", "hr.csv", "--leaving", "8"]);
    assert!(code == 1 && said.contains("nobody would be left"), "{said}");
}
