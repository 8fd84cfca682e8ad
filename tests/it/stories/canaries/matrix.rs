//! The table of `tests/stories/canaries.md`, read and held: who may read which canary, and which he has to have read by the end.

use std::collections::BTreeSet;

const TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stories/canaries.md"));

/// One row.
struct Row {
    field: String,
    canary: String,
    cells: Vec<char>,
}

/// The table, and what has been found so far.
pub struct Matrix {
    columns: Vec<String>,
    rows: Vec<Row>,
    seen: BTreeSet<(String, String)>,
}

impl Matrix {
    /// `named` puts people's names in place of `{id}`.
    pub fn read(named: impl Fn(&str) -> String) -> Self {
        let mut lines = TABLE.lines().filter(|l| l.starts_with("| ")).map(cells);
        let head = lines.next().expect("a head");
        let rows: Vec<Row> = lines
            .map(|c| {
                assert_eq!(c.len(), head.len(), "{c:?}");
                let canary = match c[1].strip_prefix('{').and_then(|r| r.strip_suffix('}')) {
                    Some(id) => named(id),
                    None => c[1].clone(),
                };
                let marks: Vec<char> = c[2..].iter().map(|m| m.chars().next().expect("a mark")).collect();
                assert!(marks.iter().all(|m| "○·●".contains(*m)), "{c:?}");
                Row { field: c[0].clone(), canary, cells: marks }
            })
            .collect();
        assert!(rows.len() >= 40, "{}", rows.len());
        Self { columns: head[2..].to_vec(), rows, seen: BTreeSet::new() }
    }

    fn column(&self, reader: &str) -> usize {
        self.columns.iter().position(|c| c == reader).unwrap_or_else(|| panic!("no column {reader}"))
    }

    /// Holds a text that `readers` get (each column counts) against the table.
    pub fn hold(&mut self, readers: &[&str], text: &str, what: &str) {
        let flat: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        for row in &self.rows {
            // A line may be broken within it.
            let canary: String = row.canary.chars().filter(|c| !c.is_whitespace()).collect();
            if !flat.contains(&canary) {
                continue;
            }
            for reader in readers {
                let mark = row.cells[self.column(reader)];
                assert!(mark != '○', "{} ({}) reaches {reader}: {what}\n{}", row.field, row.canary, around(text, &row.canary));
                self.seen.insert((row.field.clone(), (*reader).to_owned()));
            }
        }
    }

    /// Every `●` of these columns has been seen.
    pub fn lived(&self, readers: &[&str], play: &str) {
        for row in &self.rows {
            for reader in readers {
                let due = row.cells[self.column(reader)] == '●';
                assert!(
                    !due || self.seen.contains(&(row.field.clone(), (*reader).to_owned())),
                    "{play}: {reader} never read {}",
                    row.field
                );
            }
        }
    }
}

fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect()
}

/// The words around a find, for the one who mends it.
fn around(text: &str, canary: &str) -> String {
    let at = text.find(canary).unwrap_or(0);
    let from = text.floor_char_boundary(at.saturating_sub(400));
    let to = text.ceil_char_boundary((at + 400).min(text.len()));
    format!("…{}…", &text[from..to])
}
