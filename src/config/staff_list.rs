//! Reads the personnel office's list of people (R81): CSV in UTF-8 or Big5 with Chinese or English headings, in any order. Says every
//! mistake with its line; what the lines mean for the directory is `staff_merge.rs`. Called by `directory import`.

use encoding_rs::BIG5;

use super::mistake::nearest;

/// A mistake in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMistake {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong there, and what to do.
    pub what: String,
}

/// A person as the list tells him. `None`: the list has no such column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Line of the file, from 1.
    pub line: usize,
    /// 編號.
    pub number: String,
    /// 姓名.
    pub name: String,
    /// 電子郵件.
    pub email: String,
    /// 單位, several apart by 、 or ;.
    pub units: Option<Vec<String>>,
    /// 職稱.
    pub title: Option<String>,
    /// 分機.
    pub extension: Option<String>,
    /// 角色, several apart by 、 or ;.
    pub roles: Option<Vec<String>>,
    /// 主管: yes, no, or who heads the unit.
    pub head: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Number,
    Name,
    Email,
    Unit,
    Title,
    Extension,
    Role,
    Head,
}

/// Headings as personnel systems write them; blanks, case and what stands in brackets do not matter.
const HEADINGS: &[(Column, &[&str])] = &[
    (
        Column::Number,
        &[
            "編號",
            "工號",
            "員工編號",
            "員編",
            "人員編號",
            "職員編號",
            "職號",
            "人事代號",
            "id",
            "number",
            "no",
            "employeeid",
            "staffid",
            "employeeno",
            "staffno",
        ],
    ),
    (Column::Name, &["姓名", "中文姓名", "員工姓名", "名字", "name", "fullname", "displayname"]),
    (Column::Email, &["電子郵件", "電子信箱", "電郵", "信箱", "公務信箱", "電子郵件信箱", "email", "mail", "emailaddress"]),
    (Column::Unit, &["單位", "部門", "所屬單位", "服務單位", "單位名稱", "部門名稱", "處室", "unit", "department", "dept", "division"]),
    (Column::Title, &["職稱", "職務", "職務名稱", "title", "jobtitle", "position"]),
    (Column::Extension, &["分機", "分機號碼", "校內分機", "extension", "ext", "phoneextension"]),
    (Column::Role, &["角色", "申訴角色", "權限", "role", "roles"]),
    (Column::Head, &["主管", "單位主管", "是否主管", "直屬主管", "head", "manager", "supervisor", "ishead"]),
];

/// The first line of a list as `directory export` writes it.
pub const FIRST_LINE: &str = "編號,姓名,電子郵件,單位,職稱,分機,角色";

/// Reads a list.
///
/// # Errors
/// Every mistake in the file, in the order of its lines.
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, Vec<ListMistake>> {
    let at = |line, what: String| ListMistake { line, what };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match BIG5.decode(bytes) {
            (text, _, false) => text.into_owned(),
            (_, _, true) => return Err(vec![at(1, "neither UTF-8 nor Big5: save it as CSV UTF-8".to_owned())]),
        },
    };
    let mut mistakes = Vec::new();
    let mut rows = records(text.trim_start_matches('\u{feff}'), &mut mistakes).into_iter();
    let Some((first, titles)) = rows.next() else { return Err(vec![at(1, "the file is empty".to_owned())]) };
    let columns = columns(first, &titles, &mut mistakes);
    let mut lines = Vec::new();
    for (line, cells) in rows {
        if cells.iter().all(|c| c.is_empty()) {
            continue;
        }
        if cells.len() > titles.len() && cells.iter().skip(titles.len()).any(|c| !c.is_empty()) {
            mistakes.push(at(line, format!("{} cells under {} headings: put what holds a comma into \"…\"", cells.len(), titles.len())));
            continue;
        }
        let made = made(line, &columns, &cells);
        if made.name.is_empty() {
            mistakes.push(at(line, "姓名 is empty: every line needs a name".to_owned()));
        }
        if let Some(what) = wrong_address(&made.email) {
            mistakes.push(at(line, what));
        }
        lines.push(made);
    }
    if lines.is_empty() && mistakes.is_empty() {
        mistakes.push(at(first, "nobody stands in it".to_owned()));
    }
    mistakes.sort_by_key(|m| m.line);
    if mistakes.is_empty() { Ok(lines) } else { Err(mistakes) }
}

fn wrong_address(email: &str) -> Option<String> {
    if email.is_empty() {
        return Some("電子郵件 is empty: every line needs an address of its own, or leave the person out".to_owned());
    }
    let fits = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains('@')
    });
    let odd = email.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"()".contains(c));
    (!fits || odd).then(|| format!("`{email}` is no mail address: write one, as wang@kmu.example"))
}

fn columns(line: usize, titles: &[String], mistakes: &mut Vec<ListMistake>) -> Vec<Option<Column>> {
    let mut found: Vec<Option<Column>> = Vec::new();
    for title in titles {
        let bare = bare(title);
        let column = HEADINGS.iter().find(|(_, names)| names.contains(&bare.as_str())).map(|(c, _)| *c);
        if column.is_some() && found.contains(&column) {
            mistakes.push(ListMistake { line, what: format!("`{title}` means the same as a heading before it: leave one column") });
        }
        found.push(column);
    }
    for (column, name) in [(Column::Name, "姓名"), (Column::Email, "電子郵件")] {
        if !found.contains(&Some(column)) {
            let all: Vec<String> = titles.iter().map(|t| bare(t)).collect();
            let near = HEADINGS
                .iter()
                .filter(|(c, _)| *c == column)
                .flat_map(|(_, names)| names.iter())
                .find_map(|n| nearest(n, all.iter().map(String::as_str)));
            let hint = near.map(|n| format!("; did `{n}` mean it?")).unwrap_or_default();
            mistakes.push(ListMistake { line, what: format!("no heading {name}: the first line names the columns{hint}") });
        }
    }
    found
}

/// A heading without blanks, brackets and what stands in them, in lower case.
fn bare(title: &str) -> String {
    let before = title.split(['(', '（']).next().unwrap_or_default();
    before.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn made(line: usize, columns: &[Option<Column>], cells: &[String]) -> Line {
    let cell = |column: Column| {
        let place = columns.iter().position(|c| *c == Some(column))?;
        let text = cells.get(place).map_or("", String::as_str);
        // An apostrophe keeps a spreadsheet from taking it for a formula.
        Some(text.strip_prefix('\'').filter(|t| t.starts_with(['=', '+', '-', '@'])).unwrap_or(text).to_owned())
    };
    let list = |column: Column| cell(column).map(|text| several(&text));
    Line {
        line,
        number: cell(Column::Number).unwrap_or_default(),
        name: cell(Column::Name).unwrap_or_default(),
        email: cell(Column::Email).unwrap_or_default(),
        units: list(Column::Unit),
        title: cell(Column::Title),
        extension: cell(Column::Extension),
        roles: list(Column::Role),
        head: cell(Column::Head),
    }
}

fn several(text: &str) -> Vec<String> {
    text.split(['、', ';', '；', '/', '／', '|']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

/// Records of a CSV text (RFC 4180), each with the line that it begins in. Tabs and semicolons separate where the first line has
/// no comma. An open quotation mark is a mistake of the line in which it stands.
fn records(text: &str, mistakes: &mut Vec<ListMistake>) -> Vec<(usize, Vec<String>)> {
    let head = text.lines().next().unwrap_or_default();
    let by = [',', '\t', ';'].into_iter().find(|c| head.contains(*c)).unwrap_or(',');
    let mut out = Vec::new();
    let (mut cells, mut cell): (Vec<String>, String) = (Vec::new(), String::new());
    let (mut line, mut begun, mut quoted) = (1, 1, None);
    let mut chars = text.chars().peekable();
    let end = |cell: &mut String| std::mem::take(cell).trim().to_owned();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', Some(_)) if chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            ('"', Some(_)) => quoted = None,
            ('"', None) if cell.trim().is_empty() => quoted = Some(line),
            ('\r', _) => {}
            ('\n', None) => {
                cells.push(end(&mut cell));
                out.push((begun, std::mem::take(&mut cells)));
                line += 1;
                begun = line;
            }
            ('\n', Some(_)) => {
                line += 1;
                cell.push(' ');
            }
            (c, None) if c == by => cells.push(end(&mut cell)),
            (c, _) => cell.push(c),
        }
    }
    if let Some(open) = quoted {
        mistakes.push(ListMistake { line: open, what: "a quotation mark is opened and never closed".to_owned() });
    }
    if !cell.trim().is_empty() || !cells.is_empty() {
        cells.push(end(&mut cell));
        out.push((begun, cells));
    }
    out.retain(|(_, cells)| cells.iter().any(|c| !c.is_empty()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_all_kinds_and_both_encodings_say_the_same() {
        let chinese =
            "員工編號,姓名,電子郵件(公務),單位,職稱,分機,角色\r\nA01,王小明,wang@kmu.example,\"教務處、總務處\",組員,2101,承辦人\r\n";
        let english =
            "Dept;Full Name;E-mail;Role;Job Title;Ext.;Employee ID\n教務處/總務處;王小明;wang@kmu.example;承辦人;組員;2101;A01\n\n";
        let (big5, _, lossy) = BIG5.encode(chinese);
        assert!(!lossy);
        let bom = [b"\xef\xbb\xbf".as_slice(), chinese.as_bytes()].concat();
        let one = read(chinese.as_bytes()).expect("UTF-8");
        assert_eq!(read(&big5).expect("Big5"), one);
        assert_eq!(read(&bom).expect("BOM"), one);
        assert_eq!(read(english.as_bytes()).expect("English"), one);
        let line = &one[0];
        assert_eq!((line.line, line.number.as_str(), line.head.as_deref()), (2, "A01", None));
        assert_eq!(line.units.as_deref(), Some(["教務處".to_owned(), "總務處".to_owned()].as_slice()));
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let text = "姓名,電子郵件\n王,wang@kmu.example\n\n,lin@kmu.example\n陳,chen(at)kmu\n吳,wu@kmu.example,3001\n";
        let said: Vec<(usize, String)> = read(text.as_bytes()).expect_err("wrong").into_iter().map(|m| (m.line, m.what)).collect();
        assert_eq!(said.iter().map(|(l, _)| *l).collect::<Vec<_>>(), [4, 5, 6]);
        assert!(said[1].1.contains("chen(at)kmu"), "{said:?}");
        let said = read("姓名,信相\n".as_bytes()).expect_err("no column");
        assert!(said[0].what.contains("電子郵件"), "{said:?}");
        assert_eq!(read("姓名,信箱\n\"王,a@b.c\n".as_bytes()).expect_err("open")[0].line, 2);
        assert!(read(b"").is_err() && read(b"\xff\xfe\x00\x81").is_err());
    }
}
