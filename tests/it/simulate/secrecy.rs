//! What must hold of every letter that left in a simulated life: internal words reach no complainant, a complainant learns of no
//! other one, and who asked for secrecy is known to the office alone (RELIABILITY, promise 7). Asked by the oracle.

use super::life::Life;
use super::people::{address, name, telephone};
use crate::support::world::{Letter, read};

/// Stands in what colleagues write to each other, and in no proposed answer.
const INTERNAL: &str = "內部暗號";
/// They know who the complainants are.
const OFFICE: [&str; 4] = ["wang@kmu.example", "lee@kmu.example", "hsu@kmu.example", "tsai@kmu.example"];

/// Every word of a letter that somebody may come to read, in whatever part it stands.
fn words(letter: &Letter) -> String {
    let files = letter.files.iter().map(|(file, _, bytes)| format!("{file}\n{}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8_lossy(&letter.raw).split("\r\n\r\n").next().unwrap_or_default().to_owned();
    [head, letter.subject.clone(), letter.text.clone(), letter.html.clone()].into_iter().chain(files).collect::<Vec<_>>().join("\n")
}

/// What tells who wrote complaint `n`, as it may stand in a letter.
fn marks(n: usize) -> [String; 3] {
    [address(n), telephone(n), telephone(n).replace('-', "")]
}

pub fn look(life: &Life, wrong: &mut Vec<String>) {
    let people = life.people.lock().expect("people");
    for kept in life.smtp.kept() {
        let letter = read(&kept.from, &kept.to, &kept.raw);
        let words = words(&letter);
        let mut learns = |what: &str| wrong.push(format!("{} learns {what}: {:?}", kept.to, letter.subject));
        let outside = kept.to.ends_with("@mail.example");
        if outside && words.contains(INTERNAL) {
            learns("an internal word");
        }
        for n in (1..=people.complaints_written()).filter(|n| address(*n) != kept.to) {
            let secret = people.secret.contains(&n);
            let kept_from = outside || (secret && !OFFICE.contains(&kept.to.as_str()));
            if kept_from && marks(n).iter().any(|mark| words.contains(mark)) {
                learns(&format!("who wrote complaint {n}"));
            }
            // Several have the same name.
            let hers = outside && (1..=people.complaints_written()).any(|m| address(m) == kept.to && name(m) == name(n));
            if kept_from && secret && !hers && words.contains(&name(n)) {
                learns(&format!("the name in complaint {n}"));
            }
        }
    }
}
