//! How mail programs of many languages say who wrote the words below. Each line was written for this test.

use super::clients_tests::{NEW, reply};

/// Says who wrote the quote below.
#[rustfmt::skip]
const CITATIONS: &[&str] = &[
    "On Nov 23, 2026, at 9:00 AM, Office <a@b.example> wrote:",
    "On Monday, November 23, 2026 at 09:00:12 AM GMT+8, Office <a@b.example> wrote:",
    "On Mon, 23 Nov 2026 09:00:00 +0800, Office <a@b.example> wrote:",
    "On Mon, Nov 23, 2026 at 9:00 AM, Office wrote:",
    "On 2026-11-23 09:00, Office wrote:",
    "On 23/11/2026 09:00, Office wrote:",
    "On 11/23/26, Office <a@b.example> wrote:",
    "On 23.11.2026 09:00, Office wrote:",
    "On 23 November 2026 at 09:00, Office <a@b.example> wrote:",
    "On 23 Nov 2026 09:00, \"Office\" <a@b.example> wrote:",
    "On 23-Nov-2026, at 9:00 AM, Office <a@b.example> wrote:",
    "On Monday 23 November 2026 at 09:00, Office <a@b.example> wrote:",
    "On Mon, 23 Nov 2026 at 09:00 Office <a@b.example> wrote:",
    "On Mon, 23 Nov 2026 09:00:00 +0800 Office <a@b.example> wrote:",
    "On Mon 23. Nov 2026 at 09:00 Office <a@b.example> wrote:",
    "On Monday, 23 November 2026, Office <a@b.example> wrote:",
    "On Nov 23, 2026 9:00 AM, \"Office\" <a@b.example> wrote:",
    "On 2026/11/23 9:00 AM, Office wrote:",
    "On Mon, Nov 23, 2026 at 9:00 AM <a@b.example> wrote:",
    "On Nov 23, 2026, Office wrote:",
    "On Mon, 2026-11-23 at 09:00 +0800, Office wrote:",
    "On Mon, Nov 23, 2026 at 9:00 AM 'Office' via Group <a@b.example> wrote:",
    "On Tue, Nov 23, 2026 at 9:00 AM, O'Brien, Pat (Ext.) <a@b.example> wrote:",
    "On Tue, Nov 23, 2026 at 09:00:01AM +0100, Office wrote:",
    "Office wrote on 23/11/2026 09:00:",
    "Office wrote on 2026-11-23 09:00 AM:",
    "Office <a@b.example> wrote on 23 November 2026 at 09:00:",
    "Office <a@b.example> wrote (on Mon, 23 Nov 2026 at 09:00):",
    "Office writes:",
    "a@b.example wrote:",
    "Office <a@b.example> wrote:",
    "Office <a@b.example>, 23 Nov 2026 Mon, 09:00 tarihinde şunu yazdı:",
    "23 Kasım 2026 Pzt, 09:00 tarihinde Office <a@b.example> şunu yazdı:",
    "Office <a@b.example> şunları yazdı (23 Kas 2026 09:00):",
    "Le lun. 23 nov. 2026 à 09:00, Office <a@b.example> a écrit :",
    "Le 23 novembre 2026 à 09:00, Office <a@b.example> a écrit :",
    "Le 23/11/2026 à 09:00, Office a écrit :",
    "Le 23 nov. 2026 à 09:00, Office a écrit :",
    "Le lundi 23 novembre 2026, Office <a@b.example> a écrit :",
    "Am 23.11.2026 um 09:00 schrieb Office <a@b.example>:",
    "Am Mo., 23. Nov. 2026 um 09:00 Uhr schrieb Office <a@b.example>:",
    "Am Montag, 23. November 2026, 09:00:00 CET schrieb Office:",
    "Office <a@b.example> schrieb am Mo., 23. Nov. 2026, 09:00:",
    "Office <a@b.example> hat am 23.11.2026 09:00 geschrieben:",
    "Office schrieb am 23.11.2026 um 09:00:",
    "El 23 nov 2026, a las 09:00, Office <a@b.example> escribió:",
    "El lun., 23 nov. 2026 a las 9:00, Office (<a@b.example>) escribió:",
    "El 23/11/2026 a las 9:00, Office escribió:",
    "El lunes, 23 de noviembre de 2026, Office <a@b.example> escribió:",
    "El dl., 23 nov. 2026 a les 9:00, Office <a@b.example> va escriure:",
    "Il giorno lun 23 nov 2026 alle ore 09:00 Office <a@b.example> ha scritto:",
    "Il 23/11/2026 09:00, Office ha scritto:",
    "Il lunedì 23 novembre 2026, Office <a@b.example> ha scritto:",
    "Em seg., 23 de nov. de 2026 às 09:00, Office <a@b.example> escreveu:",
    "Em 23/11/2026 09:00, Office escreveu:",
    "Em segunda-feira, 23 de novembro de 2026, Office <a@b.example> escreveu:",
    "No dia 23/11/2026, às 09:00, Office <a@b.example> escreveu:",
    "A segunda, 23/11/2026, 09:00, Office <a@b.example> escreveu:",
    "Op 23-11-2026 om 09:00 schreef Office:",
    "Op ma 23 nov. 2026 om 09:00 schreef Office <a@b.example>:",
    "Op 23 nov. 2026 om 09:00 heeft Office <a@b.example> het volgende geschreven:",
    "Den 23. nov. 2026 kl. 09.00 skrev Office <a@b.example>:",
    "Den mån 23 nov. 2026 kl 09:00 skrev Office <a@b.example>:",
    "Den 2026-11-23 kl. 09:00, skrev Office:",
    "23 nov 2026 kl. 09:00 skrev Office <a@b.example>:",
    "man. 23. nov. 2026 kl. 09:00 skrev Office <a@b.example>:",
    "På mån, 23 nov. 2026 09:00, skrev Office:",
    "ma 23. marrask. 2026 klo 9.00 Office (a@b.example) kirjoitti:",
    "Office <a@b.example> kirjoitti 23.11.2026 kello 9.00:",
    "W dniu 23 listopada 2026 09:00 użytkownik Office <a@b.example> napisał:",
    "W dniu 23.11.2026 o 09:00, Office pisze:",
    "W dniu 23.11.2026 09:00, Office napisał(a):",
    "pon., 23 lis 2026 o 09:00 Office <a@b.example> napisał(a):",
    "Dnia 23 listopada 2026 09:00 Office <a@b.example> napisał(a):",
    "Wiadomość napisana przez Office <a@b.example> w dniu 23 lis 2026, o godz. 09:00:",
    "Dne 23.11.2026 v 9:00 Office napsal(a):",
    "po 23. 11. 2026 v 9:00 odesílatel Office <a@b.example> napsal:",
    "Dňa 23. 11. 2026 o 9:00 Office napísal(a):",
    "po 23. 11. 2026 o 9:00 Office <a@b.example> napísal(a):",
    "2026.11.23. 9:00 keltezéssel, Office írta:",
    "Office <a@b.example> ezt írta (időpont: 2026. nov. 23., H, 9:00):",
    "În lun., 23 nov. 2026 la 09:00, Office <a@b.example> a scris:",
    "Pe 23 nov. 2026, la 09:00, Office <a@b.example> a scris:",
    "Dana 23.11.2026. u 09:00, Office je napisao/la:",
    "V V pon., 23. nov. 2026 ob 09:00 je oseba Office <a@b.example> napisala:",
    "Στις Δευ, 23 Νοε 2026 στις 9:00 π.μ., ο χρήστης Office <a@b.example> έγραψε:",
    "пн, 23 нояб. 2026 г. в 09:00, Office <a@b.example>:",
    "23.11.2026 09:00, Office пишет:",
    "23 ноября 2026 г., 09:00 пользователь Office <a@b.example> написал:",
    "23.11.2026, 09:00, \"Office\" <a@b.example>:",
    "Понедельник, 23 ноября 2026, 9:00 +03:00 от Office <a@b.example>:",
    "23 ноября 2026, 09:00 от Office <a@b.example>:",
    "пн, 23 лист. 2026 р. о 09:00 Office <a@b.example> пише:",
    "23.11.26 09:00, Office пише:",
    "На пн, 23.11.2026 г. в 9:00 Office <a@b.example> написа:",
    "2026年11月23日(月) 9:00 Office <a@b.example>:",
    "2026/11/23 9:00、Office <a@b.example>のメール:",
    "2026年11月23日 9:00、Office <a@b.example>のメール:",
    "On 2026/11/23 9:00, Office wrote:",
    "2026年11月23日 09:00 に Office さんは書きました:",
    "(2026/11/23 9:00), Office wrote:",
    "2026년 11월 23일 (월) 오전 9:00, Office <a@b.example>님이 작성:",
    "2026. 11. 23. 오전 9:00, Office <a@b.example> 작성:",
    "2026년 11월 23일 월요일 Office<a@b.example>님이 작성한 메시지:",
    "Office <a@b.example> 於 2026年11月23日 週一 上午9:00寫道：",
    "Office <a@b.example>於 2026年11月23日 週一，寫道：",
    "Office 於 2026/11/23 上午 09:00 寫道:",
    "在 2026年11月23日 週一 上午9:00，Office <a@b.example> 寫道：",
    "於 2026年11月23日 上午9:00，Office <a@b.example> 寫道：",
    "Office <a@b.example> 在 2026年11月23日 上午9:00 寫道：",
    "Office <a@b.example> 于2026年11月23日周一 09:00写道：",
    "在 2026/11/23 9:00, Office 写道:",
    "在 2026-11-23 09:00:00，\"Office\" <a@b.example> 写道：",
    "At 2026-11-23 09:00:00, \"Office\" <a@b.example> wrote:",
    "在2026年11月23日 09:00，Office<a@b.example> 写道：",
    "于 2026年11月23日 09:00，Office 写道:",
    "Vào Th 2, 23 thg 11, 2026 lúc 9:00 Office <a@b.example> đã viết:",
    "Vào 23/11/2026 lúc 9:00, Office đã viết:",
    "Pada tanggal Sen, 23 Nov 2026 pukul 09.00 Office <a@b.example> menulis:",
    "Pada Sen, 23 Nov 2026 jam 09:00 Office <a@b.example> menulis:",
    "ในวันที่ จ. 23 พ.ย. 2026 เวลา 09:00 Office <a@b.example> เขียนว่า:",
    "\u{202b}בתאריך יום ב׳, 23 בנוב׳ 2026 ב-9:00 מאת \u{202a}Office\u{202c}\u{200f} <\u{202a}a@b.example\u{202c}\u{200f}>:\u{202c}",
    "في الاثنين، 23 نوفمبر 2026 في 9:00 ص تمت كتابة ما يلي بواسطة Office <a@b.example>:",
    "כתב Office <a@b.example> בתאריך 23/11/2026 09:00:",
    "Office <a@b.example> rašė 2026-11-23 09:00:",
    "E, 23. november 2026 kell 09:00 Office <a@b.example> kirjutas:",
    "pirmd., 2026. g. 23. nov., plkst. 09:00 — lietotājs Office (<a@b.example>) rakstīja:",
    "Am 23.11.2026 um 09:00 hat Office geschrieben:",
    "-------- Original Message --------",
    "On Nov 23, 2026, 9:00 AM, Office < a@b.example> wrote:",
    "------- Original Message -------",
    "On Monday, November 23rd, 2026 at 9:00 AM, Office <a@b.example> wrote:",
    "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐",
    "On Monday, November 23rd, 2026 at 9:00 AM, Office <a@b.example> wrote:",
    "---- On Mon, 23 Nov 2026 09:00:00 +0800 Office <a@b.example> wrote ----",
    "---- Le lun., 23 nov. 2026 09:00:00 +0100 Office <a@b.example> a écrit ----",
    "Sent from Samsung Mobile",
    "Office <a@b.example> wrote:",
    "Quoting Office <a@b.example>:",
    "* Office <a@b.example> [2026-11-23 09:00]:",
    "[ On Monday, November 23, 2026 at 09:00:00 (+0800), Office wrote: ]",
    "Nov 23, 2026, 9:00 AM, Office wrote:",
    "Monday, November 23, 2026, 9:00:00 AM, you wrote:",
    ">>>>> \"Office\" == Office <a@b.example> writes:",
    "\"Office\" <a@b.example> wrote in message news:123@x...",
    "From: Office [mailto:a@b.example] On Behalf Of x wrote:",
    "Office@b.example (Office) writes:",
    "In article <123@b.example>, Office wrote:",
    "2026-11-23 9:00 GMT+08:00 Office <a@b.example>:",
    "2026-11-23 9:00 GMT+01:00, Office <a@b.example>:",
    "2026/11/23 Office <a@b.example>",
    "23/11/2026 09:00, Office wrote:",
    "23 nov. 2026, à 09:00, Office a écrit :",
    "Office | 23 Nov 2026 09:00 wrote:",
    "On Mon, Nov 23, 2026, 09:00 Office <a@b.example> wrote",
    "On Mon, Nov 23, 2026 at 9:00 AM Office <[a@b.example](mailto:a@b.example)> wrote:",
    "*On Mon, Nov 23, 2026 at 9:00 AM Office <a@b.example> wrote:*",
    "_On Mon, Nov 23, 2026 at 9:00 AM Office <a@b.example> wrote:_",
    "On Mon, Nov 23, 2026 at 9:00 AM Office <a@b.example<mailto:a@b.example>> wrote:",
];

#[test]
fn citations_go_with_what_they_cite() {
    let mut wrong = Vec::new();
    for c in CITATIONS {
        for body in [format!("{NEW}\n\n{c}\n> old\n> words\n"), format!("{NEW}\n\n{c}\n\n> old\n>\n> words\n")] {
            if reply(&body) != NEW {
                wrong.push(body);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn citations_broken_over_two_lines() {
    let mut wrong = Vec::new();
    for c in CITATIONS.iter().filter(|c| c.ends_with([':', '：']) && !c.starts_with("From:") && !c.contains(" hat am ")) {
        let words: Vec<&str> = c.split(' ').collect();
        let (a, b) = words.split_at(words.len() * 2 / 3);
        let body = format!("{NEW}\n\n{}\n{}\n\n> old\n> words\n", a.join(" "), b.join(" "));
        if words.len() > 5 && reply(&body) != NEW {
            wrong.push(body);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_citation_broken_by_blank_lines() {
    let body = format!("{NEW}\n\nOn Mon, Nov 23, 2026 at 9:00 AM Office\n\n<\nmailto:Office <a@b.example>\n> wrote:\nold words\n");
    assert_eq!(reply(&body), NEW);
}
