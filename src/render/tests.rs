//! Every letter × sample × language and what no letter may do; the overlay; the forms. Set `REDRESS_LETTERS` to a folder to look at everything,
//! `REDRESS_BENCH=1` to time the press.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::domain::Language;

fn words() -> Words {
    Words::load(None).expect("the built-in templates are right")
}

/// Label and href of every link in our HTML.
fn links(html: &str) -> Vec<(String, String)> {
    let one = |rest: &str| {
        let href = rest.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("").to_owned();
        let label = rest.split('>').nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("").to_owned();
        (label, href)
    };
    html.split("<a ").skip(1).map(one).collect()
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

#[test]
fn every_letter_has_its_own_words_in_both_languages() {
    for language in Language::ALL {
        for kind in LetterKind::ALL {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(language.tag()).join("letters").join(kind.folder());
            for file in ["subject.txt", "body.txt", "body.html"] {
                assert!(folder.join(file).is_file(), "{} has no {file}", folder.display());
            }
        }
    }
}

#[test]
fn only_requests_for_approval_have_an_approving_button() {
    let words = words();
    for letter in Body::samples() {
        for language in Language::ALL {
            let written = words.letter(language, &letter).expect("written");
            let approving = links(&written.html).iter().filter(|(label, _)| label.contains("核准") || label.contains("同意")).count();
            assert_eq!(
                approving,
                usize::from(letter.body.kind() == LetterKind::ApprovalRequest),
                "{:?} in {}",
                letter.body.kind(),
                language.tag()
            );
        }
    }
    let mut reminder = Body::samples().into_iter().find(|letter| letter.body.kind() == LetterKind::ApprovalReminder).expect("sample");
    reminder.buttons.push(Button { act: "approve".into(), href: "mailto:x".into(), ..Button::default() });
    assert!(matches!(words.letter(Language::ZhTw, &reminder), Err(Error::Rule { .. })));
}

#[test]
fn nothing_internal_reaches_complainants() {
    let words = words();
    for mut letter in Body::samples().into_iter().filter(|letter| letter.body.kind().is_public()) {
        let case = letter.case.as_mut().expect("public letters are about a case");
        case.subject = "SECRET-subject".into();
        case.state = "SECRET-state".into();
        case.unit_name = Some("SECRET-unit".into());
        case.grade = Some("SECRET-grade".into());
        case.complainant_name = Some("SECRET-complainant".into());
        letter.reader =
            ReaderView { name: "SECRET-name".into(), title: "SECRET-title".into(), role: "SECRET-role".into(), is_complainant: true };
        for language in Language::ALL {
            let marker = words.marker(language);
            let written = words.letter(language, &letter).expect("written");
            for part in [&written.subject, &written.text, &written.html] {
                for word in ["SECRET", marker.as_str(), "擬答覆", "陳核", "核示", "單位主管", "識別碼", "#受理", "#退回"]
                {
                    assert!(!part.contains(word), "{:?} in {} says {word}", letter.body.kind(), language.tag());
                }
            }
        }
    }
}

#[test]
fn staff_letters_begin_with_the_marker_and_tell_how_to_reply() {
    let words = words();
    for letter in Body::samples().iter().filter(|letter| !letter.body.kind().is_public()) {
        let written = words.letter(Language::ZhTw, letter).expect("written");
        assert!(written.text.starts_with("────── 請在此線以上回覆 ──────\n"), "{:?}", letter.body.kind());
        for button in &letter.buttons {
            let label = words.button_label(Language::ZhTw, button);
            assert!(written.text.contains(&format!("‧ {label}：")), "{:?} does not say how to {label}", letter.body.kind());
            assert_ne!(words.label(Language::ZhTw, &format!("hint.{}", button.act)), format!("hint.{}", button.act));
        }
    }
}

/// The HTML part opens and closes its elements in order, whatever the foreign text holds.
#[test]
fn html_is_well_formed() {
    const VOID: [&str; 3] = ["br", "meta", "!DOCTYPE"];
    let words = words();
    for letter in Body::samples() {
        for language in Language::ALL {
            let written = words.letter(language, &letter).expect("written");
            let html = written.html.split("<style>").next().unwrap_or("").to_owned() + written.html.rsplit("</style>").next().unwrap_or("");
            let mut open: Vec<&str> = Vec::new();
            for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
                let name = tag.split_whitespace().next().unwrap_or("");
                if name.starts_with("!--") || name.starts_with("![") || VOID.contains(&name) {
                    continue;
                }
                match name.strip_prefix('/') {
                    Some(name) => assert_eq!(open.pop(), Some(name), "{:?} in {}", letter.body.kind(), language.tag()),
                    None => {
                        assert!(
                            !(open.contains(&"p") && matches!(name, "p" | "table" | "ul" | "h2")),
                            "{:?}: {name} in p",
                            letter.body.kind()
                        );
                        open.push(name);
                    }
                }
            }
            assert_eq!(open, Vec::<&str>::new(), "{:?} in {}", letter.body.kind(), language.tag());
            assert!(!html.contains("<script") && !html.contains('\u{202e}'));
        }
    }
}

#[test]
fn an_overlay_replaces_file_by_file_and_label_by_label() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("parent")).expect("folders");
        std::fs::write(path, text).expect("file");
    };
    write("zh-TW/letters/closing/subject.txt", "案結 {{ case.number }}");
    write("zh-TW/labels.toml", "[state]\nclosed = \"已歸檔\"");
    let own = Words::load(Some(folder.path())).expect("loaded");
    let letter = Body::samples().into_iter().find(|letter| letter.body.kind() == LetterKind::Closing).expect("sample");
    assert_eq!(own.letter(Language::ZhTw, &letter).expect("written").subject, "案結 114-0042");
    assert_eq!(
        own.letter(Language::En, &letter).expect("written").subject,
        words().letter(Language::En, &letter).expect("written").subject
    );
    assert_eq!(
        (own.label(Language::ZhTw, "state.closed"), own.label(Language::ZhTw, "state.triage")),
        ("已歸檔".into(), "待秘書室分派".into())
    );
    write("zh-TW/letters/closing/body.txt", "{{ case.nummer }}");
    let wrong = Words::load(Some(folder.path())).expect("loaded").check().expect_err("an undefined name is an error");
    assert!(wrong.iter().all(|error| error.to_string().contains("nummer")), "{wrong:?}");
    write("zh-TW/labels.toml", "[state\n");
    assert!(matches!(Words::load(Some(folder.path())), Err(Error::Template { name, .. }) if name == "zh-TW/labels.toml"));
}

#[test]
fn english_labels_stand_beside_chinese_ones() {
    let keys = |language: Language| {
        let text =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(language.tag()).join("labels.toml"));
        let table: toml::Table = text.expect("labels").parse().expect("toml");
        let of = |(name, value): (&String, &toml::Value)| match value {
            toml::Value::Table(below) => below.keys().map(|key| format!("{name}.{key}")).collect(),
            _ => vec![name.clone()],
        };
        table.iter().flat_map(of).collect::<Vec<String>>()
    };
    let (chinese, english) = (keys(Language::ZhTw), keys(Language::En));
    let alone: Vec<_> = english.iter().filter(|key| !chinese.contains(key)).collect();
    assert!(alone.is_empty(), "without Chinese words: {alone:?}");
    // What complainants and terminals read is in both; the office's own words fall back to its own language.
    let missing: Vec<_> = chinese.iter().filter(|key| !english.contains(key)).collect();
    assert!(missing.is_empty(), "without English words: {missing:?}");
}

fn press() -> Press {
    Press::open(&[]).expect("this machine has the fonts of fonts-cns11643-kai or fonts-noto-cjk")
}

fn sheet(press: &Press, form: &str, complaint: &str) -> serde_json::Value {
    press.form(form).expect("built in").filled(&samples::form_values(complaint)).to_json()
}

fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.matches("/Type /Page")
        .count()
        .max(text.matches("/Type/Page").count())
        .saturating_sub(text.matches("/Type/Pages").count() + text.matches("/Type /Pages").count())
}

#[test]
fn a_form_is_filled_and_told_as_rows() {
    let press = press();
    let filled = press.form("kmu/record").expect("built in").filled(&samples::form_values("第一行\n第二行 {name}"));
    let rows: BTreeMap<String, String> = filled.rows().into_iter().map(|row| (row.label, row.value)).collect();
    for (label, value) in [
        ("收件單號", "114-0042"),
        ("抱怨管道", "■網路電子信箱：service@kmu.example\n□其他："),
        ("姓名", "王小明"),
        ("身份證字號", ""),
        ("身份別", "□老師　■學生　□職員　□其他"),
        ("顧客抱怨意見及事由具體描述", "第一行\n第二行 {name}"),
        ("收件處理", "□經判定顧客抱怨內容與事實不符，故不予受理。\n□由秘書室承辦顧客抱怨。\n■轉交業務職掌單位：教務處承辦顧客抱怨。"),
    ] {
        assert_eq!(rows.get(label).map(String::as_str), Some(value), "{label}");
    }
    assert!(!rows.contains_key("抱怨人基本資料") && filled.mark.is_none());
    assert!(matches!(press.form("kmu/none"), Err(Error::NoForm(_))));
}

#[test]
fn forms_are_printed_alike_each_time_and_their_data_is_no_markup() {
    let press = press();
    let data = sheet(&press, "kmu/record", "#set page(width: 1pt) *粗* $x$ #read(\"/etc/passwd\") 𠮷 ①");
    let once = press.sheet("record", &data).expect("printed");
    assert!(once.starts_with(b"%PDF-") && once == press.sheet("record", &data).expect("printed again"));
    let other = Press::open(&[]).expect("another press").sheet("record", &data).expect("printed");
    assert_eq!(once, other);
    let long = press.sheet("record", &sheet(&press, "kmu/record", &samples::COMPLAINT.repeat(30))).expect("printed");
    assert_eq!((pages(&once), pages(&long) > 3), (1, true), "{} {}", pages(&once), pages(&long));
}

#[test]
fn the_words_of_a_printed_form_are_read_back() {
    let press = press();
    let bare = |words: &str| words.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for form in ["kmu/record", "kmu/handling", "pt/record", "shugu/record", "cpc/record", "chainsea/record"] {
        let complaint = "住在高雄市三民區鵲橋路100號，手機 0912-345-678，a.b+c@mail.example（第二行）\\) 𠮷".repeat(3);
        let filled = press.form(form).expect("built in").filled(&samples::form_values(&complaint));
        let words = bare(&pdf_words(&press.sheet(form, &filled.to_json()).expect("printed")));
        assert!(words.contains("114-0042"), "{form}: {words}");
        assert!(form != "kmu/record" || words.contains(&bare(&complaint)), "{form}: {words}");
    }
    // What is no PDF, or half of one, has no words and harms nobody.
    let whole = press.sheet("kmu/record", &sheet(&press, "kmu/record", "x")).expect("printed");
    for at in (0..whole.len()).step_by(997) {
        let _ = pdf_words(&whole[..at]);
    }
    assert_eq!(pdf_words(b"no PDF"), "");
}

#[test]
fn a_layout_reads_nothing_but_its_data() {
    let folder = tempfile::tempdir().expect("folder");
    let forms = folder.path().join("zh-TW/forms");
    std::fs::create_dir_all(&forms).expect("folders");
    std::fs::write(forms.join("thief.typ"), "#read(\"/etc/passwd\")").expect("file");
    std::fs::write(forms.join("own.typ"), "#json(\"data.json\").title").expect("file");
    let press = press().with_overlay(folder.path()).expect("overlay");
    let data = serde_json::json!({ "title": "標題" });
    assert!(matches!(press.sheet("thief", &data), Err(Error::Typeset { .. })));
    assert_eq!(pages(&press.sheet("own", &data).expect("printed")), 1);
    std::fs::write(forms.join("bad.toml"), "titel = 1").expect("file");
    assert!(matches!(Press::open(&[]).expect("press").with_overlay(folder.path()), Err(Error::Template { .. })));
}

#[test]
fn fonts_that_are_missing_or_none_are_named() {
    let missing = PathBuf::from("/nowhere/none.ttf");
    assert!(matches!(Press::open(std::slice::from_ref(&missing)), Err(Error::Read { path, .. }) if path == missing));
    let folder = tempfile::tempdir().expect("folder");
    let text = folder.path().join("text.ttf");
    std::fs::write(&text, "no font").expect("file");
    assert!(matches!(Press::open(std::slice::from_ref(&text)), Err(Error::NotAFont(path)) if path == text));
}

#[test]
fn everything_can_be_looked_at() {
    let Some(folder) = std::env::var_os("REDRESS_LETTERS").map(PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).expect("folder");
    let words = words();
    for (n, letter) in Body::samples().iter().enumerate() {
        for language in Language::ALL {
            let written = words.letter(language, letter).expect("written");
            let name = format!("{}-{n:02}-{}", language.tag(), letter.body.kind().folder());
            std::fs::write(folder.join(format!("{name}.html")), &written.html).expect("html");
            std::fs::write(folder.join(format!("{name}.txt")), format!("Subject: {}\n\n{}", written.subject, written.text)).expect("text");
        }
    }
    let press = press();
    let long = samples::COMPLAINT.repeat(12);
    for (form, complaint, file) in
        [("record", samples::COMPLAINT, "record.pdf"), ("handling", "", "handling.pdf"), ("record", long.as_str(), "long.pdf")]
    {
        let pdf = press.sheet(form, &sheet(&press, &format!("kmu/{form}"), complaint)).expect("printed");
        std::fs::write(folder.join(file), pdf).expect("pdf");
    }
}

#[test]
fn the_press_can_be_timed() {
    if std::env::var_os("REDRESS_BENCH").is_none() {
        return;
    }
    let status = |what: &str| {
        let all = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line =
            |key: &str| all.lines().find(|line| line.starts_with(key)).unwrap_or("").split_whitespace().nth(1).unwrap_or("").to_owned();
        eprintln!("{what}: RSS {} kB, anon {} kB, peak {} kB", line("VmRSS"), line("RssAnon"), line("VmHWM"));
    };
    let begin = std::time::Instant::now();
    let words = words();
    eprintln!("templates: {:?}", begin.elapsed());
    let samples = Body::samples();
    let begin = std::time::Instant::now();
    for _ in 0..10 {
        for letter in &samples {
            words.letter(Language::ZhTw, letter).expect("written");
        }
    }
    eprintln!("letters: {:?} each", begin.elapsed() / 10 / u32::try_from(samples.len()).unwrap_or(1));
    let begin = std::time::Instant::now();
    let press = press();
    eprintln!("opening: {:?}", begin.elapsed());
    status("opened");
    let one = |n: usize| {
        let data = sheet(&press, "kmu/record", &format!("第{n}號來信。{}", samples::COMPLAINT));
        press.sheet("record", &data).expect("printed").len()
    };
    let begin = std::time::Instant::now();
    one(0);
    eprintln!("first: {:?}", begin.elapsed());
    (1..20).for_each(|n| assert!(one(n) > 0));
    status("warm");
    let begin = std::time::Instant::now();
    let bytes: usize = (100..400).map(one).sum();
    eprintln!("one thread: {:?} a form, {} bytes", begin.elapsed() / 300, bytes / 300);
    let begin = std::time::Instant::now();
    std::thread::scope(|scope| {
        for thread in 1..3 {
            let one = &one;
            scope.spawn(move || (0..300).for_each(|n| assert!(one(1000 * thread + n) > 0)));
        }
    });
    eprintln!("two threads: {:.1} forms a second", 600.0 / begin.elapsed().as_secs_f64());
    status("920 forms");
    press.rest();
    status("rested");
}
