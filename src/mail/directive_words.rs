//! The names of the directives, Chinese and English, what each takes, and which known name a misspelt one comes nearest to.
//! Used by directive.rs and directive_read.rs; what an act does is decided elsewhere.

use super::near;
use super::wording::squeeze;

/// What stands behind a directive's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing; words behind it are not part of it.
    Nothing,
    /// Words to the end of the line (or to the next directive on it).
    Line,
    /// As `Line`, and the name may be glued to its argument (`#分派教務處`, `#等級B`).
    Glued,
    /// Text that goes on over the following lines.
    Text,
}

/// One directive name, without its argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Accept,
    Assign,
    CoAssign,
    Handler,
    SelfHandle,
    Reject,
    Refer,
    NoAction,
    Merge,
    Link,
    Grade,
    Category,
    Major,
    NotMajor,
    Confidential,
    NotConfidential,
    Sealed,
    NotSealed,
    Hold,
    NotHold,
    Release,
    AskIdentity,
    GrantIdentity,
    RefuseIdentity,
    Set,
    Approve,
    Return,
    Note,
    Ask,
    Extend,
    Urge,
    Action,
    Recommend,
    Close,
    Continue,
    Register,
    Status,
    Report,
    Help,
    Spam,
    Withdraw,
    Supplement,
    Start,
    Promise,
    Preliminary,
    Phone,
    Copy,
    Survey,
    Closure,
    Duty,
    NoComment,
    Dossier,
    PaperApproval,
    Proposal,
    Satisfied,
    Dissatisfied,
    Confirm,
    Recall,
}

/// Every name; the first Chinese one is the one that is suggested.
pub(super) const NAMES: &[(Name, Takes, &[&str])] = &[
    (Name::Accept, Takes::Nothing, &["受理", "accept"]),
    (Name::Assign, Takes::Glued, &["分派", "派案", "分文", "改分", "交辦", "轉交", "assign"]),
    (Name::CoAssign, Takes::Glued, &["協辦", "會辦", "會同", "co-assign", "coassign", "co_assign"]),
    (Name::Handler, Takes::Glued, &["承辦", "承辦人", "handler"]),
    (Name::SelfHandle, Takes::Line, &["自辦", "self"]),
    (Name::Reject, Takes::Text, &["不受理", "不予受理", "reject"]),
    (Name::Refer, Takes::Line, &["轉介", "移轉", "refer"]),
    (Name::NoAction, Takes::Line, &["存查", "不予處理", "no-action", "noaction", "no_action"]),
    (Name::Merge, Takes::Glued, &["併案", "合併", "merge"]),
    (Name::Link, Takes::Glued, &["關聯", "關連", "link"]),
    (Name::Grade, Takes::Glued, &["等級", "級別", "分級", "grade"]),
    (Name::Category, Takes::Glued, &["類別", "分類", "category", "categories"]),
    (Name::Major, Takes::Line, &["重大", "major"]),
    (Name::NotMajor, Takes::Nothing, &["非重大", "不重大", "not-major"]),
    (Name::Confidential, Takes::Line, &["保密", "confidential"]),
    (Name::NotConfidential, Takes::Nothing, &["解密", "不保密", "解除保密", "not-confidential"]),
    (Name::Sealed, Takes::Line, &["密件", "sealed"]),
    (Name::NotSealed, Takes::Nothing, &["解除密件", "非密件", "not-sealed"]),
    (Name::Hold, Takes::Text, &["保全", "法律保全", "暫緩銷毀", "hold"]),
    (Name::NotHold, Takes::Text, &["解除保全", "恢復銷毀", "unhold"]),
    (Name::Release, Takes::Nothing, &["放行", "附件放行", "release"]),
    (Name::AskIdentity, Takes::Text, &["調閱個資", "調閱", "unmask"]),
    (Name::GrantIdentity, Takes::Nothing, &["准予調閱", "准調閱", "disclose"]),
    (Name::RefuseIdentity, Takes::Text, &["不予調閱", "不准調閱", "conceal"]),
    (Name::Set, Takes::Text, &["補登", "set"]),
    (Name::Approve, Takes::Nothing, &["核准", "同意", "如擬", "可", "approve", "approved"]),
    (Name::Return, Takes::Text, &["退回", "return"]),
    (Name::Note, Takes::Text, &["進度", "處理進度", "note"]),
    (Name::Ask, Takes::Text, &["詢問", "補正", "ask"]),
    (Name::Extend, Takes::Glued, &["展延", "延期", "extend"]),
    (Name::Urge, Takes::Line, &["稽催", "催辦", "urge"]),
    (Name::Action, Takes::Line, &["措施", "action"]),
    (Name::Recommend, Takes::Line, &["推薦", "recommend"]),
    (Name::Close, Takes::Line, &["結案", "close"]),
    (Name::Continue, Takes::Line, &["續辦", "抽回續辦", "continue"]),
    (Name::Register, Takes::Text, &["登錄", "register"]),
    (Name::Status, Takes::Line, &["查詢", "status"]),
    (Name::Report, Takes::Line, &["報表", "report"]),
    (Name::Help, Takes::Nothing, &["說明", "help"]),
    (Name::Spam, Takes::Nothing, &["垃圾", "垃圾信", "spam"]),
    (Name::Withdraw, Takes::Line, &["撤案", "withdraw"]),
    (Name::Supplement, Takes::Text, &["補充", "supplement"]),
    (Name::Start, Takes::Nothing, &["收案", "start"]),
    (Name::Promise, Takes::Glued, &["承諾", "promise"]),
    (Name::Preliminary, Takes::Text, &["初覆", "初步答覆", "初復", "preliminary"]),
    (Name::Phone, Takes::Line, &["電聯", "phone"]),
    (Name::Copy, Takes::Line, &["副知", "copy"]),
    (Name::Survey, Takes::Text, &["調查", "survey"]),
    (Name::Closure, Takes::Line, &["停班", "closure"]),
    (Name::Duty, Takes::Line, &["值班", "duty"]),
    (Name::NoComment, Takes::Nothing, &["無意見", "no-comment", "nocomment"]),
    (Name::Dossier, Takes::Line, &["調卷", "dossier"]),
    (Name::PaperApproval, Takes::Line, &["代登核准", "paper-approval"]),
    (Name::Proposal, Takes::Text, &["答覆", "擬答覆", "answer", "proposal"]),
    (Name::Satisfied, Takes::Nothing, &["滿意", "satisfied"]),
    (Name::Dissatisfied, Takes::Nothing, &["不滿意", "dissatisfied"]),
    (Name::Confirm, Takes::Nothing, &["追認", "確認", "confirm"]),
    (Name::Recall, Takes::Nothing, &["撤銷", "recall"]),
];

/// The directive called `word` exactly (any width, any case).
pub(super) fn find(word: &str) -> Option<(Name, Takes)> {
    let word = squeeze(word);
    NAMES.iter().find(|(_, _, names)| names.contains(&word.as_str())).map(|(name, takes, _)| (*name, *takes))
}

/// The directive whose Chinese name opens `word` and is glued to an argument that it can take, with that argument as typed.
/// Only names that take an argument: `#核准與否再議` is no approval. The longest name wins.
pub(super) fn find_glued(word: &str) -> Option<(Name, Takes, String)> {
    let mut best: Option<(Name, Takes, usize)> = None;
    for (name, takes, names) in NAMES.iter().filter(|(_, takes, _)| *takes == Takes::Glued) {
        for known in names.iter().filter(|n| !n.is_ascii()) {
            let count = known.chars().count();
            if word.starts_with(known) && best.is_none_or(|(_, _, longest)| count > longest) {
                best = Some((*name, *takes, count));
            }
        }
    }
    let (name, takes, count) = best?;
    let argument: String = word.chars().skip(count).collect();
    let first = super::wording::norm(&argument).chars().next()?;
    let fits = match name {
        Name::Extend | Name::Promise | Name::Merge | Name::Link => first.is_ascii_digit() || "一二兩三四五六七八九十至到".contains(first),
        Name::Grade => {
            let grade = super::directive_read::grade(argument.split_whitespace().next().unwrap_or_default());
            grade.len() == 1 || matches!(grade.as_str(), "特急" | "急" | "一般")
        }
        _ => true,
    };
    fits.then_some((name, takes, argument))
}

/// The known name that a misspelt one comes nearest to; `None` when none is near (more than one change in a name of up to
/// three characters, more than two in a longer one). Of equally near ones the one with the same first character, then the first listed.
pub(super) fn nearest(word: &str) -> Option<&'static str> {
    let word = near::fold(&squeeze(word));
    let count = word.chars().count();
    if count == 0 || count > 20 {
        return None;
    }
    let allowed = if count <= 3 { 1 } else { 2 };
    NAMES
        .iter()
        .flat_map(|(_, _, names)| names.iter())
        .filter(|name| count > 1 && name.chars().count() > 1)
        .map(|name| {
            let folded = near::fold(name);
            (near::distance(&word, &folded), word.chars().next() != folded.chars().next(), *name)
        })
        .filter(|(d, other_first, name)| *d <= allowed && !(*other_first && *d >= name.chars().count()) && *d < count)
        .min_by_key(|(d, other_first, _)| (*d, *other_first))
        .map(|(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_directives_share_a_name_and_every_name_is_found() {
        let mut seen = BTreeSet::new();
        for (name, takes, names) in NAMES {
            for word in *names {
                assert!(seen.insert(*word), "{word} twice");
                assert_eq!(find(word), Some((*name, *takes)));
                assert_eq!(find(&word.to_uppercase()), Some((*name, *takes)));
            }
        }
    }

    #[test]
    fn a_misspelt_name_gets_its_neighbour_and_nonsense_gets_none() {
        for (wrong, right) in [
            ("核準", "核准"),
            ("受裡", "受理"),
            ("展沿", "展延"),
            ("退迴", "退回"),
            ("分派處", "分派"),
            ("approev", "approve"),
            ("exted", "extend"),
            ("asign", "assign"),
            ("不受裡", "不受理"),
            ("ACEPT", "accept"),
            ("结案", "結案"),
            ("转介", "轉介"),
            ("续办", "續辦"),
            ("协办", "協辦"),
            ("不满意", "不滿意"),
        ] {
            assert_eq!(nearest(wrong), Some(right), "{wrong}");
        }
        for word in ["天氣", "k7f3q9w2", "活動花絮", "x", ""] {
            assert_eq!(nearest(word), None, "{word}");
        }
    }
}
