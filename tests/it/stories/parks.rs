//! The worlds of 樹谷 and 中油: their offices, units and people over the common servers, and the scenes their stories begin with.

use super::scenes::reply;
use crate::support::world::{Letter, Mail, World, only};

/// Who complains.
pub const FACTORY: &str = "周廠長 <chou@factory.example>";
/// His address.
pub const CHOU: &str = "chou@factory.example";
/// 總收文.
pub const DESK: &str = "方收文 <wang@kmu.example>";
/// 批准.
pub const DIRECTOR: &str = "盧主任 <lee@kmu.example>";
/// 主管 of 工務組.
pub const HEAD: &str = "蘇組長 <lin@kmu.example>";
/// 承辦 of 工務組.
pub const CLERK: &str = "邱技佐 <chen@kmu.example>";
/// The second one.
pub const CLERK2: &str = "高技佐 <kao@kmu.example>";
/// 總收發 of 工務組.
pub const REGISTRAR: &str = "何收發 <ho@kmu.example>";
/// 主管 of 環安組.
pub const HEAD2: &str = "溫組長 <wu@kmu.example>";
/// 承辦 of 環安組.
pub const CLERK3: &str = "黃技士 <huang@kmu.example>";

const REGISTRAR_CONFIG: &str = r#"
[[people]]
id = "ho"
name = "何收發"
email = "ho@kmu.example"
title = "書記"
[[people]]
id = "kao"
name = "高技佐"
email = "kao@kmu.example"
title = "技佐"
"#;

/// The park's service centre.
pub async fn shugu() -> World {
    shugu_with("").await
}

/// The same with further lines of config.
pub async fn shugu_with(extra: &str) -> World {
    World::changed(
        &[
            ("高雄示範大學", "樹谷園區"),
            ("office = \"秘書室\"", "office = \"服務中心\""),
            ("profile = \"kmu\"", "profile = \"shugu\""),
            ("王秘書", "方收文"),
            ("李主任秘書", "盧主任"),
            ("title = \"主任秘書\"", "title = \"主任\""),
            ("林教務長", "蘇組長"),
            ("title = \"教務長\"", "title = \"組長\""),
            ("陳承辦", "邱技佐"),
            ("吳總務長", "溫組長"),
            ("title = \"總務長\"", "title = \"組長\""),
            ("name = \"教務處\"", "name = \"工務組\""),
            ("head = \"lin\"\nhandlers = [\"chen\"]", "head = \"lin\"\nregistrar = \"ho\"\nhandlers = [\"chen\", \"kao\"]"),
            ("keywords = [\"選課\", \"成績\", \"註冊\"]", "keywords = [\"道路\", \"路燈\", \"排水\"]"),
            ("name = \"總務處\"", "name = \"環安組\""),
            ("keywords = [\"宿舍\", \"冷氣\", \"停車\"]", "keywords = [\"異味\", \"噪音\", \"廢水\"]"),
        ],
        &format!("{REGISTRAR_CONFIG}\n{extra}"),
    )
    .await
}

/// The oil company's customer service office.
pub async fn cpc() -> World {
    cpc_with("").await
}

/// The same with further lines of config.
pub async fn cpc_with(extra: &str) -> World {
    World::changed(
        &[
            ("高雄示範大學", "南港石油公司"),
            ("office = \"秘書室\"", "office = \"客戶服務室\""),
            ("profile = \"kmu\"", "profile = \"cpc\""),
            ("王秘書", "方專員"),
            ("李主任秘書", "謝主任"),
            ("title = \"主任秘書\"", "title = \"室主任\""),
            ("林教務長", "蘇經理"),
            ("title = \"教務長\"", "title = \"經理\""),
            ("陳承辦", "邱站長"),
            ("吳總務長", "溫經理"),
            ("title = \"總務長\"", "title = \"經理\""),
            ("name = \"教務處\"", "name = \"嘉義營業處\""),
            ("head = \"lin\"\nhandlers = [\"chen\"]", "head = \"lin\"\nregistrar = \"ho\"\nhandlers = [\"chen\", \"kao\"]"),
            ("keywords = [\"選課\", \"成績\", \"註冊\"]", "keywords = [\"加油站\", \"加油\", \"洗車\"]"),
            ("name = \"總務處\"", "name = \"會員行銷組\""),
            ("keywords = [\"宿舍\", \"冷氣\", \"停車\"]", "keywords = [\"點數\", \"會員\", \"發票\"]"),
        ],
        &format!("{REGISTRAR_CONFIG}\n{extra}"),
    )
    .await
}

/// A mail to the office.
pub fn mail(from: &str, subject: &str, text: &str) -> Mail {
    Mail { from: from.into(), subject: subject.into(), text: text.into(), ..Mail::default() }
}

/// A complaint that the office gives to `unit`: the letters of that pass.
pub async fn assigned(world: &mut World, complaint: &Mail, unit: &str) -> Vec<Letter> {
    world.arrives(complaint);
    let letters = world.pass().await;
    let triage = only(&letters, "wang@kmu.example").clone();
    reply(world, &triage, DESK, &format!("#分派 {unit}")).await
}

/// A button that somebody of the house presses; gives the letters that then left.
pub async fn press(world: &mut World, letter: &Letter, word: &str, from: &str, typed: &str) -> Vec<Letter> {
    world.later(600);
    world.arrives(&letter.press(word, from, typed));
    world.pass().await
}

/// A button that the complainant presses: his mail proves nothing.
pub async fn complainant_presses(world: &mut World, letter: &Letter, word: &str, from: &str, typed: &str) -> Vec<Letter> {
    world.later(600);
    world.arrives(&Mail { authentic: false, ..letter.press(word, from, typed) });
    world.pass().await
}
