//! `run --once`: take in all mail, do all that is due, send all, and again, until nothing moves any more (INTERFACE.md).

use anyhow::Result;
use tokio::sync::mpsc;

use super::{House, sent};
use crate::delivery::{self, Outcome};
use crate::desk::Delivered;
use crate::intake;
use crate::store::older;

/// Passes at most: a case goes through a handful, a fault of ours would go on for ever.
const PASSES: usize = 50;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// Mails taken in.
    pub taken: u64,
    /// Letters sent.
    pub sent: u64,
    /// Letters that wait for a later try.
    pub waiting: u64,
    /// Whether a server could not be reached.
    pub unreachable: bool,
}

/// Works the house to a fixed point.
///
/// # Errors
/// The store's trouble; a server that does not answer is told in [`Passed::unreachable`].
pub async fn run_once(house: &House) -> Result<Passed> {
    super::limits::enough_files(house.intake.len())?;
    let mut passed = Passed::default();
    Box::pin(house.desk.mark_start()).await?;
    // Letters that a server refused for good just before an earlier process ended.
    let mut refused = house.desk.tell_untold().await?;
    // Before anything leaves: a letter in doubt may lie among the sent mails.
    if let Some(copies) = &house.delivery.copies {
        copies.forget();
    }
    passed.unreachable |= !Box::pin(sent::look(house)).await?;
    for pass in 0..PASSES {
        let before = (passed.taken, passed.sent);
        take_in(house, &mut passed).await?;
        let read = Box::pin(house.desk.receive_all()).await?;
        // A list that was approved just now counts; what it leaves behind goes to others in the same pass.
        let handed = Box::pin(house.desk.hand_on()).await?;
        let fired = Box::pin(house.desk.tick()).await? + handed;
        let alarm = house.desk.probe_if_due().await? | house.desk.alarm_if_any().await?;
        let digest = house.desk.digest_if_due().await? || alarm;
        let queued = refused > 0 || read > 0 || fired > 0 || digest;
        refused = if pass == 0 || queued { send(house, pass == 0, &mut passed).await? } else { 0 };
        refused += short_messages(house, pass == 0, &mut passed).await?;
        let moved = (passed.taken, passed.sent) != before || read > 0 || fired > 0 || digest || refused > 0;
        if !moved || passed.unreachable {
            break;
        }
    }
    Ok(passed)
}

/// Posts what waits (`first`: whatever its pause) and tells what was refused; says how many were.
async fn short_messages(house: &House, first: bool, passed: &mut Passed) -> Result<usize> {
    let desk = &house.desk;
    if let Some(settings) = &house.sms {
        let count = delivery::send_due(settings, &desk.store, &desk.clock, first).await?;
        passed.sent += count.sent;
        passed.waiting += count.later;
    }
    Ok(desk.tell_sms().await?)
}

async fn take_in(house: &House, passed: &mut Passed) -> Result<()> {
    for settings in &house.intake {
        let desk = &house.desk;
        match intake::take_all(settings.clone(), desk.store.clone(), desk.clock.clone(), desk.chance.clone()).await {
            Ok(count) => {
                passed.taken += count.taken;
                // A mail that is listed and never given was not taken in: the pass did not do all there was to do.
                passed.unreachable |= !count.unfetchable.is_empty();
                tell_older(house, settings).await?;
            }
            Err(intake::Error::Store(error)) => return Err(error.into()),
            Err(error) => {
                tracing::error!(mailbox = settings.address, %error, "the mailbox could not be read");
                passed.unreachable = true;
            }
        }
    }
    Ok(())
}

/// Tells the secretariat of the mails that were there long before the first start; once, however often it is asked.
pub(super) async fn tell_older(house: &House, settings: &intake::Settings) -> Result<()> {
    let found = older::get(&house.desk.store, &settings.address, &settings.folder).await?;
    if let Some(older) = found.filter(|o| o.not_before.is_some() && !o.decided && o.waiting > 0) {
        house.desk.old_mail(&settings.address, &older).await?;
    }
    Ok(())
}

/// Sends everything once (`first`: whatever its back-off); what servers refused for good is told to the clerk, which may write
/// more. Says how many were refused. Only for who holds the store's instance lock: claims of a process that works are not respected.
///
/// # Errors
/// The store's trouble; a server that does not answer is told in [`Passed::unreachable`].
pub async fn send(house: &House, first: bool, passed: &mut Passed) -> Result<usize> {
    let desk = &house.desk;
    let (tell, mut told) = mpsc::channel(64);
    let copies = house.delivery.copies.as_ref().map(delivery::Copies::at_once);
    let sending = tokio::spawn(delivery::send_all_due(
        delivery::Settings { copies, ..house.delivery.clone() },
        first,
        desk.store.clone(),
        desk.clock.clone(),
        desk.chance.clone(),
        tell,
    ));
    let mut refused = 0;
    while let Some(delivered) = told.recv().await {
        if let Outcome::Never { why } = &delivered.outcome {
            desk.refused(&Delivered { letter_id: delivered.letter_id, status: why.to_string() }).await?;
            refused += 1;
        }
    }
    match sending.await? {
        Ok(count) => {
            passed.sent += count.sent;
            passed.waiting += count.later + count.in_doubt;
        }
        Err(delivery::Error::Store(error)) => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "the SMTP server could not be reached");
            passed.unreachable = true;
        }
    }
    Ok(refused)
}
