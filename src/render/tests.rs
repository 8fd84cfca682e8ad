//! Every letter × sample × language, and what no letter may do.

use super::*;

fn words() -> Words {
    Words::load(None).expect("the built-in templates are right")
}

#[test]
fn every_letter_has_a_sample_and_every_sample_can_be_written() {
    let samples = Body::samples();
    for kind in LetterKind::ALL {
        assert!(samples.iter().any(|letter| letter.body.kind() == kind), "no sample of {kind:?}");
        assert_eq!(LetterKind::from_folder(kind.folder()), Some(kind));
    }
    if let Err(wrong) = words().check() {
        panic!("{}", wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
}

/// Writes all samples to `$REDRESS_LETTERS` for looking at them.
#[test]
fn samples_can_be_looked_at() {
    let Some(folder) = std::env::var_os("REDRESS_LETTERS").map(std::path::PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).expect("folder");
    let words = words();
    for (n, letter) in Body::samples().iter().enumerate() {
        for language in crate::domain::Language::ALL {
            let written = words.letter(language, letter).expect("written");
            let name = format!("{}-{n:02}-{}", language.tag(), letter.body.kind().folder());
            std::fs::write(folder.join(format!("{name}.html")), &written.html).expect("html");
            std::fs::write(folder.join(format!("{name}.txt")), format!("Subject: {}\n\n{}", written.subject, written.text)).expect("text");
        }
    }
}

fn press() -> Press {
    Press::open(&[]).expect("this machine has the fonts of fonts-cns11643-kai or fonts-noto-cjk")
}

fn sheet(press: &Press, form: &str, complaint: &str) -> serde_json::Value {
    press.form(form).expect("built in").filled(&samples::form_values(complaint)).to_json()
}

/// `REDRESS_LETTERS=folder`: the forms to look at. `REDRESS_BENCH=1`: how fast they are printed.
#[test]
fn forms_can_be_looked_at_and_timed() {
    let begin = std::time::Instant::now();
    let press = press();
    let opening = begin.elapsed();
    if let Some(folder) = std::env::var_os("REDRESS_LETTERS").map(std::path::PathBuf::from) {
        let long = samples::COMPLAINT.repeat(12);
        for (form, complaint, file) in
            [("record", samples::COMPLAINT, "record.pdf"), ("handling", "", "handling.pdf"), ("record", long.as_str(), "long.pdf")]
        {
            let pdf = press.sheet(form, &sheet(&press, &format!("kmu/{form}"), complaint)).expect("printed");
            std::fs::write(folder.join(file), pdf).expect("pdf");
        }
    }
    if std::env::var_os("REDRESS_BENCH").is_none() {
        return;
    }
    let status = |what: &str| {
        let all = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line =
            |key: &str| all.lines().find(|line| line.starts_with(key)).unwrap_or("").split_whitespace().nth(1).unwrap_or("").to_owned();
        eprintln!("{what}: RSS {} kB, anon {} kB, peak {} kB", line("VmRSS"), line("RssAnon"), line("VmHWM"));
    };
    eprintln!("opening: {opening:?}");
    status("opened");
    let one = |n: usize| {
        let complaint = format!("第{n}號來信。{}", samples::COMPLAINT);
        let data = sheet(&press, "kmu/record", &complaint);
        press.sheet("record", &data).expect("printed").len()
    };
    let begin = std::time::Instant::now();
    one(0);
    eprintln!("first: {:?}", begin.elapsed());
    for n in 1..20 {
        one(n);
    }
    status("warm");
    let begin = std::time::Instant::now();
    let bytes: usize = (100..400).map(one).sum();
    eprintln!("one thread: {:?} a form, {} bytes", begin.elapsed() / 300, bytes / 300);
    status("300 more");
    let begin = std::time::Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let one = &one;
            scope.spawn(move || (0..300).for_each(|n| assert!(one(1000 * (thread + 1) + n) > 0)));
        }
    });
    eprintln!("two threads: {:.1} forms a second", 600.0 / begin.elapsed().as_secs_f64());
    status("600 more");
}
