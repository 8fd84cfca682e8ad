//! Who answers surveys in a simulated life: through the page's own door, over pipes, and not always politely.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redress::survey::Door;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::dice::Dice;

/// What visitors were told.
#[derive(Debug)]
pub struct Visits {
    dice: Dice,
    /// Links whose form was answered with a page of thanks.
    pub thanked: BTreeMap<String, String>,
}

impl Visits {
    pub fn new(dice: Dice) -> Self {
        Self { dice, thanked: BTreeMap::new() }
    }
}

/// Somebody follows a link.
pub fn visit(visits: &Arc<Mutex<Visits>>, door: &Door, link: String) {
    let (request, form, cut, reads, pause) = {
        let dice = &mut visits.lock().expect("visits").dice;
        let form = format!("overall={}&comments={}", dice.one(&["satisfied", "dissatisfied", "neutral"]), dice.below(1000));
        let post = format!(
            "POST {link} HTTP/1.1\r\nHost: survey\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        let request = if dice.permille(800) { post } else { format!("GET {link} HTTP/1.1\r\nHost: survey\r\n\r\n") };
        let cut = dice.permille(250).then(|| dice.below(request.len()));
        (request, form, cut, dice.permille(800), dice.between(1, 20_000))
    };
    let (ours, theirs) = tokio::io::duplex(4096);
    let door = door.clone();
    tokio::spawn(async move { door.answer(theirs, SocketAddr::from((Ipv4Addr::new(192, 0, 2, 7), 4000))).await });
    let visits = Arc::clone(visits);
    tokio::spawn(async move {
        let mut stream = ours;
        tokio::time::sleep(Duration::from_millis(pause as u64)).await;
        if let Some(at) = cut {
            let _ = stream.write_all(&request.as_bytes()[..at]).await;
            return;
        }
        if stream.write_all(request.as_bytes()).await.is_err() || !reads {
            return;
        }
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        if request.starts_with("POST") && answer.starts_with(b"HTTP/1.1 200") {
            visits.lock().expect("visits").thanked.insert(link, form);
        }
    });
}
