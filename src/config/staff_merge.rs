//! What the lines of the personnel office's list mean: who is who, which units and roles they name, who has left (R81). All or nothing,
//! every mistake with its line. Called by `directory import`; reading the file is `staff_list.rs`.

use std::collections::{BTreeMap, BTreeSet};

use super::mistake::nearest;
use super::staff_list::{Line, ListMistake};
use crate::domain::directory::{Directory, HANDLER, UNIT_HEAD};
use crate::domain::roster::{Entry, Former, Post, Posts, Roster};
use crate::domain::{PersonId, RoleId, UnitId};

/// What the lines are held against.
#[derive(Debug)]
pub struct Known<'a> {
    /// People and units as they count now.
    pub directory: &'a Directory,
    /// People and units of the config alone.
    pub configured: &'a Directory,
    /// The list in force.
    pub list: &'a Roster,
    /// The profile's roles: id and title.
    pub roles: Vec<(RoleId, String)>,
    /// The office that owns the procedure; it is no unit of the config.
    pub office: &'a str,
    /// Our own mailboxes.
    pub mailboxes: Vec<&'a str>,
    /// Units that the config does not know are other departments, and no mistake.
    pub other_units: bool,
}

/// Words of the column 主管.
const YES: &[&str] = &["是", "y", "yes", "v", "true", "1", "○", "✓", "o", "主管"];
const NO: &[&str] = &["", "否", "n", "no", "false", "0", "x", "✗", "-", "－"];
/// Words of the column 角色 that mean a post in the person's own unit.
const POSTS: &[(Post, &[&str])] = &[
    (Post::Head, &["單位主管", "主管", "一級單位主管", "head", UNIT_HEAD]),
    (Post::Registrar, &["總收發", "收發", "登記", "分文", "registrar"]),
    (Post::Handler, &["承辦人", "承辦", "經辦", HANDLER]),
];

/// The list that the lines make.
///
/// # Errors
/// Every mistake, in the order of the lines.
pub fn merge(lines: &[Line], known: &Known<'_>) -> Result<Roster, Vec<ListMistake>> {
    let told = lines.iter().map(|l| l.email.to_lowercase()).collect();
    let mut merging = Merging { known, mistakes: Vec::new(), lines: BTreeMap::new(), told, names: BTreeMap::new() };
    for line in lines {
        *merging.names.entry(line.name.clone()).or_default() += 1;
    }
    let mut listed = BTreeMap::new();
    for line in lines {
        let Some(id) = merging.identity(line) else { continue };
        if let Some(first) = merging.lines.insert(id.clone(), line.line) {
            merging.wrong(line.line, format!("{} stands in line {first} already", line.name));
            continue;
        }
        let entry = merging.entry(&id, line);
        listed.insert(id, entry);
    }
    merging.heads(lines, &mut listed);
    let mut left = known.list.left.clone();
    left.retain(|id, _| !listed.contains_key(id));
    for (id, before) in known.list.listed.iter().filter(|(id, _)| !listed.contains_key(id)) {
        left.insert(id.clone(), Former { number: before.number.clone(), name: before.name.clone() });
    }
    let made = Roster { version: 0, listed, left };
    merging.whole(&made, &made.over(known.configured));
    let mut mistakes = merging.mistakes;
    mistakes.sort_by_key(|m| m.line);
    if mistakes.is_empty() { Ok(made) } else { Err(mistakes) }
}

struct Merging<'a> {
    known: &'a Known<'a>,
    mistakes: Vec<ListMistake>,
    lines: BTreeMap<PersonId, usize>,
    /// Addresses of the lines.
    told: BTreeSet<String>,
    /// How many lines have a name.
    names: BTreeMap<String, usize>,
}

impl Merging<'_> {
    fn wrong(&mut self, line: usize, what: String) {
        self.mistakes.push(ListMistake { line, what });
    }

    /// Whom a line is about: by number, else by address; else somebody new. The mailbox of who left may be another's now, so an
    /// address alone says nothing against a different number.
    fn identity(&mut self, line: &Line) -> Option<PersonId> {
        let list = &self.known.list;
        let number = line.number.trim();
        if !number.is_empty() {
            let listed = list.listed.iter().find(|(_, e)| e.number == number).map(|(id, _)| id);
            let found = listed.or_else(|| list.left.iter().find(|(_, f)| f.number == number).map(|(id, _)| id));
            let by_id = || self.known.directory.people.keys().find(|id| id.as_str() == number);
            if let Some(id) = found.or_else(by_id) {
                return Some(id.clone());
            }
        }
        let directories = [self.known.directory, self.known.configured];
        let by_address = directories.iter().find_map(|d| d.by_email(&line.email)).map(|p| p.id.clone());
        let numbered = |id: &PersonId| list.listed.get(id).map_or_else(|| list.left.get(id).map_or("", |f| &f.number), |e| &e.number);
        // An id of ours that `directory export` wrote is no number of the personnel office's.
        if let Some(id) = by_address.filter(|id| number.is_empty() || numbered(id).is_empty() || numbered(id) == id.as_str()) {
            return Some(id);
        }
        // At the first list nobody has a number yet: one name, one line, one person. The diff shows the address as changed.
        let same: Vec<_> = self.known.directory.people.values().filter(|p| p.name == line.name && numbered(&p.id).is_empty()).collect();
        let free = |p: &&crate::domain::directory::Person| !list.listed.contains_key(&p.id) && !self.told.contains(&p.email.to_lowercase());
        match same.as_slice() {
            [one] if !number.is_empty() && free(one) && self.names.get(&line.name) == Some(&1) => Some(one.id.clone()),
            _ => self.new_id(line),
        }
    }

    fn new_id(&mut self, line: &Line) -> Option<PersonId> {
        let local = line.email.split('@').next().unwrap_or_default().to_lowercase();
        let wanted = if line.number.trim().is_empty() { local } else { line.number.trim().to_owned() };
        let odd = |c: char| c.is_whitespace() || c.is_control() || "#＃,，、;；=\"'<>@".contains(c);
        if wanted.is_empty() || wanted.contains(odd) {
            self.wrong(line.line, format!("`{wanted}` cannot be an id: write letters, digits, - and _ only as 編號"));
            return None;
        }
        let id = PersonId(wanted);
        let (list, known) = (&self.known.list, &self.known);
        if list.left.contains_key(&id) || known.directory.people.contains_key(&id) || known.configured.people.contains_key(&id) {
            self.wrong(line.line, format!("`{}` is or was somebody else's id: give {} a 編號 of his own", id.as_str(), line.name));
            return None;
        }
        Some(id)
    }

    fn entry(&mut self, id: &PersonId, line: &Line) -> Entry {
        let before = self.known.list.listed.get(id);
        let units = line.units.as_ref().map(|names| self.units(line.line, names));
        let now = self.known.directory.posts(id);
        let belonged = before.and_then(|b| b.posts.as_ref()).unwrap_or(&now);
        let moved = units.as_ref().is_some_and(|u| !u.iter().eq(belonged.keys()));
        let fresh = !self.known.directory.people.contains_key(id);
        let (roles, posts) = match &line.roles {
            Some(words) => {
                let (roles, posts) = self.roles(line.line, words);
                // Without a column of units he is what he is where he is.
                let there = units.clone().unwrap_or_else(|| belonged.keys().cloned().collect());
                if there.is_empty() && !posts.is_empty() {
                    self.wrong(line.line, format!("{} has a role in a unit and stands in no unit of the config", line.name));
                }
                (Some(roles), Some(there.into_iter().map(|u| (u, posts.clone())).collect::<Posts>()))
            }
            // Who came or moved has the rights of nobody until the list or the config gives him some.
            None if fresh || moved => {
                let there = units.unwrap_or_default();
                (Some(Vec::new()), Some(there.into_iter().map(|u| (u, BTreeSet::new())).collect()))
            }
            None => (before.and_then(|b| b.roles.clone()), before.and_then(|b| b.posts.clone())),
        };
        Entry {
            number: line.number.trim().to_owned(),
            name: line.name.clone(),
            email: line.email.clone(),
            title: line.title.clone(),
            extension: line.extension.clone(),
            roles,
            posts,
        }
    }

    fn units(&mut self, line: usize, names: &[String]) -> BTreeSet<UnitId> {
        let mut found = BTreeSet::new();
        for name in names {
            if let Some(unit) = self.known.configured.unit_named(name) {
                found.insert(unit.id.clone());
            } else if name != self.known.office && !self.known.other_units {
                let all = self.known.configured.units.values().flat_map(|u| [u.name.as_str(), u.id.as_str()]);
                let hint = match nearest(name, all.chain([self.known.office])) {
                    Some(near) => format!("did you mean {near}?"),
                    None => {
                        "add [[units]] to the config, or say --other-units where such departments have no part in complaints".to_owned()
                    }
                };
                self.wrong(line, format!("the config knows no unit `{name}`: {hint}"));
            }
        }
        found
    }

    fn roles(&mut self, line: usize, words: &[String]) -> (Vec<RoleId>, BTreeSet<Post>) {
        let (mut roles, mut posts) = (Vec::new(), BTreeSet::new());
        for word in words {
            let lower = word.to_lowercase();
            let post = POSTS.iter().find(|(_, names)| names.contains(&lower.as_str())).map(|(p, _)| *p);
            let role = self.known.roles.iter().find(|(id, title)| id.as_str() == lower || title == word).map(|(id, _)| id.clone());
            // The profile may call its office as a unit is called; a post is what stands in the unit's own line of the config.
            match (post, role) {
                (Some(post), _) => {
                    posts.insert(post);
                }
                (None, Some(role)) if roles.contains(&role) => {}
                (None, Some(role)) => roles.push(role),
                (None, None) => {
                    let all: Vec<&str> =
                        self.known.roles.iter().map(|(_, title)| title.as_str()).chain(["單位主管", "總收發", "承辦人"]).collect();
                    let hint = nearest(word, all.iter().copied())
                        .map_or_else(|| format!("there are {}", all.join("、")), |n| format!("did you mean {n}?"));
                    self.wrong(line, format!("no role is called `{word}`: {hint}"));
                }
            }
        }
        (roles, posts)
    }

    /// The column 主管: yes makes him the head of his units; a name is that of who heads them.
    fn heads(&mut self, lines: &[Line], listed: &mut BTreeMap<PersonId, Entry>) {
        for line in lines {
            let Some(word) = line.head.as_deref().map(str::trim) else { continue };
            let Some(own) = self.lines.iter().find(|(_, at)| **at == line.line).map(|(id, _)| id.clone()) else { continue };
            let lower = word.to_lowercase();
            if NO.contains(&lower.as_str()) {
                continue;
            }
            let head = if YES.contains(&lower.as_str()) {
                own.clone()
            } else {
                let found = listed
                    .iter()
                    .find(|(id, e)| e.name == word || e.number == word || id.as_str() == word || e.email.eq_ignore_ascii_case(word));
                match found {
                    Some((id, _)) => id.clone(),
                    None => {
                        self.wrong(line.line, format!("主管 `{word}` is neither yes nor no nor anybody of the list"));
                        continue;
                    }
                }
            };
            let units = |id: &PersonId| -> BTreeSet<UnitId> {
                let told = listed.get(id).and_then(|e| e.posts.as_ref()).map(|p| p.keys().cloned().collect());
                told.unwrap_or_else(|| self.known.directory.posts(id).into_keys().collect())
            };
            // The head's own superior sits in another unit, and is not meant.
            let common: Vec<UnitId> = units(&own).intersection(&units(&head)).cloned().collect();
            let now = self.known.directory.posts(&head);
            if let Some(entry) = listed.get_mut(&head).filter(|_| !common.is_empty()) {
                let posts = entry.posts.get_or_insert(now);
                for unit in common {
                    posts.entry(unit).or_default().insert(Post::Head);
                }
            }
        }
    }

    /// What only shows when all is put together: addresses that are another's, two heads of one unit, nobody left to decide.
    fn whole(&mut self, list: &Roster, made: &Directory) {
        let line_of = |id: &PersonId| self.lines.get(id).copied().unwrap_or(1);
        let mut found: Vec<(usize, String)> = Vec::new();
        let mut addresses: BTreeMap<String, &PersonId> = BTreeMap::new();
        for person in made.people.values() {
            let address = person.email.to_lowercase();
            if self.known.mailboxes.iter().any(|m| m.eq_ignore_ascii_case(&address)) {
                found.push((line_of(&person.id), format!("`{}` is a mailbox of ours: a person needs an address outside it", person.email)));
            }
            if let Some(unit) = made.unit_by_inbox(&address).filter(|_| self.lines.contains_key(&person.id)) {
                found.push((line_of(&person.id), format!("`{}` is the shared inbox of {}, which proves nobody", person.email, unit.name)));
            }
            if let Some(other) = addresses.insert(address, &person.id) {
                let (at, first) = (line_of(&person.id).max(line_of(other)), made.name_of(other));
                found.push((at, format!("`{}` is the address of {first} as well: each person needs his own", person.email)));
            }
        }
        for unit in made.units.keys() {
            let heads_it = |e: &Entry| e.posts.as_ref().and_then(|p| p.get(unit)).is_some_and(|p| p.contains(&Post::Head));
            let heads: Vec<&PersonId> = list.listed.iter().filter(|(_, e)| heads_it(e)).map(|(id, _)| id).collect();
            if let [.., last] = heads.as_slice()
                && heads.len() > 1
            {
                found.push((line_of(last), format!("{} has {} heads: leave one", unit.as_str(), heads.len())));
            }
        }
        if made.with_role(&RoleId(crate::domain::directory::SECRETARIAT.to_owned())).is_empty() {
            found.push((1, format!("nobody would be left in {}: nobody could decide anything, not even this list", self.known.office)));
        }
        for (line, what) in found {
            self.wrong(line, what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::staff_list::read;
    use crate::domain::directory::{Person, Unit};
    use crate::domain::roster::{Kind, diff};

    fn config() -> Directory {
        let person = |id: &str, name: &str, roles: &[&str]| {
            let id = PersonId(id.into());
            let (email, roles) = (format!("{}@kmu.example", id.0), roles.iter().map(|r| RoleId((*r).into())).collect());
            let [title, extension, phone] = [String::new(), String::new(), String::new()];
            (id.clone(), Person { id, name: name.into(), email, roles, title, extension, phone, away: vec![] })
        };
        let unit = |id: &str, name: &str, head: &str, handler: &str| {
            let id = UnitId(id.into());
            let made = Unit {
                inbox: format!("{}@kmu.example", id.0),
                id: id.clone(),
                name: name.into(),
                head: PersonId(head.into()),
                registrar: None,
                handlers: vec![PersonId(handler.into())],
                keywords: vec![],
                phone: String::new(),
                parent: None,
            };
            (id, made)
        };
        Directory {
            people: [
                person("wang", "王秘書", &["secretariat"]),
                person("lee", "李秘書", &["secretariat"]),
                person("lin", "林主任", &[]),
                person("chen", "陳組員", &[]),
                person("wu", "吳主任", &[]),
                person("huang", "黃技士", &[]),
            ]
            .into(),
            units: [unit("academic", "教務處", "lin", "chen"), unit("general", "總務處", "wu", "huang")].into(),
            ..Directory::default()
        }
    }

    fn merged(text: &str, configured: &Directory, list: &Roster) -> Result<Roster, Vec<ListMistake>> {
        let directory = list.over(configured);
        let role = |id: &str, title: &str| (RoleId(id.into()), title.to_owned());
        let known = Known {
            directory: &directory,
            configured,
            list,
            roles: vec![role("secretariat", "秘書室"), role("chief_secretary", "主任秘書")],
            office: "秘書室",
            mailboxes: vec!["service@kmu.example"],
            other_units: false,
        };
        merge(&read(text.as_bytes()).expect("lines"), &known)
    }

    const ALL: &str = "編號,姓名,電子郵件,單位,角色\nA1,王秘書,wang@kmu.example,秘書室,秘書室\nA2,李秘書,lee@kmu.example,秘書室,秘書室\n\
        A3,林主任,lin@kmu.example,教務處,單位主管\nA4,陳組員,chen@kmu.example,教務處,承辦人\nA5,吳主任,wu@kmu.example,總務處,單位主管\n\
        A6,黃技士,huang@kmu.example,總務處,承辦人\n";

    fn kinds(before: &Directory, after: &Directory) -> Vec<(String, Vec<Kind>)> {
        diff(before, after).into_iter().map(|c| (c.person.0.clone(), c.kinds())).collect()
    }

    #[test]
    fn the_same_people_change_nothing_and_numbers_know_them_afterwards() {
        let config = config();
        let first = merged(ALL, &config, &Roster::default()).expect("merged");
        assert!(kinds(&config, &first.over(&config)).is_empty(), "{:?}", kinds(&config, &first.over(&config)));
        // A new address, a move, a new person with the mailbox of who left, somebody gone.
        let text = ALL
            .replace("A4,陳組員,chen@kmu.example,教務處", "A4,陳組員,chen2@kmu.example,總務處")
            .replace("A6,黃技士,huang@kmu.example", "A9,黃小華,huang@kmu.example");
        let second = merged(&text, &config, &first).expect("merged");
        let (before, after) = (first.over(&config), second.over(&config));
        let said =
            [("A9".into(), vec![Kind::Joined]), ("chen".into(), vec![Kind::Moved, Kind::Address]), ("huang".into(), vec![Kind::Left])];
        assert_eq!(kinds(&before, &after), said);
        assert_eq!(second.left[&PersonId("huang".into())].name, "黃技士");
        // He comes back under his number.
        let third = merged(&ALL.replace("huang@", "huang6@"), &config, &second).expect("merged");
        assert!(third.listed.contains_key(&PersonId("huang".into())) && third.left.contains_key(&PersonId("A9".into())));
    }

    #[test]
    fn without_a_column_of_roles_who_moves_has_none_and_who_stays_keeps_his() {
        let config = config();
        let text = "姓名,信箱,單位\n林主任,lin@kmu.example,教務處\n陳組員,chen@kmu.example,總務處\n周新人,zhou@kmu.example,教務處\n";
        let made = merged(text, &config, &Roster::default()).expect("merged");
        let after = made.over(&config);
        let academic = &after.units[&UnitId("academic".into())];
        assert!(academic.head.0 == "lin" && academic.handlers.is_empty(), "{academic:?}");
        assert_eq!(after.units[&UnitId("general".into())].handlers, [PersonId("huang".into())]);
        assert!(after.people.contains_key(&PersonId("zhou".into())) && after.people.len() == 7);
    }

    #[test]
    fn the_column_of_heads_is_a_word_or_a_name() {
        let config = config();
        let text =
            "姓名,信箱,單位,主管\n吳主任,wu@kmu.example,教務處,是\n陳組員,chen@kmu.example,教務處,吳主任\n林主任,lin@kmu.example,總務處,\n";
        let after = merged(text, &config, &Roster::default()).expect("merged").over(&config);
        assert_eq!(after.units[&UnitId("academic".into())].head.0, "wu");
        assert_eq!(after.units[&UnitId("general".into())].head.0, "");
        assert_eq!(after.units[&UnitId("academic".into())].handlers, [PersonId("chen".into())]);
    }

    #[test]
    fn what_cannot_be_is_said_with_its_line_and_nothing_is_made() {
        let config = config();
        let lines = |text: &str| -> Vec<(usize, String)> {
            merged(text, &config, &Roster::default()).expect_err("wrong").into_iter().map(|m| (m.line, m.what)).collect()
        };
        let said = lines(&ALL.replace("A6,黃技士,huang@kmu.example,總務處,承辦人", "A6,黃技士,huang@kmu.example,總務室,承辨人"));
        assert!(said.len() == 2 && said.iter().all(|(l, _)| *l == 7), "{said:?}");
        assert!(said[0].1.contains("did you mean 總務處") && said[1].1.contains("did you mean 承辦人"), "{said:?}");
        let said = lines(&ALL.replace("wu@kmu", "lin@kmu"));
        assert!(said.iter().any(|(l, w)| *l == 6 && w.contains("line 4")), "{said:?}");
        let said = lines(&ALL.replace("陳組員,chen@kmu.example,教務處,承辦人", "陳組員,chen@kmu.example,教務處,單位主管"));
        assert!(said.iter().any(|(l, w)| *l == 4 && w.contains("2 heads") || *l == 5), "{said:?}");
        let said = lines(&ALL.replace(",秘書室,秘書室", ",秘書室,"));
        assert!(said.iter().any(|(_, w)| w.contains("nobody would be left")), "{said:?}");
        let said = lines(&ALL.replace("wu@kmu", "service@kmu"));
        assert!(said.iter().any(|(l, w)| *l == 6 && w.contains("mailbox of ours")), "{said:?}");
    }
}
