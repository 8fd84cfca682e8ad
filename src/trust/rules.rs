//! How much proof an act needs. One table: class of act × mode of the mailbox × what the mail brought along. Whether the person
//! holds the role, whether the step is still open and whether the text is the one shown is the procedure's and the desk's.
//! Nothing that fails here is silent: the desk asks at the directory address or holds the mail for the secretariat.

use super::evidence::{Evidence, Reason};
use super::token::{Token, TokenKind};

/// Classes of act (RELIABILITY §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActClass {
    /// Add information, attach, answer a question: a known party or a token is enough.
    L0,
    /// A safe direction, 退回 or 撤銷: the token with the right From is enough, and so is any better proof.
    Safe,
    /// Take over, hand back, ask for time, hand in a draft.
    L1,
    /// Approve at any step of a procedure, release, urge by hand. A plain reply approves at every step, so the approval of a
    /// major case is here too.
    L2,
    /// See personal data, change a complainant's address, the directory, release after a restore, purge.
    L3,
}

/// What a mailbox's mails can prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceMode {
    /// The border's DMARC verdict.
    Dmarc,
    /// The border's DKIM verdict for exactly the domain in From.
    Dkim,
    /// The border says that the sender had logged in.
    Internal,
    /// Nothing: every act is confirmed at the directory address.
    Confirm,
    /// Nothing, and the office is content with the token and the right From.
    Token,
}

/// Who has said at his directory address that an act is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confirmed {
    /// Nobody was asked, or nobody has answered.
    No,
    /// The person himself.
    Himself,
    /// He himself, and then somebody else of the office.
    SecondPerson,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Do it.
    Allowed,
    /// Do nothing yet; ask the person at his directory address whether it was he.
    AskDirectoryAddress(Why),
    /// Do nothing; keep the mail for the secretariat.
    Held(Why),
}

/// Why an act is not done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Neither a token nor a known party.
    Stranger,
    /// No token that carries this act.
    NoToken,
    /// The token is another person's, or From is.
    SenderDiffers,
    /// The sender is not proved.
    NotProven(Reason),
    /// The mode asks for a confirmation each time.
    ConfirmationAsked,
    /// A confirmation alone does not do; a second person must agree.
    SecondPersonNeeded,
}

/// Whether what a mail brings is enough for an act of `class`.
///
/// - `token`: the token that routed the mail, if it stands where it counts (for L2 and L3 that is `Findings::acting`).
/// - `sender_matches`: the one strict From is the directory address of a person whom this token was made for; for L0, of a party.
/// - `confirmed`: who has answered our question at his directory address about this very act.
#[must_use]
pub fn enough(
    class: ActClass,
    mode: EvidenceMode,
    token: Option<&Token>,
    sender_matches: bool,
    evidence: &Evidence,
    confirmed: Confirmed,
) -> Verdict {
    let himself = confirmed != Confirmed::No;
    match class {
        ActClass::L0 if sender_matches || himself => Verdict::Allowed,
        // a token alone routes: a forwarded mail leaks it (T5), so a stranger's words wait for a party or the secretariat
        ActClass::L0 => Verdict::Held(Why::Stranger),
        ActClass::Safe | ActClass::L1 | ActClass::L2 if himself => Verdict::Allowed,
        ActClass::Safe => safe(mode, token, sender_matches, evidence),
        ActClass::L1 => bound(mode, token.filter(|t| carries(class, t.kind)), sender_matches, evidence),
        ActClass::L2 => bound(mode, token.filter(|t| carries(class, t.kind)), sender_matches, evidence),
        ActClass::L3 => grave(mode, token.filter(|t| carries(class, t.kind)), sender_matches, evidence, confirmed),
    }
}

/// Which tokens can carry an act: a route token is in every letter and in every quotation, an action token in one request.
const fn carries(class: ActClass, kind: TokenKind) -> bool {
    match (class, kind) {
        (ActClass::L0 | ActClass::Safe | ActClass::L1, TokenKind::Route | TokenKind::Action | TokenKind::Confirm)
        | (ActClass::L2 | ActClass::L3, TokenKind::Action | TokenKind::Confirm)
        | (ActClass::L0, TokenKind::Public | TokenKind::Survey) => true,
        (ActClass::L2 | ActClass::L3, TokenKind::Route)
        | (ActClass::Safe | ActClass::L1 | ActClass::L2 | ActClass::L3, TokenKind::Public | TokenKind::Survey) => false,
    }
}

fn safe(mode: EvidenceMode, token: Option<&Token>, sender_matches: bool, evidence: &Evidence) -> Verdict {
    match token.filter(|t| carries(ActClass::Safe, t.kind)) {
        Some(_) if sender_matches => Verdict::Allowed,
        token => bound(mode, token, sender_matches, evidence),
    }
}

/// Token ∧ person ∧ (evidence, or the mode's leave to do without).
fn bound(mode: EvidenceMode, token: Option<&Token>, sender_matches: bool, evidence: &Evidence) -> Verdict {
    let Some(token) = token else {
        return if sender_matches { Verdict::AskDirectoryAddress(Why::NoToken) } else { Verdict::Held(Why::Stranger) };
    };
    if !sender_matches {
        // a button opens the device's default account, so a person's own token under another From is asked about, not refused
        return match token.kind {
            TokenKind::Action | TokenKind::Confirm => Verdict::AskDirectoryAddress(Why::SenderDiffers),
            TokenKind::Route | TokenKind::Public | TokenKind::Survey => Verdict::Held(Why::SenderDiffers),
        };
    }
    match (mode, evidence) {
        (EvidenceMode::Token, _) | (_, Evidence::Signed { .. }) => Verdict::Allowed,
        (EvidenceMode::Confirm, _) => Verdict::AskDirectoryAddress(Why::ConfirmationAsked),
        (EvidenceMode::Dmarc | EvidenceMode::Dkim | EvidenceMode::Internal, Evidence::Proven { .. }) => Verdict::Allowed,
        (EvidenceMode::Dmarc | EvidenceMode::Dkim | EvidenceMode::Internal, Evidence::Missing(reason)) => {
            Verdict::AskDirectoryAddress(Why::NotProven(*reason))
        }
    }
}

/// His own signature; or proof and confirmation both; or, where the mail proves nothing, the word of a second person.
fn grave(mode: EvidenceMode, token: Option<&Token>, sender_matches: bool, evidence: &Evidence, confirmed: Confirmed) -> Verdict {
    let by_signature = matches!(evidence, Evidence::Signed { .. });
    match (confirmed, evidence) {
        (Confirmed::SecondPerson, _) => Verdict::Allowed,
        (Confirmed::Himself, Evidence::Signed { .. }) if sender_matches => Verdict::Allowed,
        (Confirmed::Himself, Evidence::Proven { .. }) if sender_matches && mode != EvidenceMode::Token && mode != EvidenceMode::Confirm => {
            Verdict::Allowed
        }
        (Confirmed::Himself, Evidence::Proven { .. } | Evidence::Missing(_) | Evidence::Signed { .. }) => {
            Verdict::Held(Why::SecondPersonNeeded)
        }
        (Confirmed::No, _) => match bound(mode, token, sender_matches, evidence) {
            Verdict::Allowed if by_signature => Verdict::Allowed,
            Verdict::Allowed => Verdict::AskDirectoryAddress(Why::ConfirmationAsked),
            asked @ (Verdict::AskDirectoryAddress(_) | Verdict::Held(_)) => asked,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ActClass::*;
    use Confirmed::{Himself, No, SecondPerson};
    use EvidenceMode as Mode;
    use Verdict::*;

    const MODES: [Mode; 5] = [Mode::Dmarc, Mode::Dkim, Mode::Internal, Mode::Confirm, Mode::Token];

    fn token(kind: TokenKind) -> Token {
        Token { kind, case_serial: 1, slot: 2, step: 3 }
    }
    fn proven() -> Evidence {
        Evidence::Proven { how: "dmarc=pass".into() }
    }
    fn signed() -> Evidence {
        Evidence::Signed { how: "S/MIME".into() }
    }
    const MISSING: Evidence = Evidence::Missing(Reason::DmarcFail);

    #[test]
    fn the_table() {
        let (route, action) = (token(TokenKind::Route), token(TokenKind::Action));
        let ask = AskDirectoryAddress;
        #[expect(clippy::type_complexity, reason = "a table")]
        let rows: &[(ActClass, Mode, Option<&Token>, bool, Evidence, Confirmed, Verdict)] = &[
            (L0, Mode::Dmarc, Some(&route), false, MISSING, No, Held(Why::Stranger)),
            (L0, Mode::Dmarc, None, true, MISSING, No, Allowed),
            (L1, Mode::Dmarc, Some(&route), true, proven(), No, Allowed),
            (L1, Mode::Dmarc, Some(&route), true, MISSING, No, ask(Why::NotProven(Reason::DmarcFail))),
            (L1, Mode::Dmarc, Some(&route), false, proven(), No, Held(Why::SenderDiffers)),
            (L1, Mode::Token, Some(&route), true, MISSING, No, Allowed),
            (L2, Mode::Dmarc, Some(&action), true, proven(), No, Allowed),
            (L2, Mode::Dmarc, Some(&action), true, MISSING, No, ask(Why::NotProven(Reason::DmarcFail))),
            (L2, Mode::Dmarc, Some(&action), true, MISSING, Himself, Allowed),
            (L2, Mode::Dmarc, Some(&action), false, proven(), No, ask(Why::SenderDiffers)),
            (L2, Mode::Dmarc, Some(&route), true, proven(), No, ask(Why::NoToken)),
            (L2, Mode::Dmarc, None, true, proven(), No, ask(Why::NoToken)),
            (L2, Mode::Dmarc, None, false, proven(), No, Held(Why::Stranger)),
            (L2, Mode::Confirm, Some(&action), true, proven(), No, ask(Why::ConfirmationAsked)),
            (L2, Mode::Confirm, Some(&action), true, MISSING, Himself, Allowed),
            (Safe, Mode::Dmarc, Some(&route), true, MISSING, No, Allowed),
            (Safe, Mode::Dmarc, None, true, MISSING, No, ask(Why::NoToken)),
            (L3, Mode::Dmarc, Some(&action), true, proven(), No, ask(Why::ConfirmationAsked)),
            (L3, Mode::Dmarc, Some(&action), true, proven(), Himself, Allowed),
            (L3, Mode::Dmarc, Some(&action), true, MISSING, Himself, Held(Why::SecondPersonNeeded)),
            (L3, Mode::Token, Some(&action), true, proven(), Himself, Held(Why::SecondPersonNeeded)),
            (L3, Mode::Confirm, Some(&action), true, MISSING, SecondPerson, Allowed),
            (L2, Mode::Confirm, Some(&action), true, signed(), No, Allowed),
            (L2, Mode::Confirm, None, true, signed(), No, ask(Why::NoToken)),
            (L2, Mode::Dmarc, Some(&action), false, signed(), No, ask(Why::SenderDiffers)),
            (L3, Mode::Dmarc, Some(&action), true, signed(), No, Allowed),
            (L3, Mode::Dmarc, Some(&action), false, signed(), No, ask(Why::SenderDiffers)),
            (L3, Mode::Dmarc, Some(&action), false, signed(), Himself, Held(Why::SecondPersonNeeded)),
            (L3, Mode::Dmarc, Some(&route), true, signed(), No, ask(Why::NoToken)),
        ];
        for (n, (class, mode, token, matches, evidence, confirmed, expected)) in rows.iter().enumerate() {
            assert_eq!(enough(*class, *mode, *token, *matches, evidence, *confirmed), *expected, "row {n}");
        }
    }

    #[test]
    fn nobody_else_decides_and_a_complainants_token_never_does() {
        for mode in MODES {
            for class in [Safe, L1, L2, L3] {
                for kind in TokenKind::ALL {
                    for evidence in [proven(), signed(), MISSING] {
                        assert_ne!(enough(class, mode, Some(&token(kind)), false, &evidence, No), Allowed, "{class:?} {mode:?} {kind:?}");
                    }
                }
                for kind in [TokenKind::Public, TokenKind::Survey] {
                    assert_ne!(enough(class, mode, Some(&token(kind)), true, &proven(), No), Allowed, "{class:?} {mode:?} {kind:?}");
                }
                assert_ne!(enough(class, mode, None, true, &proven(), No), Allowed, "{class:?} {mode:?}");
            }
        }
    }

    #[test]
    fn more_proof_never_turns_a_yes_into_a_no() {
        for mode in MODES {
            for class in [L0, Safe, L1, L2, L3] {
                for kind in TokenKind::ALL {
                    let weak = enough(class, mode, Some(&token(kind)), true, &MISSING, No);
                    let strong = enough(class, mode, Some(&token(kind)), true, &proven(), No);
                    assert!(weak != Allowed || strong == Allowed, "{class:?} {mode:?} {kind:?}");
                }
            }
        }
    }
}
