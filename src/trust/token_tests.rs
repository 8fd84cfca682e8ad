//! Tests of `token`.

use super::*;
use proptest::prelude::*;

fn ring() -> Keyring {
    Keyring::new(Key::new(3, &[7; 32]).expect("key"), vec![Key::new(2, &[8; 32]).expect("key")]).expect("ring")
}

fn some_token() -> impl Strategy<Value = Token> {
    (0..5usize, 0..=Token::MAX_SERIAL, 0..=Token::MAX_SLOT, 0..=Token::MAX_STEP).prop_map(|(kind, case_serial, slot, step)| Token {
        kind: TokenKind::ALL[kind],
        case_serial,
        slot,
        step,
    })
}

proptest! {
    #[test]
    fn every_token_opens_to_itself_full_shortened_and_shouted(token in some_token()) {
        let sealed = ring().seal(&token);
        prop_assert_eq!(sealed.len(), 43);
        prop_assert_eq!(ring().open(&sealed), Some(token));
        prop_assert_eq!(ring().open(&sealed[..37]), Some(token));
        prop_assert_eq!(ring().open(&sealed.to_uppercase()), Some(token));
    }

    #[test]
    fn no_single_character_can_be_changed(token in some_token(), place in 0..43usize, other in 0..32usize) {
        let sealed = ring().seal(&token);
        let new = char::from(b"0123456789abcdefghjkmnpqrstvwxyz"[other]);
        let mut forged: Vec<char> = sealed.chars().collect();
        if forged[place] != new && forged[place] != '.' {
            forged[place] = new;
            prop_assert_eq!(ring().open(&forged.into_iter().collect::<String>()), None);
        }
    }

    #[test]
    fn reading_never_panics(text in ".{0,80}") {
        let _ = ring().open(&text);
        let _ = ring().short_code_is(&Token::of_case(1), &text);
    }
}

#[test]
fn old_keys_read_and_do_not_sign_and_unknown_keys_do_neither() {
    let token = Token { kind: TokenKind::Action, case_serial: 42, slot: slot_of("lin"), step: 7 };
    let before = Keyring::new(Key::new(2, &[8; 32]).expect("key"), vec![]).expect("ring");
    let old = before.seal(&token);
    assert_eq!(ring().open(&old), Some(token));
    assert_ne!(ring().seal(&token), old);
    assert!(ring().short_code_is(&token, &before.short_code(&token)));
    assert_eq!(before.open(&ring().seal(&token)), None);
    let same_id_other_secret = Keyring::new(Key::new(3, &[9; 32]).expect("key"), vec![]).expect("ring");
    assert_eq!(same_id_other_secret.open(&ring().seal(&token)), None);
}

#[test]
fn an_old_key_is_read_for_its_time_and_no_longer() {
    let token = Token { kind: TokenKind::Action, case_serial: 42, slot: slot_of("lin"), step: 7 };
    let before = Keyring::new(Key::new(2, &[8; 32]).expect("key"), vec![]).expect("ring");
    let (sealed, code) = (before.seal(&token), before.short_code(&token));
    let ring =
        Keyring::new(Key::new(3, &[7; 32]).expect("key"), vec![Key::new(2, &[8; 32]).expect("key").until(Some(1_000))]).expect("ring");
    assert_eq!(ring.at(999).open(&sealed), Some(token));
    assert!(ring.at(999).short_code_is(&token, &code));
    assert_eq!(ring.at(999).seals(&token), [ring.seal(&token), sealed.clone()]);
    assert_eq!(ring.at(1_000).open(&sealed), None);
    assert!(!ring.at(1_000).short_code_is(&token, &code));
    assert_eq!(ring.at(i64::MAX).open(&ring.seal(&token)), Some(token));
}

#[test]
fn the_letter_is_bound_to_the_kind() {
    let sealed = ring().seal(&Token::of_case(5));
    assert!(sealed.starts_with("r."));
    assert_eq!(ring().open(&sealed.replacen('r', "a", 1)), None);
}

#[test]
fn a_short_code_fits_its_own_token_only() {
    let token = Token { kind: TokenKind::Action, case_serial: 42, slot: 9, step: 7 };
    let code = ring().short_code(&token);
    assert_eq!(code.len(), CODE_LEN);
    assert!(ring().short_code_is(&token, &format!("#{}", code.to_uppercase())));
    for other in [
        Token { step: 8, ..token },
        Token { slot: 8, ..token },
        Token { case_serial: 41, ..token },
        Token { kind: TokenKind::Route, ..token },
    ] {
        assert!(!ring().short_code_is(&other, &code));
    }
}

#[test]
fn numbers_that_do_not_fit_fail_closed() {
    let token = Token { kind: TokenKind::Action, case_serial: u32::MAX, slot: u32::MAX, step: u16::MAX };
    let opened = ring().open(&ring().seal(&token)).expect("opens");
    assert_ne!(opened, token);
    assert_eq!(opened.case_serial, Token::MAX_SERIAL);
}

#[test]
fn addresses_stay_within_64_octets_and_open_again() {
    let sealed = ring().seal(&Token::of_case(9));
    for length in 1..40usize {
        let mailbox = format!("{}@kmu.example", "x".repeat(length));
        let address = address(&mailbox, &sealed);
        let (local, domain) = address.rsplit_once('@').expect("at");
        assert_eq!(domain, "kmu.example");
        assert!(local.len() <= 64);
        match fit(&mailbox) {
            Fit::None => assert!(length > 26 && address == mailbox),
            Fit::Shortened => assert!((21..=26).contains(&length)),
            Fit::Full => assert!(length <= 20),
        }
        if let Some((_, token)) = local.split_once('+') {
            assert_eq!(ring().open(token), Some(Token::of_case(9)));
        }
    }
}

#[test]
fn keys_are_checked_and_never_printed() {
    assert_eq!(Key::new(32, &[1; 32]).expect_err("id"), Error::KidTooLarge(32));
    assert_eq!(Key::new(1, &[1; 31]).expect_err("short"), Error::KeyTooShort { kid: 1, len: 31 });
    let twice = Keyring::new(Key::new(1, &[1; 32]).expect("key"), vec![Key::new(1, &[2; 32]).expect("key")]);
    assert_eq!(twice.expect_err("twice"), Error::KidTwice(1));
    assert_eq!(format!("{:?}", Key::new(1, &[1; 32]).expect("key")), "Key { kid: 1, .. }");
}

#[test]
fn slots_are_twenty_bits_and_clashes_are_found() {
    let ids: Vec<String> = (0..3000).map(|n| format!("person{n}")).collect();
    assert!(ids.iter().all(|id| (1..=Token::MAX_SLOT).contains(&slot_of(id))));
    // 3000 of a million: about four clashes are expected
    let clashes = collisions(ids.iter().map(String::as_str));
    assert!(!clashes.is_empty() && clashes.len() < 20);
    assert!(clashes.iter().all(|(a, b)| a != b && slot_of(a) == slot_of(b)));
    assert!(collisions(["lin", "lin", "he"]).is_empty());
}
