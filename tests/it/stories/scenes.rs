//! Scenes that many stories begin with: a complaint arrives, the unit answers, the chain agrees, the answer leaves.

use crate::support::world::{Letter, Mail, World, only, to};

/// Who complains in most stories.
pub const STUDENT: &str = "陳小華 <hua@mail.example>";
/// His address.
pub const HUA: &str = "hua@mail.example";
/// The first case of the world.
pub const FIRST: &str = "115-0001";
/// The unit's proposed answer.
pub const ANSWER: &str =
    "陳同學您好：\n\n經查當日選課系統因流量過大而中斷，已於下午三時恢復，\n您的必修課已為您人工加選完成。造成不便，謹致歉意。";

/// People of the house.
pub const WANG: &str = "王秘書 <wang@kmu.example>";
pub const LEE: &str = "李主任秘書 <lee@kmu.example>";
pub const HSU: &str = "許校長 <hsu@kmu.example>";
pub const TSAI: &str = "蔡副校長 <tsai@kmu.example>";
pub const LIN: &str = "林教務長 <lin@kmu.example>";
pub const CHEN: &str = "陳承辦 <chen@kmu.example>";
pub const WU: &str = "吳總務長 <wu@kmu.example>";
pub const HUANG: &str = "黃技士 <huang@kmu.example>";

/// A mail of the student.
pub fn complaint(subject: &str, text: &str) -> Mail {
    Mail { from: STUDENT.into(), subject: subject.into(), text: text.into(), ..Mail::default() }
}

/// Words of exactly one unit: it is forwarded at once. Gives the letters that left.
pub async fn forwarded(world: &mut World) -> Vec<Letter> {
    world.arrives(&complaint(
        "選課系統一直出錯",
        "您好：\n\n昨天選課系統在 12:00 開放後一直顯示錯誤，我沒有選到必修課。\n希望學校協助加選。\n\n陳小華 敬上",
    ));
    world.pass().await
}

/// Words of no unit: it waits for the secretariat. Gives the letters that left.
pub async fn in_triage(world: &mut World) -> Vec<Letter> {
    world.arrives(&complaint("圖書館閉館時間", "您好：\n\n圖書館週末五點就閉館，我們沒有地方念書，希望延長開放。\n\n陳小華 敬上"));
    world.pass().await
}

/// The unit has proposed `answer`; gives the request to its head.
pub async fn proposed(world: &mut World, answer: &str) -> Letter {
    let letters = forwarded(world).await;
    let forward = only(&letters, "academic@kmu.example");
    world.later(600);
    world.arrives(&forward.reply(CHEN, &format!("已調閱系統紀錄。\n\n擬答覆：\n{answer}")));
    let letters = world.pass().await;
    only(&letters, "lin@kmu.example").clone()
}

/// Somebody replies to a letter; gives the letters that then left.
pub async fn reply(world: &mut World, letter: &Letter, from: &str, text: &str) -> Vec<Letter> {
    world.later(600);
    world.arrives(&letter.reply(from, text));
    world.pass().await
}

/// Everybody asked from `request` on agrees, in the order of kmu's chain; gives the letters of the last one.
pub async fn all_agree(world: &mut World, request: &Letter, chain: &[(&str, &str)]) -> Vec<Letter> {
    let mut request = request.clone();
    let mut letters = Vec::new();
    for (n, (who, address)) in chain.iter().enumerate() {
        assert_eq!(&request.to, address);
        letters = reply(world, &request, who, "同意").await;
        if let Some((_, next)) = chain.get(n + 1) {
            request = only(&letters, next).clone();
        }
    }
    letters
}

/// kmu's chain before an answer.
pub const CHAIN: &[(&str, &str)] = &[(LIN, "lin@kmu.example"), (WANG, "wang@kmu.example"), (LEE, "lee@kmu.example")];

/// The case is answered; gives the answer as the student got it.
pub async fn answered(world: &mut World) -> Letter {
    let request = proposed(world, ANSWER).await;
    let letters = all_agree(world, &request, CHAIN).await;
    only(&letters, HUA).clone()
}

/// The letters' addresses and subjects, for messages of failed assertions.
pub fn seen(letters: &[Letter]) -> Vec<(String, String)> {
    letters.iter().map(|l| (l.to.clone(), l.subject.clone())).collect()
}

/// Asserts that a text holds all these words.
pub fn holds(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "「{word}」 in:\n{text}");
    }
}

/// Asserts that nothing of a letter, headers and files included, holds any of these words.
pub fn silent_about(letter: &Letter, words: &[&str]) {
    let raw = String::from_utf8_lossy(&letter.raw).into_owned();
    for word in words {
        for (what, text) in [("subject", &letter.subject), ("text", &letter.text), ("HTML", &letter.html), ("source", &raw)] {
            assert!(!text.contains(word), "「{word}」 in the {what} of {}", letter.subject);
        }
    }
}

/// The one letter to an address whose subject holds this word (beside digests and reminders of the same morning).
pub fn about<'a>(letters: &'a [Letter], address: &str, word: &str) -> &'a Letter {
    let found: Vec<&Letter> = to(letters, address).into_iter().filter(|l| l.subject.contains(word)).collect();
    assert_eq!(found.len(), 1, "letters to {address} about {word}: {:?}", seen(letters));
    found[0]
}
