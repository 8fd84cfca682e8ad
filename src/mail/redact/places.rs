//! Postal addresses of Taiwan: from the county or the road to 號, 樓, 室. A road without a house number is nobody's address.

use super::{Found, Kind, Text};

/// Adds every address with a house number.
pub(super) fn find(text: &Text, out: &mut Vec<Found>) {
    for place in 0..text.len() {
        if text.at(place) != '號' {
            continue;
        }
        let Some(number) = house_number(text, place) else { continue };
        let Some(road) = road_before(text, number) else { continue };
        out.push(Found { span: start(text, road)..end(text, place + 1), kind: Kind::Address });
    }
}

fn figure(c: char) -> bool {
    c.is_ascii_digit() || "一二三四五六七八九十百〇零".contains(c)
}

/// Where the number before 號 begins (`100`, `12-3`, `12之3`, `一百`); none where there is none.
fn house_number(text: &Text, sign: usize) -> Option<usize> {
    let mut at = sign;
    while figure(text.before(at)) || (at < sign && "-之 ".contains(text.before(at)) && at > 1) || (at == sign && text.before(at) == ' ') {
        at -= 1;
    }
    while at < sign && "-之 ".contains(text.at(at)) {
        at += 1;
    }
    (at < sign).then_some(at)
}

/// Steps back over 弄, 巷, 段, 鄰 with their numbers to the end of a road's, a street's or a village's name.
fn road_before(text: &Text, from: usize) -> Option<usize> {
    let mut at = from;
    for _ in 0..6 {
        while text.before(at) == ' ' {
            at -= 1;
        }
        match text.before(at) {
            '路' | '街' | '道' | '村' | '里' => return Some(at),
            '弄' | '巷' | '段' | '鄰' | '衖' => {
                at -= 1;
                while figure(text.before(at)) || text.before(at) == ' ' {
                    at -= 1;
                }
                if at > 0 && !"路街道村里段巷弄鄰".contains(text.before(at)) {
                    // 「文化巷12號」: a lane with a name.
                    return Some(at);
                }
            }
            // 「中山路一百號」 read as part of the name: the road ends here.
            _ => return None,
        }
    }
    None
}

/// Where the address begins: the road's name and the towns before it.
fn start(text: &Text, road: usize) -> usize {
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c) || c.is_ascii_digit();
    const STOPS: &[&str] = &[
        "住在",
        "住於",
        "地址是",
        "地址為",
        "地址",
        "位於",
        "寄到",
        "寄至",
        "寄往",
        "家在",
        "戶籍",
        "戶籍地",
        "現居",
        "租屋於",
        "租在",
        "搬到",
        "送到",
        "送至",
        "住址",
        "就住",
        "址",
        "住",
        "在",
        "至",
        "到",
        "是",
        "於",
        "為",
    ];
    let mut at = road;
    let mut taken = 0;
    while taken < 24 && (han(text.before(at)) || (text.before(at) == ' ' && taken > 0 && han(text.at(at)))) {
        let lead = text.lead(at, 3);
        if taken >= 2 && STOPS.iter().any(|w| lead.ends_with(w)) && !town_ahead(text, at) {
            break;
        }
        at -= 1;
        taken += 1;
    }
    while text.at(at) == ' ' {
        at += 1;
    }
    let span: Vec<char> = (at..road).map(|p| text.at(p)).collect();
    if taken >= 24 {
        // Nothing bounded it: the towns' names, else the road's alone.
        let cut = span.iter().position(|c| "市縣".contains(*c)).map_or(span.len().saturating_sub(4), |p| p.saturating_sub(2));
        return at + cut;
    }
    at
}

/// 「到」 and the like inside a name (仁德區中正路 has none); a stop that is part of a town's name is none.
fn town_ahead(text: &Text, at: usize) -> bool {
    text.before(at) == '在' && text.at(at) == '來'
}

/// Floor, room and what stands in brackets behind 號.
fn end(text: &Text, from: usize) -> usize {
    let mut at = from;
    loop {
        let mut next = at;
        while " ,，之-".contains(text.at(next)) && text.at(next) != '\0' {
            next += 1;
        }
        let begins = next;
        while figure(text.at(next)) || (next == begins && "B地下".contains(text.at(next)) && text.at(next) != '\0') {
            next += 1;
        }
        let joined = "之-".contains(text.at(at)) && text.at(at) != '\0';
        if next > begins && ("樓室F".contains(text.at(next)) && text.at(next) != '\0') {
            at = next + 1;
        } else if next > begins && joined {
            at = next;
        } else {
            return at;
        }
    }
}
