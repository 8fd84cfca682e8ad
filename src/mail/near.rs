//! The right form that a misspelt word comes nearest to: edit distance over folded characters, so that simplified and variant forms
//! (结案, 教务处, 核準, 台/臺) find their names. Used for directives, units, people, grades and numbers; never to act on, only to suggest.

use unicode_normalization::UnicodeNormalization;

/// Pairs of a form and the one that it is compared as: simplified, Japanese and variant characters of office words.
const FORMS: &str = "处處务務总總学學图圖书書馆館会會计計资資讯訊发發办辦体體国國际際产產环環卫衛护護医醫药藥营營业業财財维維组組课課级級准準迴回复復覆復覄復裏裡里裡\
台臺协協转轉并併並併关關联聯类類别別补補进進度度询詢问問荐薦结結续續录錄查查报報说說无無见見调調诺諾电電认認满滿销銷确確单單长長处處机機车車场場厂廠质質\
证證练練习習师師职職员員团團区區县縣乡鄉镇鎮东東龙龍凤鳳张張陈陳刘劉黄黃吴吳郑鄭许許谢謝杨楊罗羅叶葉苏蘇吕呂冯馮邓鄧萧蕭赖賴简簡钟鐘颜顏邹鄒丰豐鱼魚\
画畫线線网網统統设設备備辅輔导導训訓练練传傳输輸运運费費价價购購权權归歸责責审審议議论論评評稿稿为為与與对對应應当當条條款款号號码碼码碼証證徵征敎教説說囯國";

/// A word as it is compared: width, case, spaces and variants folded.
#[must_use]
pub fn fold(word: &str) -> String {
    let forms: Vec<char> = FORMS.chars().collect();
    let same = |c: char| forms.chunks_exact(2).find(|pair| pair.first() == Some(&c)).and_then(|pair| pair.get(1)).copied().unwrap_or(c);
    word.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).map(same).collect()
}

/// The name among `names` that `written` was probably meant to be; none when none is near. A part of a name, or a name with more
/// around it, is near; else a third of its characters may differ, at least one.
#[must_use]
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(written);
    let count = folded.chars().count();
    if count == 0 || count > 60 {
        return None;
    }
    let judged = names.into_iter().map(|name| (rank(&folded, &fold(name)), name));
    judged.filter_map(|(rank, name)| rank.map(|r| (r, name))).min_by_key(|(rank, _)| *rank).map(|(_, name)| name)
}

/// How far apart two folded words are; none when too far. Containment counts as one change, whatever is around.
fn rank(written: &str, name: &str) -> Option<usize> {
    let (count, wide) = (written.chars().count(), name.chars().count());
    if wide == 0 {
        return None;
    }
    let changes = distance(written, name);
    let limit = (count.max(wide) / 3).max(1);
    if changes <= limit && changes < wide {
        return Some(changes);
    }
    let part = count >= 2 && wide >= 2 && (name.contains(written) || written.contains(name));
    part.then_some(limit + 1)
}

/// Changes (put in, take out, replace, swap neighbours) that make one word of the other.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let at = |line: &[usize], n: usize| line.get(n).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&row, j) + usize::from(ca != cb)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(cb) && b.get(j - 1) == Some(ca);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_pairs() {
        assert_eq!(FORMS.chars().count() % 2, 0);
        assert_eq!(fold("教务处 Ａ級"), "教務處a級");
        assert_eq!(fold("核准"), fold("核準"));
    }

    #[test]
    fn the_nearest_name_is_suggested_and_strangers_are_not() {
        let units = ["教務處", "學生事務處", "總務處", "圖書資訊處"];
        for (written, right) in [
            ("教务处", Some("教務處")),
            ("教務", Some("教務處")),
            ("教物處", Some("教務處")),
            ("總務處營繕組", Some("總務處")),
            ("学生事务处", Some("學生事務處")),
            ("圖書資訊", Some("圖書資訊處")),
            ("附設醫院", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, units), right, "{written}");
        }
        assert_eq!(nearest("115-0024", ["115-0042", "115-0003"]), Some("115-0042"));
    }
}
