//! The survey page in a real Chromium with scripts switched off: clicked through, driven by keyboard, measured on a phone and a
//! desk, light and dark, in both languages. `REDRESS_PICTURES=folder` keeps what it looked like.

use redress::domain::Language;
use redress::domain::Questionnaire;
use redress::domain::state::Satisfaction;

use crate::support::browser::Browser;
use crate::support::survey::{KMU, Office};

const TAB: char = '\u{e004}';
const DOWN: char = '\u{e015}';
const ENTER: char = '\u{e007}';

/// The poorest contrast (WCAG 2, 1.4.3) of any text on the page with what it stands on.
const POOREST: &str = r"(() => {
  const part = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  const rgb = text => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  let poorest = [99, ''];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), e = walk.currentNode.parentElement;
    if (!text || !e.getClientRects().length) continue;
    const a = light(rgb(getComputedStyle(e).color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < poorest[0]) poorest = [ratio, text];
  }
  return poorest;
})()";

/// What can be clicked and is smaller than 24 pixels (WCAG 2.2, 2.5.8), not counting links within a sentence.
const TOO_SMALL: &str = r"[...document.querySelectorAll('label.choice, button, a.switch, textarea, input.own')]
  .filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; }).map(e => e.textContent)";

async fn browser() -> Browser {
    Browser::start().await.expect("chromium and chromium-driver are installed (make test installs them)")
}

async fn keep(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("REDRESS_PICTURES") {
        browser.picture(&std::path::Path::new(&folder).join(format!("{name}.png"))).await;
    }
}

async fn measured(browser: &Browser, name: &str) {
    let sideways = browser.measure("document.scrollingElement.scrollWidth - innerWidth").await;
    assert!(sideways.as_i64() <= Some(0), "{name} scrolls sideways by {sideways}");
    let poorest = browser.measure(POOREST).await;
    assert!(poorest[0].as_f64() >= Some(4.5), "{name}: poor contrast {poorest}");
    let small = browser.measure(TOO_SMALL).await;
    assert_eq!(small.as_array().map(Vec::len), Some(0), "{name}: too small {small}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_every_screen() {
    let (browser, office) = (browser().await, Office::open().await);
    let base = format!("http://{}", office.address);
    let mut seed = 0;
    for (width, dark) in [(1280, false), (1280, true), (360, false), (360, true), (320, false)] {
        browser.look(width, dark).await;
        for language in Language::ALL {
            seed += 1;
            let path = office.link(seed, language);
            let name = |page: &str| format!("{page}-{}-{width}-{}", language.tag(), if dark { "dark" } else { "light" });
            browser.open(&format!("{base}{path}")).await;
            assert_eq!(browser.measure("document.scripts.length").await, 0);
            measured(&browser, &name("page")).await;
            keep(&browser, &name("page")).await;
            browser.click("//button").await;
            browser.until("document.querySelectorAll('[role=alert]').length === 1").await;
            measured(&browser, &name("missing")).await;
            keep(&browser, &name("missing")).await;
            browser.click("//label[contains(., '不滿意')]").await;
            browser.click("//button").await;
            browser.until("document.querySelector('.good') !== null").await;
            measured(&browser, &name("done")).await;
            keep(&browser, &name("done")).await;
            browser.click("//main//a").await;
            browser.until("document.querySelectorAll(':checked').length === 1").await;
            measured(&browser, &name("again")).await;
            keep(&browser, &name("again")).await;
            browser.open(&format!("{base}/s/x?lang={}", language.tag())).await;
            measured(&browser, &name("gone")).await;
            keep(&browser, &name("gone")).await;
        }
    }
    assert_eq!(office.desk.told().len(), usize::from(seed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dissatisfied_student_clicks_through() {
    let (browser, office) = (browser().await, Office::open().await);
    let survey = Questionnaire::from_toml(KMU).expect("survey");
    let path = office.link(1, Language::ZhTw);
    browser.look(360, false).await;
    browser.open(&format!("http://{}{path}", office.address)).await;
    assert_eq!(browser.title().await, "意見處理滿意度調查｜高雄示範大學");
    assert_eq!(office.desk.told(), [], "opening the link changes nothing");
    browser.click("//label[normalize-space()='尚未解決']").await;
    browser.write("//textarea", "仍無法加選必修課\n請再協助").await;
    browser.click("//button").await;
    browser.until("document.querySelector('[role=alert]') !== null").await;
    assert_eq!(browser.title().await, "請補填：意見處理滿意度調查｜高雄示範大學");
    assert_eq!(office.desk.told(), []);
    browser.click("//div[@role='alert']//a").await;
    browser.click("//label[normalize-space()='不滿意']").await;
    browser.click("//label[contains(., '處理時間過久')]").await;
    browser.click("//label[contains(., '互相推諉')]").await;
    browser.write("//input[@name='reasons.other']", "電話無人接聽").await;
    browser.click("//button").await;
    browser.until("document.querySelector('.good') !== null").await;
    assert_eq!(browser.text("//h1").await, "已收到您的意見，謝謝您");
    let told = office.desk.told();
    assert_eq!((told.len(), survey.verdict(&told[0])), (1, Some(Satisfaction::Dissatisfied)));
    let spoken = survey.spoken(&told[0], Language::ZhTw);
    assert_eq!(spoken["reasons"], "處理時間過久、單位之間互相推諉、其他、電話無人接聽");
    assert_eq!((spoken["solved"].as_str(), spoken["comments"].as_str()), ("尚未解決", "仍無法加選必修課\n請再協助"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_is_enough() {
    let (browser, office) = (browser().await, Office::open().await);
    let path = office.link(1, Language::En);
    browser.look(1280, false).await;
    browser.open(&format!("http://{}{path}", office.address)).await;
    browser.press(&TAB.to_string()).await;
    assert_eq!(browser.measure("document.activeElement.className").await, "skip");
    assert_eq!(browser.measure("document.activeElement.getBoundingClientRect().top >= 0").await, true, "the skip link shows itself");
    browser.press(&ENTER.to_string()).await;
    browser.press(&format!("{TAB} {DOWN}")).await;
    assert_eq!(browser.measure("document.querySelector(':checked').value").await, "satisfied");
    let outline = browser.measure("getComputedStyle(document.activeElement.closest('label')).outlineWidth").await;
    assert_eq!(outline, "3px", "the focus is seen");
    // on through the other questions to the button: every stop is a control
    for _ in 0..40 {
        browser.press(&TAB.to_string()).await;
        if browser.measure("document.activeElement.tagName").await == "BUTTON" {
            break;
        }
        assert!(browser.measure("document.activeElement.matches('input, textarea')").await == true);
    }
    browser.press(&ENTER.to_string()).await;
    browser.until("document.title.startsWith('Thank you')").await;
    assert_eq!(browser.title().await, "Thank you | 高雄示範大學");
    assert_eq!(office.desk.told().len(), 1);
}
