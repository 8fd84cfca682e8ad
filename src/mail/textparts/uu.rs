//! Files that old mailers wrote into the text itself, between `begin 644 name` and `end`. Called by the text gathering above; the octets come from `transfer`.

use super::super::transfer;

/// Most files taken out of one text.
const MAX_FILES: usize = 50;

/// A file found in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// As written after the mode.
    pub name: String,
    /// The octets.
    pub data: Vec<u8>,
}

/// Takes the files out of a text; what is no whole file stays where it is.
#[must_use]
pub fn take_out(text: &str) -> (String, Vec<Embedded>) {
    let mut files = Vec::new();
    if !text.contains("begin ") {
        return (text.to_owned(), files);
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0usize;
    // Where one `begin` has no end, no later one has: the search is not made again.
    let mut ends = true;
    while let Some(line) = lines.get(i) {
        if let Some(name) = begins(line).filter(|_| ends && files.len() < MAX_FILES) {
            let body = lines.get(i + 1..).unwrap_or_default();
            match body.iter().position(|l| l.trim_end() == "end") {
                Some(end) if body.get(..end).is_some_and(is_coded) => {
                    let coded = body.get(..end).unwrap_or_default().join("\n");
                    files.push(Embedded { name: name.to_owned(), data: transfer::uuencode(coded.as_bytes()) });
                    i += end + 2;
                    continue;
                }
                Some(_) => {}
                None => ends = false,
            }
        }
        out.push_str(line);
        out.push('\n');
        i += 1;
    }
    (out, files)
}

/// The name in `begin 644 name`.
fn begins(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("begin ")?;
    let (mode, name) = rest.split_once(' ')?;
    let octal = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| (b'0'..=b'7').contains(&b));
    (octal && !name.trim().is_empty()).then(|| name.trim())
}

/// Whether every line is as long as its first character says (blanks at its end may be lost).
fn is_coded(lines: &[&str]) -> bool {
    !lines.is_empty()
        && lines.iter().all(|l| {
            let Some((first, data)) = l.as_bytes().split_first() else { return true };
            let octets = usize::from(first.wrapping_sub(32) & 63);
            let full = octets.div_ceil(3) * 4;
            (32..=96).contains(first) && data.len() <= full + 2
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_leaves_the_text() {
        let (text, files) = take_out("hello\nbegin 644 a.txt\n%:&5L;&\\\n`\nend\nbye\n");
        assert_eq!(text, "hello\nbye\n");
        assert_eq!(files, [Embedded { name: "a.txt".into(), data: b"hello".to_vec() }]);
    }

    #[test]
    fn words_about_it_stay() {
        for t in [
            "begin 644 steps\nof the plan\nare not a file, they are a sentence that goes on\nend\n",
            "begin 644 a\nno end\n",
            "begin the work\nend\n",
        ] {
            assert_eq!(take_out(t), (t.to_owned(), Vec::new()));
        }
    }
}
