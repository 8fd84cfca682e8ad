//! XML of office files without the names of who wrote, changed or commented, and without paths of his machine. Tags are read, whatever
//! prefix and quotes they use. Called by `office`.

/// Attributes that name people, without their prefix.
const ATTRIBUTES: &[&str] = &["author", "initials", "userid", "displayname", "username", "lastmodifiedby", "creator", "email"];
/// Elements whose words name people.
const ELEMENTS: &[&str] = &[
    "author",
    "creator",
    "initial-creator",
    "lastmodifiedby",
    "author-name",
    "author-initials",
    "sender-firstname",
    "sender-lastname",
    "sender-email",
    "sender-initials",
];
/// Elements whose `name` is a person's.
const PEOPLE: &[&str] = &["cmauthor", "author", "userinfo", "person"];
/// Settings of OpenDocument that name a printer, with its computer.
const PRINTER: &[&str] = &["\"printername\"", "\"printersetup\"", "'printername'", "'printersetup'"];

/// The text without them.
pub(super) fn anonymous(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let end = tag_end(after);
        let (tag, behind) = after.split_at_checked(end).unwrap_or((after, ""));
        let name = local(tag.split(|c: char| c.is_whitespace() || c == '/' || c == '>').next().unwrap_or_default());
        out.push('<');
        push_tag(&mut out, tag, &name);
        let opens = !tag.starts_with(['/', '!', '?']) && !tag.trim_end_matches('>').ends_with('/');
        let printer = name == "config-item" && PRINTER.iter().any(|p| tag.to_ascii_lowercase().contains(p));
        rest = behind;
        if opens && (ELEMENTS.contains(&name.as_str()) || printer) {
            rest = behind.find('<').and_then(|at| behind.get(at..)).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// Behind the `>` that ends the tag; one inside quotes does not.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), _) if q == c => quote = None,
            _ => {}
        }
    }
    tag.len()
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase()
}

/// The tag with its telling values emptied.
fn push_tag(out: &mut String, tag: &str, element: &str) {
    let mut rest = tag;
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, quoted) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let Some(quote) = quoted.chars().next() else { break };
        let inner = quoted.get(1..).unwrap_or_default();
        let Some(end) = inner.find(quote) else { break };
        let value = inner.get(..end).unwrap_or_default();
        let attribute = before.trim_end().trim_end_matches('=').trim_end();
        let attribute = local(attribute.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default());
        let tells = ATTRIBUTES.contains(&attribute.as_str())
            || attribute == "name" && PEOPLE.contains(&element)
            || attribute == "url" && element == "abspath";
        let path = attribute == "target" && value.trim_start().to_ascii_lowercase().starts_with("file:");
        out.push_str(before);
        out.push(quote);
        out.push_str(if tells {
            ""
        } else if path {
            "file:///"
        } else {
            value
        });
        out.push(quote);
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
}
