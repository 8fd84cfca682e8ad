//! Received numbers (收件單號): the profile's format, e.g. `{roc}-{seq:04}`, and the scope in which the sequence runs (R2).
//! Drawing the sequence itself is the store's, in the transaction that opens the case.

use jiff::civil::Date;

/// Where the sequence starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// Every year.
    Year,
    /// Every month.
    Month,
    /// Never.
    Never,
}

/// A number's format: text with `{year}` `{roc}` `{month}` `{day}` and `{seq:0N}` or `{seq}`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberFormat {
    /// The pattern; the sequence must stand last.
    pub format: String,
    /// Where the sequence starts again.
    pub restart: Restart,
}

impl NumberFormat {
    /// The counter in which the next number is drawn.
    #[must_use]
    pub fn scope(&self, day: Date) -> String {
        match self.restart {
            Restart::Year => format!("number:{}", day.year()),
            Restart::Month => format!("number:{}-{:02}", day.year(), day.month()),
            Restart::Never => "number".to_owned(),
        }
    }

    /// The number of the `seq`-th case of its scope, received on `day`.
    #[must_use]
    pub fn write(&self, day: Date, seq: i64) -> String {
        let mut out = String::new();
        let mut rest = self.format.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((key, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            match key.split_once(':').map_or((key, None), |(k, w)| (k, Some(w))) {
                ("year", _) => out.push_str(&day.year().to_string()),
                ("roc", _) => out.push_str(&(i32::from(day.year()) - 1911).to_string()),
                ("month", _) => out.push_str(&format!("{:02}", day.month())),
                ("day", _) => out.push_str(&format!("{:02}", day.day())),
                ("seq", width) => {
                    let width = width.and_then(|w| w.parse::<usize>().ok()).unwrap_or(1);
                    out.push_str(&format!("{seq:0width$}"));
                }
                _ => out.push_str(key),
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    /// What is wrong with the format, or `None`: it must end in the sequence, and hold what its restart needs to stay unique.
    #[must_use]
    pub fn mistake(&self) -> Option<&'static str> {
        let ends = self
            .format
            .rfind("{seq")
            .is_some_and(|at| self.format.get(at..).is_some_and(|t| t.ends_with('}') && t.matches('}').count() == 1));
        let year = self.format.contains("{year}") || self.format.contains("{roc}");
        match self.restart {
            _ if !ends => Some("it must end in {seq} or {seq:04}"),
            Restart::Year if !year => Some("it restarts every year, so it must hold {year} or {roc}"),
            Restart::Month if !(year && self.format.contains("{month}")) => {
                Some("it restarts every month, so it must hold {year} or {roc}, and {month}")
            }
            Restart::Year | Restart::Month | Restart::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn written_as_the_papers_write_them() {
        let shugu = NumberFormat { format: "{roc}-{seq:03}".into(), restart: Restart::Year };
        assert_eq!(shugu.write(date(2026, 1, 5), 1), "115-001");
        assert_eq!(shugu.scope(date(2026, 1, 5)), "number:2026");
        let chainsea = NumberFormat { format: "{year}{month}-{seq:03}".into(), restart: Restart::Month };
        assert_eq!(chainsea.write(date(2026, 12, 5), 1234), "202612-1234");
        assert_eq!(chainsea.mistake(), None);
    }

    #[test]
    fn a_format_that_would_repeat_itself_is_refused() {
        for (format, restart) in
            [("{seq:04}", Restart::Year), ("{roc}-{seq}", Restart::Month), ("{seq}-{roc}", Restart::Year), ("KMU", Restart::Never)]
        {
            assert!(NumberFormat { format: format.into(), restart }.mistake().is_some(), "{format}");
        }
    }
}
