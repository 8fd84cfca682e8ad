//! Where a token is looked for in a mail, in order of trust: address fields, then In-Reply-To and References, then the
//! subject's tag, then a line of the body. Takes plain strings and tells what it found; what to do about it is `desk`'s.
//! Also makes the Message-IDs in which the second place finds its tokens again.

use unicode_normalization::UnicodeNormalization;

use super::base32;
use super::token::{CODE_LEN, Keyring, SHAPE, Token, TokenKind};

/// Token-shaped strings tried in one field: more is an attack on our time, not a mail.
const TRIES: usize = 256;
/// Lines at the top of the new text in which a button's code stands.
const TOP_LINES: usize = 5;

/// Where something was found; earlier is more trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `Delivered-To`, `X-Original-To`, `Envelope-To`, `To`, `Cc`.
    Address,
    /// `In-Reply-To`, `References`: one of our ids.
    Thread,
    /// The tag in the subject: `[115-0042 #k7f3q9w2]`.
    Subject,
    /// The first five lines of what the writer newly wrote.
    BodyTop,
    /// Anywhere else in the text, also quoted.
    Body,
}

impl Place {
    /// Whether what stands here may carry an act (RELIABILITY T6: quoted and forwarded copies may only route).
    #[must_use]
    pub const fn may_act(self) -> bool {
        match self {
            Self::Address | Self::BodyTop => true,
            Self::Thread | Self::Subject | Self::Body => false,
        }
    }
}

/// The parts of one mail in which tokens may stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// Values of the address fields, in the order of [`Place::Address`].
    pub addresses: &'a [&'a str],
    /// Values of `In-Reply-To` and `References`.
    pub references: &'a [&'a str],
    /// The decoded subject.
    pub subject: &'a str,
    /// What the writer newly wrote.
    pub new_text: &'a str,
    /// The whole text with what it quotes.
    pub whole_text: &'a str,
}

/// A token that verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Where.
    pub place: Place,
    /// What it says.
    pub token: Token,
}

/// A case number with a short code. Not verified: the caller looks the number up and asks [`Keyring::short_code_is`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// Where.
    pub place: Place,
    /// The number as written.
    pub number: String,
    /// The eight characters behind `#`, lower case.
    pub code: String,
}

/// Whether the addresses agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// At most one token in the address fields.
    None,
    /// Different tokens of one case.
    SameCase,
    /// Tokens of different cases.
    DifferentCases,
}

/// All that was found, most trusted first, each token once a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Verified tokens.
    pub found: Vec<Found>,
    /// Numbers with codes, still to be verified.
    pub tags: Vec<Tag>,
    /// Two different valid tokens in the address fields: the mail is held.
    pub conflict: Conflict,
    /// What is shaped like a token in the address fields and was not sealed by us: guesses, or letters of a key that is gone.
    pub bad: usize,
}

impl Findings {
    /// The most trusted token; `None` also when the addresses contradict each other.
    #[must_use]
    pub fn best(&self) -> Option<Found> {
        match self.conflict {
            Conflict::None => self.found.first().copied(),
            Conflict::SameCase | Conflict::DifferentCases => None,
        }
    }

    /// The most trusted token that stands where an act may be carried.
    #[must_use]
    pub fn acting(&self) -> Option<Found> {
        match self.conflict {
            Conflict::None => self.found.iter().copied().find(|f| f.place.may_act()),
            Conflict::SameCase | Conflict::DifferentCases => None,
        }
    }
}

/// Looks for tokens and tags in all places.
#[must_use]
pub fn find(keyring: &Keyring, sources: &Sources<'_>) -> Findings {
    let mut found: Vec<Found> = Vec::new();
    let mut bad = 0;
    let mut take = |place: Place, text: &str| {
        let (tokens, strange) = scan(keyring, text);
        if place == Place::Address {
            bad += strange;
        }
        for token in tokens {
            let new = Found { place, token };
            if !found.contains(&new) {
                found.push(new);
            }
        }
    };
    sources.addresses.iter().for_each(|text| take(Place::Address, text));
    // our own id may stand in both fields; the last of References is the nearest, so In-Reply-To comes first with the caller
    for text in sources.references {
        take(Place::Thread, text);
    }
    take(Place::Subject, sources.subject);
    let top: Vec<&str> = sources.new_text.lines().filter(|line| !line.trim().is_empty()).take(TOP_LINES).collect();
    for line in &top {
        take(Place::BodyTop, line);
    }
    take(Place::Body, sources.whole_text);

    let mut tags = Vec::new();
    let subject: String = sources.subject.nfkc().collect();
    for inner in bracketed(&subject) {
        tags.extend(tag_in(Place::Subject, inner));
    }
    for line in top {
        let line: String = line.nfkc().collect();
        tags.extend(tag_in(Place::BodyTop, &line));
    }
    tags.dedup();
    let conflict = conflict_of(&found);
    Findings { found, tags, conflict, bad }
}

fn conflict_of(found: &[Found]) -> Conflict {
    let mut tokens = found.iter().filter(|f| f.place == Place::Address).map(|f| f.token);
    let Some(first) = tokens.next() else { return Conflict::None };
    tokens.fold(Conflict::None, |so_far, token| match so_far {
        Conflict::DifferentCases => so_far,
        Conflict::None | Conflict::SameCase if token.case_serial != first.case_serial => Conflict::DifferentCases,
        Conflict::None | Conflict::SameCase if token != first => Conflict::SameCase,
        Conflict::None | Conflict::SameCase => so_far,
    })
}

/// Every valid token in running text, in order, each once, and how many places are shaped like one and are none. The delimiter
/// before it does not matter (`+`, `-`, a gateway's `%2B`): the MAC does.
fn scan(keyring: &Keyring, text: &str) -> (Vec<Token>, usize) {
    let bytes = text.as_bytes();
    let alnum = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let (payload, macs) = SHAPE;
    let mut out = Vec::new();
    let (mut tries, mut bad) = (0, 0);
    for (dot, _) in text.match_indices('.') {
        let mac_at = dot + 1 + payload + 1;
        let shaped = dot >= 1 && (dot + 1..dot + 1 + payload).all(alnum) && bytes.get(mac_at - 1) == Some(&b'.');
        if !shaped {
            continue;
        }
        for mac in macs {
            let whole = (mac_at..mac_at + mac).all(alnum) && !alnum(mac_at + mac);
            let Some(candidate) = text.get(dot - 1..mac_at + mac).filter(|_| whole) else { continue };
            tries += 1;
            if tries > TRIES {
                return (out, bad);
            }
            match keyring.open(candidate) {
                Some(token) if !out.contains(&token) => out.push(token),
                Some(_) => {}
                None => bad += 1,
            }
        }
    }
    (out, bad)
}

/// What stands in brackets, square or corner.
fn bracketed(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['[', '【']) {
        let inner = rest.get(open..).unwrap_or("").trim_start_matches(['[', '【']);
        let Some(close) = inner.find([']', '】']) else { break };
        out.push(inner.get(..close).unwrap_or(""));
        rest = inner.get(close..).unwrap_or("");
    }
    out
}

/// `… 115-0042 #k7f3q9w2 …`: the word before the code, when it holds a digit, is the number.
fn tag_in(place: Place, text: &str) -> Option<Tag> {
    let mut before = "";
    for word in text.split(|c: char| c.is_whitespace() || c == '\u{3000}') {
        if let Some(code) = word.strip_prefix('#')
            && code.len() == CODE_LEN
            && code.bytes().all(|b| base32::value_of(b).is_some())
            && before.bytes().any(|b| b.is_ascii_digit())
        {
            let code = code.to_ascii_lowercase().replace(['i', 'l'], "1").replace('o', "0");
            return Some(Tag { place, number: before.to_owned(), code });
        }
        if !word.is_empty() {
            before = word;
        }
    }
    None
}

/// The Message-ID of a letter, with its angle brackets: `<r.TOKEN.letter@domain>`. Ids are seen by everybody whom a mail
/// reaches and are quoted on, so whatever the letter's own token is, its id carries no more than the way to the case. But
/// where the mailbox has no `plus` addresses, the id of our question at a directory address is all that a plain reply brings
/// back of it; only that mailbox has seen it (RELIABILITY §3, mode `none`).
#[must_use]
pub fn message_id(keyring: &Keyring, token: &Token, letter: &str, domain: &str, plus: bool) -> String {
    let (kind, step) = match token.kind {
        TokenKind::Confirm if !plus => (TokenKind::Confirm, token.step),
        TokenKind::Route | TokenKind::Action | TokenKind::Confirm => (TokenKind::Route, 0),
        TokenKind::Public | TokenKind::Survey => (TokenKind::Public, 0),
    };
    let letter: String = letter.chars().filter(char::is_ascii_alphanumeric).take(32).collect::<String>().to_ascii_lowercase();
    let domain: String = domain.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.' || *c == '-').collect();
    format!("<{}.{letter}@{domain}>", keyring.seal(&Token { kind, step, ..*token }))
}

#[cfg(test)]
mod tests {
    use super::super::token::{Key, address, slot_of};
    use super::*;

    fn ring() -> Keyring {
        Keyring::new(Key::new(1, &[5; 32]).expect("key"), vec![]).expect("ring")
    }

    fn token(kind: TokenKind, case_serial: u32) -> Token {
        Token { kind, case_serial, slot: slot_of("lin"), step: 3 }
    }

    #[test]
    fn places_come_in_order_of_trust() {
        let (ring, act) = (ring(), token(TokenKind::Action, 42));
        let to = format!("\"秘書室\" <{}>", address("service@kmu.example", &ring.seal(&act)));
        let id = message_id(&ring, &act, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "kmu.example", true);
        let quoted = format!("同意\n\n> 案件識別碼（請勿刪除）: {}", ring.seal(&Token::of_case(42)));
        let findings = find(
            &ring,
            &Sources {
                addresses: &["service@kmu.example", &to],
                references: &[&id],
                subject: "Re: [案號 115-0042 #k7f3q9w2] 請核准",
                new_text: "同意",
                whole_text: &quoted,
            },
        );
        let places: Vec<Place> = findings.found.iter().map(|f| f.place).collect();
        assert_eq!(places, [Place::Address, Place::Thread, Place::Body]);
        assert_eq!(findings.best(), Some(Found { place: Place::Address, token: act }));
        assert_eq!(findings.acting(), findings.best());
        assert_eq!(findings.conflict, Conflict::None);
        assert_eq!(findings.tags, [Tag { place: Place::Subject, number: "115-0042".into(), code: "k7f3q9w2".into() }]);
    }

    #[test]
    fn an_id_never_carries_an_act() {
        let ring = ring();
        for kind in TokenKind::ALL {
            let id = message_id(&ring, &token(kind, 7), "x-1 ", "kmu.example", true);
            assert!(id.starts_with('<') && id.ends_with(".x1@kmu.example>"), "{id}");
            let findings = find(&ring, &Sources { references: &[&id], ..Sources::default() });
            let opened = findings.best().expect("found").token;
            assert_eq!((opened.case_serial, opened.slot, opened.step), (7, slot_of("lin"), 0));
            assert!(matches!(opened.kind, TokenKind::Route | TokenKind::Public));
            assert_eq!(findings.acting(), None);
        }
        // Without plus addresses a question's id is the question; it answers that one alone, and acts on nothing.
        for kind in TokenKind::ALL {
            let id = message_id(&ring, &token(kind, 7), "x", "kmu.example", false);
            let findings = find(&ring, &Sources { references: &[&id], ..Sources::default() });
            let opened = findings.best().expect("found").token;
            assert_eq!(opened == token(kind, 7), kind == TokenKind::Confirm);
            assert_eq!(findings.acting(), None);
        }
        let folded = message_id(&ring, &token(TokenKind::Route, 7), "a\r\nBcc: x", "kmu.example\r\nX: y", true);
        assert!(!folded.contains(['\r', '\n', ' ', ':']));
    }

    #[test]
    fn two_tokens_in_the_addresses_contradict_each_other() {
        let ring = ring();
        let one = address("service@kmu.example", &ring.seal(&token(TokenKind::Action, 1)));
        let same = address("service@kmu.example", &ring.seal(&token(TokenKind::Route, 1)));
        let two = address("service@kmu.example", &ring.seal(&token(TokenKind::Action, 2)));
        let conflict = |addresses: &[&str]| find(&ring, &Sources { addresses, ..Sources::default() });
        assert_eq!(conflict(&[&one, &one.to_uppercase()]).conflict, Conflict::None);
        assert_eq!(conflict(&[&one, &same]).conflict, Conflict::SameCase);
        assert_eq!(conflict(&[&format!("{one}, {two}")]).conflict, Conflict::DifferentCases);
        assert_eq!(conflict(&[&one, &same, &two]).conflict, Conflict::DifferentCases);
        assert_eq!(conflict(&[&one, &two]).best(), None);
        assert_eq!(conflict(&[&one, &two]).acting(), None);
    }

    #[test]
    fn delimiters_and_gateways_do_not_hide_a_token_and_rubbish_is_none() {
        let ring = ring();
        let sealed = ring.seal(&token(TokenKind::Route, 6));
        for text in [
            format!("service%2B{sealed}@x"),
            format!("service-{sealed}@x"),
            format!("<{sealed}@x>"),
            format!("編號：{sealed}。"),
            sealed.to_uppercase(),
        ] {
            assert_eq!((scan(&ring, &text).0.len(), scan(&ring, &text).1), (1, 0), "{text}");
        }
        for text in [format!("{sealed}0"), sealed.replace('.', ""), format!("{}.", &sealed[..30]), "r..".into(), ".".repeat(5000)] {
            assert_eq!(scan(&ring, &text).0, [], "{text}");
        }
    }

    #[test]
    fn a_flood_of_shapes_costs_a_bounded_number_of_macs() {
        let ring = ring();
        let fake = format!("r.{}.{} ", "0".repeat(14), "0".repeat(26));
        let text = format!("{}{}", fake.repeat(300), ring.seal(&Token::of_case(1)));
        assert_eq!(scan(&ring, &text), (vec![], TRIES));
    }

    #[test]
    fn guesses_in_the_addresses_are_counted_and_quoted_ones_are_not() {
        let ring = ring();
        let guess = format!("service+a.{}.{}@kmu.example", "0".repeat(14), "1".repeat(26));
        let good = address("service@kmu.example", &ring.seal(&token(TokenKind::Route, 1)));
        let bad = |addresses: &[&str], text: &str| find(&ring, &Sources { addresses, whole_text: text, ..Sources::default() }).bad;
        assert_eq!(bad(&[&guess, &guess, &good], ""), 2);
        assert_eq!(bad(&[&good], &guess), 0);
        assert_eq!(bad(&["service+test@kmu.example", "a.b.c@kmu.example"], ""), 0);
    }

    #[test]
    fn a_button_without_plus_puts_its_code_on_the_first_line() {
        let (ring, act) = (ring(), token(TokenKind::Action, 42));
        let line = format!("APPROVE 115-0042 #{}", ring.short_code(&act));
        let findings = find(&ring, &Sources { new_text: &format!("\n{line}\n\n"), whole_text: &line, ..Sources::default() });
        let tag = findings.tags.first().expect("tag");
        assert_eq!((tag.place, tag.number.as_str()), (Place::BodyTop, "115-0042"));
        assert!(ring.short_code_is(&act, &tag.code));
        let quoted = find(
            &ring,
            &Sources { new_text: "請問這是什麼？", whole_text: &format!("請問這是什麼？\n> {line}"), ..Sources::default() },
        );
        assert_eq!(quoted.tags, []);
    }

    #[test]
    fn directives_are_no_tags_and_full_width_is_read() {
        let of = |subject: &str| find(&ring(), &Sources { subject, ..Sources::default() }).tags;
        assert_eq!(of("[#category]"), []);
        assert_eq!(of("[案號 #k7f3q9w2]"), []);
        assert_eq!(of("115-0042 #k7f3q9w2"), []);
        assert_eq!(of("[a [115-0042"), []);
        assert_eq!(of("RE:【１１５－００４２　＃Ｋ７Ｆ３ＱＯＷ２】").first().map(|t| t.code.clone()), Some("k7f3q0w2".to_owned()));
        assert_eq!(of("[外部] [115-0042 #k7f3q9w2]").len(), 1);
    }
}
