//! The intake's balance in the digest (R51): every mail that the mailbox showed, by what became of it. The figures are the store's.

use super::{Desk, Error};
use crate::store::ledger::{self, Line};

/// Reasons that the digest names; the command line lists all.
const NAMED: usize = 4;

impl Desk {
    /// Seen = cased + threaded + held + set aside (why) + … over all mailboxes, in one line.
    pub(super) async fn balance(&self) -> Result<String, Error> {
        let lines = ledger::read(&self.store).await?;
        let sum = |pick: &dyn Fn(&Line) -> i64| lines.iter().map(pick).sum::<i64>();
        let label = |key: &str| self.word(&format!("ledger.{key}"));
        let mut terms = vec![
            format!("{} {}", label("cased"), sum(&|l| l.cased)),
            format!("{} {}", label("threaded"), sum(&|l| l.threaded)),
            format!("{} {}", label("held"), sum(&|l| l.held)),
            format!("{} {}{}", label("ignored"), sum(&|l| l.ignored), self.reasons(&lines)),
            format!("{} {}", label("waiting"), sum(&|l| l.waiting)),
        ];
        let rare =
            [("other", sum(&|l| l.other)), ("older", sum(&|l| l.older)), ("gone", sum(&|l| l.gone)), ("missing", sum(&|l| l.missing))];
        terms.extend(rare.iter().filter(|(_, n)| *n > 0).map(|(key, n)| format!("{} {n}", label(key))));
        let probe = self.probe_figures().await?.map_or_else(String::new, |figures| format!("；{figures}"));
        Ok(format!("{} {} = {}{probe}", label("seen"), sum(&|l| l.seen), terms.join(" + ")))
    }

    /// The commonest reasons for which mails were set aside.
    fn reasons(&self, lines: &[Line]) -> String {
        let mut all = std::collections::BTreeMap::<&str, i64>::new();
        for (reason, mails) in lines.iter().flat_map(|l| &l.reasons) {
            *all.entry(reason).or_default() += mails;
        }
        if all.is_empty() {
            return String::new();
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by_key(|(_, mails)| std::cmp::Reverse(*mails));
        let word = |reason: &str| {
            let key = format!("ignored.{}", reason.replace([' ', '-'], "_"));
            let label = self.word(&key);
            if label == key { reason.to_owned() } else { label }
        };
        let named: Vec<String> = all.iter().take(NAMED).map(|(reason, mails)| format!("{} {mails}", word(reason))).collect();
        format!("（{}）", named.join("、"))
    }
}
