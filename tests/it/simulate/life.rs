//! One simulated life: a seed gives a university with mail servers of bad habits, people who write, and a daemon that is started,
//! killed at commit points and started again; at last everything heals, and the oracle looks.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redress::clock::{Chance, Clock};
use redress::daemon::{House, run, run_once, survey_backend};
use redress::delivery::Copies;
use redress::desk::Desk;
use redress::store::{Store, outbox};
use redress::survey::Door;
use redress::wire::Dial;
use redress::{config, failpoint};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::dice::Dice;
use super::people::People;
use super::{imap, oracle, smtp, still, visitor};
use crate::support::world::{moment, write_config};

/// What all lives share, since it is costly to make: words, office, and an empty store of today's schema.
pub struct Base {
    dir: tempfile::TempDir,
    desk: Desk,
    intake: Vec<redress::intake::Settings>,
    delivery: redress::delivery::Settings,
    config: config::Config,
}

/// Where stores live: in memory where enough can be had, since no power fails here. Containers often get 64 MiB and say so.
fn folder() -> tempfile::TempDir {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let memory = mounts.lines().find(|line| line.split(' ').nth(1) == Some("/dev/shm"));
    let size = memory.and_then(|line| line.split_once("size=")?.1.split('k').next()?.parse::<u64>().ok());
    if memory.is_some() && size.is_none_or(|kib| kib >= 500_000) {
        return tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    }
    tempfile::tempdir().expect("a folder")
}

/// The papers that the lives are lived by, in turn.
const PROFILES: [&str; 5] = ["kmu", "shugu", "pt", "cpc", "chainsea"];

impl Base {
    /// One for each paper.
    pub fn all() -> Vec<Self> {
        PROFILES.iter().map(|profile| Self::new(profile)).collect()
    }

    fn new(profile: &str) -> Self {
        let dir = folder();
        let path = write_config(dir.path(), 1, 1, "");
        let text = std::fs::read_to_string(&path).expect("the config");
        std::fs::write(&path, text.replace("profile = \"kmu\"", &format!("profile = \"{profile}\""))).expect("the config");
        let config = config::load(&path, &BTreeMap::new()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let clock = Clock::settable(moment("2026-03-03T09:00:00+08:00"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let house = runtime.block_on(async {
            let house = House::open(config, clock, Chance::seeded(1)).await.expect("the house opens");
            house.desk.store.close().await;
            house
        });
        drop(runtime);
        still::wait_for_the_end_of_sqlite();
        let House { mut desk, intake, delivery, mut config, sms: _ } = house;
        // Setting sheets takes most of a life's time and has no part in what is looked for here.
        desk.press = None;
        // The page is reached through its door, not through a port.
        config.survey = None;
        // The disks of these lives do not fill, and the room held back would be written for each of them.
        config.store.reserve_mib = 0;
        Self { dir, desk, intake, delivery, config }
    }

    fn house(&self, store: Store, life: &Life) -> House {
        let desk = Desk { store, clock: life.clock.clone(), chance: life.chance.clone(), ..self.desk.clone() };
        let (mut intake, mut delivery) = (self.intake.clone(), self.delivery.clone());
        for settings in &mut intake {
            let server = life.imap.clone();
            settings.endpoint.dial = Dial::Within(Arc::new(move || server.call()));
            settings.idle = life.idle;
            settings.sent_folder = life.keeps_sent.then(|| imap::SENT.to_owned());
        }
        let server = life.smtp.clone();
        delivery.endpoint.dial = Dial::Within(Arc::new(move || server.call()));
        delivery.connections = life.connections;
        delivery.copies = life.keeps_sent.then(Copies::new);
        House { desk, intake, delivery, sms: None, config: self.config.clone() }
    }
}

/// When a process dies.
#[derive(Debug, Clone)]
enum Death {
    /// It does not; it is told to stop.
    Stopped,
    /// At a point, the so-many-th time.
    At(&'static str, u32),
    /// After so many seconds.
    After(u64),
}

const POINTS: [&str; 15] = ["I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "O1", "O2", "O3", "O4", "O5", "O6", "O7"];

pub struct Life {
    pub dir: tempfile::TempDir,
    pub clock: Clock,
    pub chance: Chance,
    pub imap: imap::Imap,
    pub smtp: smtp::Smtp,
    pub people: Arc<Mutex<People>>,
    pub visits: Arc<Mutex<visitor::Visits>>,
    dice: Dice,
    idle: bool,
    connections: usize,
    /// The mail server keeps copies of what is sent, and we look for them: then no letter arrives twice.
    pub keeps_sent: bool,
    /// By the letter's bytes: how often a process died while it was in doubt.
    pub cut_short: BTreeMap<Vec<u8>, usize>,
    /// What is wrong, as it is found.
    pub wrong: Vec<String>,
    /// What happened, for who reads a failing seed.
    pub told: Vec<String>,
}

/// Plays a seed; what was wrong, and what happened.
pub fn play(bases: &[Base], seed: u64) -> (Vec<String>, Vec<String>) {
    let base = &bases[seed as usize % bases.len()];
    let mut life = Life::new(base, seed);
    let processes = life.dice.between(1, 4);
    for process in 1..=processes {
        if life.wrong.is_empty() {
            life.process(base, process == processes);
        }
    }
    if life.wrong.is_empty() {
        life.heals(base);
    }
    (life.wrong, life.told)
}

impl Life {
    fn new(base: &Base, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let dir = folder();
        std::fs::copy(base.dir.path().join("redress.db"), dir.path().join("redress.db")).expect("a store");
        // Dice of their own, so that what else happens in a seed's life stays as it is.
        let mut sent = Dice::new(seed ^ 0x5e47);
        let keeps_sent = sent.permille(400);
        let imap = imap::Imap::new(dice.fork(), imap_faults(&mut dice));
        if keeps_sent {
            // A server that hides mails of a folder hides copies as well: then nothing can be said.
            imap.behave(imap::Faults { gaps: 0, lies: 0, ..imap.faults() });
        }
        let unknown: Vec<String> = ["student2@mail.example", "general@kmu.example", "chen@kmu.example"]
            .iter()
            .filter(|_| dice.permille(100))
            .map(ToString::to_string)
            .collect();
        let smtp = smtp::Smtp::new(dice.fork(), smtp_faults(&mut dice), unknown.clone());
        let clock = Clock::settable(moment("2026-03-03T09:00:00+08:00"));
        if keeps_sent {
            let habit = *sent.one(&[smtp::Habit::Honest, smtp::Habit::Renames, smtp::Habit::Strips]);
            smtp.keep_copies(imap.clone(), clock.clone(), habit);
        }
        let people = Arc::new(Mutex::new(People::new(dice.fork(), imap.clone(), smtp.clone())));
        let visits = Arc::new(Mutex::new(visitor::Visits::new(dice.fork())));
        let (idle, connections) = (dice.permille(800), dice.between(1, 3));
        let told = vec![format!(
            "{:?}; unknown to SMTP: {unknown:?}; idle: {idle}; connections: {connections}; keeps sent: {keeps_sent}",
            base.config.organisation.profile
        )];
        Self {
            dir,
            clock,
            chance: Chance::seeded(seed),
            imap,
            smtp,
            people,
            visits,
            dice,
            idle,
            connections,
            keeps_sent,
            cut_short: BTreeMap::new(),
            wrong: Vec::new(),
            told,
        }
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("redress.db")
    }

    /// One process, from its start to its end, however that comes.
    fn process(&mut self, base: &Base, last: bool) {
        let death = match self.dice.below(10) {
            0 | 1 => Death::Stopped,
            2 | 3 => Death::After(self.dice.between(1, 900) as u64),
            4 | 5 => Death::At("commit", self.dice.between(1, 40) as u32),
            6 => Death::At("committed", self.dice.between(1, 40) as u32),
            _ => Death::At(self.dice.one::<&str>(&POINTS), self.dice.between(1, 6) as u32),
        };
        let service = self.dice.permille(700);
        // Of the last one we also want to know whether it finds back by itself once its servers are well again.
        let recovers = last && service && self.dice.permille(500);
        let death = if recovers { Death::Stopped } else { death };
        let span = Duration::from_secs(self.dice.between(120, 1500) as u64);
        let (mails, now) = (self.dice.between(0, 7), self.clock.now());
        self.people.lock().expect("people").strangers_write(now, mails, span.as_secs() as usize / 2);
        self.told.push(format!("{now:?}: a process, service: {service}, {span:?}, {mails} mails of strangers, {death:?}"));
        let runtime = still::runtime();
        let ended = runtime.block_on(self.live(base, death, service, span, recovers));
        failpoint::watch(None);
        drop(runtime);
        still::wait_for_the_end_of_sqlite();
        match ended {
            Ok(how) => self.told.push(how),
            Err(wrong) => self.wrong.push(wrong),
        }
        self.between();
    }

    /// What happens while no process runs.
    fn between(&mut self) {
        let doubtful = self.looked_at(async |store| {
            let mut raws = Vec::new();
            for id in oracle::in_state(&store, outbox::State::InDoubt).await {
                raws.push(outbox::raw(&store, &id).await.expect("bytes"));
            }
            raws
        });
        for raw in doubtful {
            *self.cut_short.entry(raw).or_default() += 1;
        }
        let pause = match self.dice.below(8) {
            0 => self.dice.between(20_000, 100_000),
            1 | 2 => self.dice.between(600, 5000),
            _ => self.dice.between(0, 30),
        };
        self.clock.set(self.clock.now().plus_seconds(pause as i64));
        match self.dice.below(30) {
            0 | 1 => self.imap.migrate(false),
            2 => self.imap.migrate(true),
            3 => self.imap.delete_one(),
            _ => {}
        }
        self.people.lock().expect("people").step(self.clock.now(), true);
    }

    /// Looks into the store while nothing runs.
    fn looked_at<T>(&self, look: impl AsyncFnOnce(Store) -> T) -> T {
        // No time passes here, and none may: a connection must not be late on a clock that jumps.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let found = runtime.block_on(async {
            let store = Store::open(&self.url()).await.expect("the store opens after every death");
            let found = look(store.clone()).await;
            store.close().await;
            found
        });
        drop(runtime);
        still::wait_for_the_end_of_sqlite();
        found
    }

    async fn live(&mut self, base: &Base, death: Death, service: bool, span: Duration, recovers: bool) -> Result<String, String> {
        let store = Store::open(&self.url()).await.map_err(|e| format!("the store does not open: {e}"))?;
        let lock = store.lock_instance().map_err(|e| format!("the lock is not free: {e}"))?;
        let house = base.house(store.clone(), self);
        let died = Arc::new(Notify::new());
        let after = match death {
            Death::After(seconds) => Duration::from_secs(seconds),
            Death::At(point, times) => {
                watch_for(point, times, &died);
                Duration::MAX
            }
            Death::Stopped => Duration::MAX,
        };
        let (stop, asked_in_vain) = (CancellationToken::new(), CancellationToken::new());
        let door = Door::new(survey_backend(&house.desk, Arc::new(Notify::new())), self.clock.clone());
        tokio::spawn(world(self.clock.clone(), self.imap.clone(), self.people.clone(), self.visits.clone(), door, self.dice.fork()));
        let token = if service { stop.clone() } else { asked_in_vain };
        let rest = Duration::from_secs(self.dice.between(20, 300) as u64);
        let mut work = tokio::spawn(async move { if service { run(house, true, token).await } else { passes(&house, rest).await } });
        let ended = tokio::select! {
            biased;
            () = died.notified() => Ok("killed at its point".to_owned()),
            done = &mut work => Err(format!("it ended by itself: {done:?}")),
            () = tokio::time::sleep(after.min(span)) => Ok("its time was over".to_owned()),
        };
        if ended.is_ok() && recovers {
            self.imap.behave(imap::Faults::NONE);
            self.smtp.behave(smtp::Faults::NONE);
            self.people.lock().expect("people").all_arrives(self.clock.now());
            tokio::select! {
                biased;
                done = &mut work => return Err(format!("it ended by itself: {done:?}")),
                // An hour is how long a mail rests that was asked for in vain.
                () = tokio::time::sleep(Duration::from_secs(75 * 60)) => {}
            }
            let left = oracle::not_taken(&store, self).await;
            if !left.is_empty() {
                return Err(format!("its servers are well again, and it does not see {left:?}"));
            }
        }
        if ended.is_ok() && matches!(death, Death::Stopped) && service {
            stop.cancel();
            return tokio::select! {
                biased;
                done = &mut work => match done {
                    Ok(Ok(())) => Ok("stopped as it was told".to_owned()),
                    other => Err(format!("told to stop: {other:?}")),
                },
                () = tokio::time::sleep(Duration::from_secs(25)) => Err("it does not stop within 25 s".to_owned()),
            };
        }
        drop(lock);
        ended
    }

    /// No fault any more; all mail arrives, everything is tried, and everything must be well.
    fn heals(&mut self, base: &Base) {
        self.imap.behave(imap::Faults::NONE);
        self.smtp.behave(smtp::Faults::NONE);
        self.people.lock().expect("people").all_arrives(self.clock.now());
        let runtime = still::runtime();
        let wrong = runtime.block_on(async {
            let store = Store::open(&self.url()).await.map_err(|e| format!("the store does not open: {e}"))?;
            let lock = store.lock_instance().map_err(|e| format!("the lock is not free: {e}"))?;
            let house = base.house(store, self);
            for _ in 0..8 {
                let passed = run_once(&house).await.map_err(|e| format!("a pass fails with everything well: {e:#}"))?;
                if passed.unreachable {
                    return Err("a pass says that a server is away, and none is".to_owned());
                }
                if oracle::settled(&house.desk.store).await {
                    break;
                }
                self.clock.set(self.clock.now().plus_seconds(20 * 60));
            }
            let wrong = oracle::look(&house.desk, self).await;
            drop(lock);
            house.desk.store.close().await;
            Ok(wrong)
        });
        drop(runtime);
        still::wait_for_the_end_of_sqlite();
        match wrong {
            Ok(wrong) => self.wrong.extend(wrong),
            Err(wrong) => self.wrong.push(wrong),
        }
    }
}

/// Ends the process when it comes to `point` for the so-many-th time: the task that came there unwinds, the outermost future is
/// polled next and drops all others.
fn watch_for(point: &'static str, times: u32, died: &Arc<Notify>) {
    let (left, died) = (Cell::new(times), Arc::clone(died));
    failpoint::watch(Some(Rc::new(move |here| {
        if here == point && left.get() > 0 {
            left.set(left.get() - 1);
            if left.get() == 0 {
                died.notify_one();
                std::panic::resume_unwind(Box::new("killed"));
            }
        }
    })));
}

/// `run --once` by a timer, as some installations do.
async fn passes(house: &House, rest: Duration) -> anyhow::Result<()> {
    loop {
        run_once(house).await?;
        tokio::time::sleep(rest).await;
    }
}

/// The clock goes on, people write, visitors come.
async fn world(
    clock: Clock,
    imap: imap::Imap,
    people: Arc<Mutex<People>>,
    visits: Arc<Mutex<visitor::Visits>>,
    door: Door,
    mut dice: Dice,
) {
    let (began, start) = (clock.now(), tokio::time::Instant::now());
    loop {
        tokio::time::sleep(Duration::from_secs(dice.between(1, 12) as u64)).await;
        clock.set(began.plus_seconds(start.elapsed().as_secs() as i64));
        let links = {
            let mut people = people.lock().expect("people");
            people.step(clock.now(), true);
            std::mem::take(&mut people.links)
        };
        for link in links {
            visitor::visit(&visits, &door, link);
        }
        match dice.below(1000) {
            0..8 => imap.delete_one(),
            8 | 9 => imap.migrate(false),
            10 => imap.migrate(true),
            _ => {}
        }
    }
}

fn imap_faults(dice: &mut Dice) -> imap::Faults {
    let mut some = |most: usize| if dice.permille(450) { dice.between(1, most) } else { 0 };
    imap::Faults {
        cut: some(120),
        refuse: some(120),
        silent: some(25),
        slow: some(80),
        gaps: some(200),
        noise: some(400),
        lies: some(120),
        away: some(200),
        renumber: some(12),
    }
}

fn smtp_faults(dice: &mut Dice) -> smtp::Faults {
    let mut some = |most: usize| if dice.permille(450) { dice.between(1, most) } else { 0 };
    smtp::Faults {
        away: some(200),
        cut: some(60),
        silent: some(25),
        slow: some(60),
        later: some(120),
        never: some(30),
        cut_content: some(100),
        after_dot: some(150),
    }
}
