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
