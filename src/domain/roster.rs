//! What the personnel office says of people, laid over the config (R81): a version that was approved, what it makes of the directory, and
//! how two directories differ. Pure; reading the file is `config/staff_list.rs`, keeping it `store/directory.rs`, asking for it `desk/roster.rs`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::directory::{Directory, Person, Unit};
use super::ids::{PersonId, RoleId, UnitId};
use super::text::fingerprint;

/// A version of the personnel office's list. Who stands in it counts as it says; everybody else as the config says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// Counts the lists from 1; 0 before the first.
    pub version: u32,
    /// Who stands in the list.
    pub listed: BTreeMap<PersonId, Entry>,
    /// Who stood in an earlier one and left.
    pub left: BTreeMap<PersonId, Former>,
}

/// Somebody who left: papers still name him.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// 編號; may be empty.
    pub number: String,
    /// The name as printed.
    pub name: String,
}

/// A line of the list. What is `None` the list does not tell, and the config does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 編號; may be empty.
    pub number: String,
    /// The name as printed.
    pub name: String,
    /// The one address that counts as his.
    pub email: String,
    /// 職稱.
    pub title: Option<String>,
    /// 分機.
    pub extension: Option<String>,
    /// Roles of the profile.
    pub roles: Option<Vec<RoleId>>,
    /// His units, and what he is there; nothing for who only belongs to it.
    pub posts: Option<BTreeMap<UnitId, BTreeSet<Post>>>,
}

/// What somebody is in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    /// 單位主管.
    Head,
    /// 總收發.
    Registrar,
    /// 承辦人.
    Handler,
}

impl Post {
    /// The label's key, `post.<name>`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Registrar => "registrar",
            Self::Handler => "handler",
        }
    }
}

/// What somebody is in each of his units.
pub type Posts = BTreeMap<UnitId, BTreeSet<Post>>;

impl Roster {
    /// The directory with this list laid over it.
    #[must_use]
    pub fn over(&self, config: &Directory) -> Directory {
        let mut made = config.clone();
        for (gone, former) in &self.left {
            made.people.remove(gone);
            made.former.insert(gone.clone(), former.name.clone());
        }
        for (id, entry) in &self.listed {
            let before = made.people.remove(id);
            made.people.insert(id.clone(), entry.person(id, before));
        }
        let there: BTreeSet<PersonId> = made.people.keys().cloned().collect();
        for person in made.people.values_mut() {
            // Who stands in must be there; without him the principal is asked himself.
            person.away.retain(|a| there.contains(&a.deputy));
        }
        for unit in made.units.values_mut() {
            take_out(unit, |p| !there.contains(p) || self.listed.get(p).is_some_and(|e| e.posts.is_some()));
            for (id, entry) in &self.listed {
                let posts = entry.posts.as_ref().and_then(|p| p.get(&unit.id));
                for post in posts.into_iter().flatten() {
                    put(unit, id, *post);
                }
            }
        }
        made.edition = edition(self.version, &made);
        made
    }
}

/// Which directory it is, for the records of decisions: the list's version and the fingerprint of all people and units.
#[must_use]
pub fn edition(version: u32, directory: &Directory) -> String {
    let text = serde_json::to_string(&(&directory.people, &directory.units)).unwrap_or_default();
    let mark: String = fingerprint(&text).chars().take(12).collect();
    format!("v{version} {mark}")
}

fn take_out(unit: &mut Unit, goes: impl Fn(&PersonId) -> bool) {
    if goes(&unit.head) {
        unit.head = PersonId(String::new());
    }
    if unit.registrar.as_ref().is_some_and(&goes) {
        unit.registrar = None;
    }
    unit.handlers.retain(|p| !goes(p));
}

fn put(unit: &mut Unit, person: &PersonId, post: Post) {
    match post {
        Post::Head => unit.head = person.clone(),
        Post::Registrar => unit.registrar = Some(person.clone()),
        Post::Handler if unit.handlers.contains(person) => {}
        Post::Handler => unit.handlers.push(person.clone()),
    }
}

impl Entry {
    fn person(&self, id: &PersonId, before: Option<Person>) -> Person {
        let known = before.as_ref();
        Person {
            id: id.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            roles: self.roles.clone().or_else(|| known.map(|p| p.roles.clone())).unwrap_or_default(),
            title: self.title.clone().or_else(|| known.map(|p| p.title.clone())).unwrap_or_default(),
            extension: self.extension.clone().or_else(|| known.map(|p| p.extension.clone())).unwrap_or_default(),
            phone: known.map(|p| p.phone.clone()).unwrap_or_default(),
            away: before.map(|p| p.away).unwrap_or_default(),
        }
    }
}

impl Directory {
    /// What somebody is in each unit that he belongs to.
    #[must_use]
    pub fn posts(&self, person: &PersonId) -> Posts {
        let mut found = Posts::new();
        for unit in self.units.values().filter(|u| u.belongs(person)) {
            let posts = found.entry(unit.id.clone()).or_default();
            posts.extend((&unit.head == person).then_some(Post::Head));
            posts.extend((unit.registrar.as_ref() == Some(person)).then_some(Post::Registrar));
            posts.extend(unit.handlers.contains(person).then_some(Post::Handler));
        }
        found
    }
}

/// One difference between two directories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whom it is about.
    pub person: PersonId,
    /// As he was; none where he is new.
    pub before: Option<(Person, Posts)>,
    /// As he will be; none where he leaves.
    pub after: Option<(Person, Posts)>,
}

/// What a change is called: the most that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 離職.
    Left,
    /// 加入.
    Joined,
    /// 調動.
    Moved,
    /// 改角色.
    Role,
    /// 改信箱.
    Address,
    /// Name, title or extension.
    Data,
}

impl Kind {
    /// All of them, in the order in which a diff shows them.
    pub const ALL: [Self; 6] = [Self::Left, Self::Joined, Self::Moved, Self::Role, Self::Address, Self::Data];

    /// The label's key, `directory.<name>`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Joined => "joined",
            Self::Moved => "moved",
            Self::Role => "role",
            Self::Address => "address",
            Self::Data => "data",
        }
    }
}

impl Change {
    /// All that this change is; at least one.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        let (Some((old, was)), Some((new, is))) = (&self.before, &self.after) else {
            return vec![if self.after.is_some() { Kind::Joined } else { Kind::Left }];
        };
        let moved = !was.keys().eq(is.keys());
        let mut kinds = Vec::new();
        kinds.extend(moved.then_some(Kind::Moved));
        kinds.extend((old.roles != new.roles || (!moved && was != is)).then_some(Kind::Role));
        kinds.extend((!old.email.eq_ignore_ascii_case(&new.email)).then_some(Kind::Address));
        let told = |p: &Person| (p.name.clone(), p.title.clone(), p.extension.clone());
        kinds.extend((told(old) != told(new)).then_some(Kind::Data));
        kinds
    }
}

/// How `after` differs from `before`, by person.
#[must_use]
pub fn diff(before: &Directory, after: &Directory) -> Vec<Change> {
    let all: BTreeSet<&PersonId> = before.people.keys().chain(after.people.keys()).collect();
    let state = |d: &Directory, id: &PersonId| {
        d.people.get(id).map(|p| {
            let mut p = p.clone();
            p.roles.sort();
            // Absences are the config's, and no list tells them.
            p.away.clear();
            (p, d.posts(id))
        })
    };
    let mut out = Vec::new();
    for id in all {
        let change = Change { person: id.clone(), before: state(before, id), after: state(after, id) };
        if change.before != change.after && !change.kinds().is_empty() {
            out.push(change);
        }
    }
    out
}

/// Units that have nobody at their head.
#[must_use]
pub fn headless(directory: &Directory) -> Vec<&Unit> {
    directory.units.values().filter(|u| !directory.people.contains_key(&u.head)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> PersonId {
        PersonId(text.into())
    }

    fn config() -> Directory {
        let person = |p: &str, roles: &[&str]| {
            let one = Person {
                id: id(p),
                name: p.into(),
                email: format!("{p}@kmu.example"),
                roles: roles.iter().map(|r| RoleId((*r).into())).collect(),
                title: String::new(),
                extension: String::new(),
                phone: "07".into(),
                away: vec![],
            };
            (id(p), one)
        };
        let unit = |u: &str, head: &str, handlers: &[&str]| {
            let one = Unit {
                id: UnitId(u.into()),
                name: u.into(),
                inbox: format!("{u}@kmu.example"),
                head: id(head),
                registrar: None,
                handlers: handlers.iter().map(|h| id(h)).collect(),
                keywords: vec![],
                phone: String::new(),
                parent: None,
            };
            (UnitId(u.into()), one)
        };
        Directory {
            people: [person("wang", &["secretariat"]), person("lin", &[]), person("chen", &[]), person("wu", &[])].into(),
            units: [unit("academic", "lin", &["chen"]), unit("general", "wu", &[])].into(),
            ..Directory::default()
        }
    }

    fn entry(name: &str, posts: Option<&[(&str, Post)]>) -> Entry {
        Entry {
            number: String::new(),
            name: name.into(),
            email: format!("{name}@kmu.example"),
            title: None,
            extension: None,
            roles: None,
            posts: posts.map(|p| p.iter().map(|(u, post)| (UnitId((*u).into()), [*post].into())).collect()),
        }
    }

    #[test]
    fn who_moves_is_what_the_list_says_and_nothing_else() {
        let config = config();
        let listed = [(id("chen"), entry("chen", Some(&[("general", Post::Handler)]))), (id("lin"), entry("lin", None))];
        let made = Roster { version: 1, listed: listed.into(), left: [(id("wu"), Former::default())].into() }.over(&config);
        assert_eq!(made.units[&UnitId("academic".into())].handlers, []);
        assert_eq!(made.units[&UnitId("general".into())].handlers, [id("chen")]);
        assert_eq!(made.units[&UnitId("academic".into())].head, id("lin"), "the list says nothing of his posts");
        assert_eq!(headless(&made).iter().map(|u| u.id.as_str()).collect::<Vec<_>>(), ["general"]);
        assert!(made.people[&id("chen")].phone == "07" && made.edition.starts_with("v1 ") && made.edition.len() == 15);
        let kinds: Vec<(String, Vec<Kind>)> = diff(&config, &made).iter().map(|c| (c.person.0.clone(), c.kinds())).collect();
        assert_eq!(kinds, [("chen".into(), vec![Kind::Moved]), ("wu".into(), vec![Kind::Left])]);
        assert!(diff(&made, &made).is_empty());
    }
}
