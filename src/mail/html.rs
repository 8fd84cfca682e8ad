//! HTML to readable text in one linear pass: no tree, so nesting costs nothing. Says which lines a mail program marked as quoted.
//!
//! Quotes come out with `> ` before them, as in plain mail, so that one trimmer serves both. Nothing is fetched, no script or style is kept.
//! Called by `textparts`.

mod entity;
mod marks;

pub use entity::unescape;
use marks::{attr, class_or_id, indent_only, is_cut, is_quote_container, outlook_border};

/// One line of readable text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The text, with `> ` for each quote around it.
    pub text: String,
    /// Stands inside what the writing program marked as its quote (`gmail_quote` and the like).
    pub quoted: bool,
    /// The writing program's mark that all below is the old mail (`divRplyFwdMsg` and the like) stands before this line.
    pub cut: bool,
}

/// Longest HTML that is read; the rest is ignored.
pub const MAX_HTML: usize = 8 * 1024 * 1024;

/// Most lines that are made of one part.
const MAX_LINES: usize = 50_000;

/// Deepest nesting that is tracked; deeper elements count as their surroundings.
const MAX_OPEN: usize = 256;

/// Reads HTML. Hidden elements are left out unless nothing else is there.
#[must_use]
pub fn lines(html: &str) -> Vec<Line> {
    let mut end = html.len().min(MAX_HTML);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let html = html.get(..end).unwrap_or(html);
    let shown = Writer::run(html, true);
    if shown.iter().any(|l| !l.text.trim().is_empty()) { shown } else { Writer::run(html, false) }
}

struct Open {
    name: String,
    hidden: bool,
    quote: bool,
    container: bool,
}

struct Writer {
    out: Vec<Line>,
    now: String,
    space: bool,
    open: Vec<Open>,
    hidden: usize,
    quotes: usize,
    containers: usize,
    pre: usize,
    pending_cut: bool,
    line_cut: bool,
    blanks: usize,
    /// Target of the link that is open, and where its text starts.
    link: Option<(String, String)>,
    cell: bool,
    hide: bool,
    /// Link targets of the line that is being written.
    targets: Vec<String>,
    /// Raw elements whose end tag is known to be missing below.
    never_closed: Vec<String>,
}

impl Writer {
    fn run(html: &str, hide: bool) -> Vec<Line> {
        let mut w = Self {
            out: Vec::new(),
            now: String::new(),
            space: false,
            open: Vec::new(),
            hidden: 0,
            quotes: 0,
            containers: 0,
            pre: 0,
            pending_cut: false,
            line_cut: false,
            blanks: 0,
            link: None,
            cell: false,
            hide,
            targets: Vec::new(),
            never_closed: Vec::new(),
        };
        let mut rest = html;
        while let Some(lt) = rest.find('<') {
            let (text, tail) = rest.split_at(lt);
            w.text(text);
            rest = w.markup(tail);
        }
        w.text(rest);
        w.break_line();
        w.out
    }

    /// Handles what starts with `<` and gives back what follows.
    fn markup<'a>(&mut self, s: &'a str) -> &'a str {
        if let Some(c) = s.strip_prefix("<!--") {
            if let Some(after) = c.strip_prefix('>') {
                return after;
            }
            return c.find("-->").and_then(|p| c.get(p + 3..)).unwrap_or_default();
        }
        if s.starts_with("<!") || s.starts_with("<?") {
            return s.find('>').and_then(|p| s.get(p + 1..)).unwrap_or_default();
        }
        let body = s.get(1..).unwrap_or_default();
        let (closing, body) = body.strip_prefix('/').map_or((false, body), |b| (true, b));
        if !body.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.text("<");
            return s.get(1..).unwrap_or_default();
        }
        let end = tag_end(body);
        let (inside, after) = (body.get(..end).unwrap_or_default(), body.get(end + 1..).unwrap_or_default());
        let name_len = inside.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(inside.len());
        let (name, attrs) = inside.split_at(name_len);
        if name.contains('@') || name.contains("://") {
            // <someone@example.org> that nobody escaped.
            self.text(s.get(..=end + 1).unwrap_or_default());
            return after;
        }
        let name = name.to_ascii_lowercase();
        if closing {
            self.close(&name);
            return after;
        }
        if matches!(name.as_str(), "script" | "style" | "title" | "noscript" | "template" | "object" | "svg") && !attrs.ends_with('/') {
            return self.skip_raw(after, &name);
        }
        self.start(&name, attrs);
        after
    }

    /// Skips the content of a raw element up to and with its end tag. Where none follows, nothing was meant to be hidden but the tag.
    fn skip_raw<'a>(&mut self, s: &'a str, name: &str) -> &'a str {
        if self.never_closed.iter().any(|n| n == name) {
            return s;
        }
        let mut at = 0usize;
        while let Some(p) = s.get(at..).and_then(|r| r.find("</")) {
            let start = at + p + 2;
            let here = s.get(start..).unwrap_or_default();
            if here.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)) {
                return here.find('>').and_then(|e| here.get(e + 1..)).unwrap_or_default();
            }
            at = start;
        }
        self.never_closed.push(name.to_owned());
        s
    }

    fn start(&mut self, name: &str, attrs: &str) {
        match name {
            "br" => {
                self.force_break();
                return;
            }
            "hr" => {
                self.break_line();
                if class_or_id(attrs).iter().any(|c| c == "stopspelling") {
                    self.pending_cut = true;
                }
                return;
            }
            "img" | "input" | "meta" | "link" | "wbr" | "col" | "area" | "base" | "source" => return,
            "td" | "th" => self.cell |= !self.now.trim().is_empty(),
            "a" => self.link = attr(attrs, "href").map(|h| (h, String::new())),
            _ => {}
        }
        if is_block(name) {
            self.paragraph_gap(name);
        }
        if name == "li" {
            self.push_raw("- ");
        }
        let marks = class_or_id(attrs);
        if marks.iter().any(|m| is_cut(m)) || outlook_border(attrs) {
            self.break_line();
            self.pending_cut = true;
        }
        let style = attr(attrs, "style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
        let hidden = self.hide && (style.contains("display:none") || attrs.contains(" hidden ") || attrs.trim() == "hidden");
        let quote = name == "blockquote" && !indent_only(&style, attrs);
        let container = marks.iter().any(|m| is_quote_container(m));
        if container && !quote {
            self.break_line();
        }
        if self.open.len() < MAX_OPEN {
            self.hidden += usize::from(hidden);
            self.quotes += usize::from(quote);
            self.containers += usize::from(container);
            self.pre += usize::from(name == "pre");
            self.open.push(Open { name: name.to_owned(), hidden, quote, container });
        }
    }

    fn close(&mut self, name: &str) {
        if is_block(name) {
            self.break_line();
        }
        if name == "a"
            && let Some((href, text)) = self.link.take()
        {
            self.show_link(&href, &text);
        }
        let Some(at) = self.open.iter().rposition(|o| o.name == name) else { return };
        while self.open.len() > at {
            let Some(o) = self.open.pop() else { break };
            if o.container || o.quote {
                self.break_line();
            }
            self.hidden -= usize::from(o.hidden);
            self.quotes -= usize::from(o.quote);
            self.containers -= usize::from(o.container);
            self.pre -= usize::from(o.name == "pre");
        }
        if matches!(name, "p" | "h1" | "h2" | "h3" | "h4" | "ul" | "ol" | "table" | "blockquote") {
            self.gap();
        }
    }

    /// A link whose text does not say where it goes gets its target on a line of its own below, so that sentences stay whole.
    fn show_link(&mut self, href: &str, text: &str) {
        let bare = |s: &str| s.trim().trim_start_matches("http://").trim_start_matches("https://").trim_end_matches('/').to_owned();
        let web = href.starts_with("http://") || href.starts_with("https://");
        if web && self.hidden == 0 && !text.trim().is_empty() && bare(href) != bare(text) && href.len() <= 300 && self.targets.len() < 20 {
            self.targets.push(format!("<{href}>"));
        }
    }

    fn text(&mut self, s: &str) {
        if s.is_empty() || self.hidden > 0 {
            return;
        }
        let s = unescape(s);
        for c in s.chars() {
            if self.pre > 0 && c == '\n' {
                self.force_break();
            } else if c.is_ascii_whitespace() && self.pre == 0 {
                self.space = true;
            } else if matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{200c}' | '\r') {
            } else {
                self.glyph(if c == '\u{a0}' { ' ' } else { c });
            }
        }
    }

    fn glyph(&mut self, c: char) {
        if (self.space || self.cell) && !self.now.is_empty() && !self.now.ends_with(' ') {
            self.now.push(' ');
        }
        (self.space, self.cell) = (false, false);
        if self.now.is_empty() {
            self.line_cut |= std::mem::take(&mut self.pending_cut);
        }
        self.now.push(c);
        if let Some((_, text)) = &mut self.link
            && text.len() < 400
        {
            text.push(c);
        }
    }

    fn push_raw(&mut self, s: &str) {
        if self.hidden == 0 {
            for c in s.chars() {
                self.glyph(c);
            }
        }
    }

    fn paragraph_gap(&mut self, name: &str) {
        self.break_line();
        if matches!(name, "p" | "h1" | "h2" | "h3" | "h4" | "ul" | "ol" | "table" | "blockquote") {
            self.gap();
        }
    }

    /// An empty line, unless one is there.
    fn gap(&mut self) {
        if self.blanks == 0 && !self.out.is_empty() {
            self.emit(String::new());
        }
    }

    fn break_line(&mut self) {
        self.space = false;
        self.cell = false;
        if !self.now.is_empty() {
            let t = std::mem::take(&mut self.now);
            self.emit(t);
        }
        for target in std::mem::take(&mut self.targets) {
            self.emit(target);
        }
    }

    fn force_break(&mut self) {
        if self.hidden > 0 {
            return;
        }
        self.space = false;
        let t = std::mem::take(&mut self.now);
        if t.trim().is_empty() && self.blanks >= 2 {
            return;
        }
        self.emit(t);
    }

    fn emit(&mut self, text: String) {
        if self.out.len() > MAX_LINES {
            return;
        }
        let text = text.trim_end();
        self.blanks = if text.is_empty() { self.blanks + 1 } else { 0 };
        let depth = self.quotes.min(40);
        let mut full = String::with_capacity(text.len() + depth * 2);
        for _ in 0..depth {
            full.push_str("> ");
        }
        full.push_str(text);
        let cut = std::mem::take(&mut self.line_cut);
        self.out.push(Line { text: full.trim_end().to_owned(), quoted: self.containers > 0, cut });
    }
}

/// Where the tag that starts at `body` ends (the `>`), quotes respected; a quote that never closes is ignored.
fn tag_end(body: &str) -> usize {
    let mut quote: Option<u8> = None;
    let mut after_eq = false;
    for (i, b) in body.bytes().enumerate().take(64 * 1024) {
        match (quote, b) {
            (Some(q), _) if q == b => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if after_eq => quote = Some(b),
            (None, b'>') => return i,
            _ => {}
        }
        if quote.is_none() && !b.is_ascii_whitespace() {
            after_eq = b == b'=';
        }
    }
    body.find('>').unwrap_or(body.len())
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "blockquote"
            | "table"
            | "tr"
            | "ul"
            | "ol"
            | "li"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "pre"
            | "body"
            | "html"
            | "center"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "dl"
            | "dt"
            | "dd"
            | "form"
            | "fieldset"
            | "address"
            | "thead"
            | "tbody"
            | "tfoot"
            | "caption"
            | "option"
            | "select"
            | "textarea"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        lines(html).into_iter().map(|l| l.text).collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    #[test]
    fn paragraphs_breaks_cells_and_lists() {
        assert_eq!(text("<p>one<br>two</p><p>three &amp; four</p>"), "one\ntwo\n\nthree & four");
        assert_eq!(text("<table><tr><td>姓名</td><td>王</td></tr><tr><td>電話</td><td>07</td></tr></table>"), "姓名 王\n電話 07");
        assert_eq!(text("<ul><li>a</li><li>b</li></ul>"), "- a\n- b");
        assert_eq!(text("a<style>p{x}</style><script>var a='<b>';</script>b"), "ab");
        assert_eq!(text("1 < 2 &lt;x&gt; <a@b.c> &#20013;&#x6587;"), "1 < 2 <x> <a@b.c> 中文");
    }

    #[test]
    fn quotes_are_marked() {
        let l = lines("<div>new</div><div class=\"gmail_quote\">On x wrote:<blockquote>old</blockquote></div><div>below</div>");
        let flat: Vec<(&str, bool)> = l.iter().filter(|l| !l.text.is_empty()).map(|l| (l.text.as_str(), l.quoted)).collect();
        assert_eq!(flat, [("new", false), ("On x wrote:", true), ("> old", true), ("below", false)]);
        assert!(lines("a<div id=\"divRplyFwdMsg\">From: x</div>").iter().any(|l| l.cut && l.text == "From: x"));
    }

    #[test]
    fn hidden_text_only_when_nothing_else_is_there() {
        assert_eq!(text("<div style=\"display: none\">x</div>y"), "y");
        assert_eq!(text("<div style=\"display: none\">x</div>"), "x");
    }

    #[test]
    fn nesting_costs_nothing() {
        let deep = "<div>".repeat(200_000) + "x";
        let t = std::time::Instant::now();
        assert_eq!(text(&deep), "x");
        assert!(t.elapsed().as_secs() < 2);
    }
}
