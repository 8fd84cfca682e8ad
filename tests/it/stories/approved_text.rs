//! Approve what you saw (T8): each request shows the text's version and fingerprint, and what leaves is that text, byte for byte;
//! `case explain` tells who decided when, on which text, by which proof.

use redress::domain::text::fingerprint;

use super::scenes::*;
use super::stage::sound;
use crate::support::world::{World, only};

/// Blanks, wide letters, an emoji, and a line that looks like a command.
const TEXT: &str =
    "陳同學您好：\n\n　　一、您的必修課已加選；學分數 ３ 分。\nMAIL FROM: <x>\n{{ case.number }} <b>&amp;</b> 👍\n\n此致　　敬禮";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_is_what_leaves_byte_for_byte() {
    let mut world = World::new().await;
    let request = proposed(&mut world, TEXT).await;
    let draft = world.case(FIRST).await.drafts[&1].clone();
    assert_eq!(draft.text.internal(), TEXT, "kept as it was written");
    let mark: String = fingerprint(TEXT).chars().take(12).collect();
    let mut request = request;
    let mut letters = Vec::new();
    for (who, next) in [(LIN, "wang@kmu.example"), (WANG, "lee@kmu.example"), (LEE, HUA)] {
        holds(&request.text.replace("\r\n", "\n"), &[&format!("第 1 稿・識別碼 {mark}"), TEXT]);
        letters = reply(&mut world, &request, who, "同意").await;
        request = only(&letters, next).clone();
    }
    let answer = only(&letters, HUA);
    assert!(answer.text.replace("\r\n", "\n").contains(TEXT), "{}", answer.text);
    let case = world.case(FIRST).await;
    assert!(case.asks.iter().all(|a| a.sha256.as_deref() == Some(&fingerprint(TEXT))));
    let told = crate::cli::beside(&world, &["case", "explain", FIRST]).out;
    holds(
        &told,
        &[
            &mark,
            "林教務長",
            "王秘書",
            "李主任秘書",
            "核准",
            "憑據：收信伺服器的判定 dmarc=pass header.from=kmu.example by mx.kmu.example",
            "第 1 稿",
        ],
    );
    sound(&world).await;
}
