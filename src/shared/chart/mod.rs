//! Pictures as SVG: a page of code instead of a charting library, whose pictures know neither gaps nor bounds, titles
//! and colour schemes. Pure: numbers go in, text comes out.

mod axis;
mod timeline;

pub use axis::Axis;
pub use timeline::{Every, Point, Timeline};

pub const WIDTH: f64 = 720.0;
pub const HEIGHT: f64 = 340.0;
pub const LEFT: f64 = 56.0;
pub const RIGHT: f64 = 60.0;
pub const TOP: f64 = 82.0;
pub const BOTTOM: f64 = 48.0;

/// How many columns of text fit on the first line.
const LONGEST_HEADING: usize = 78;

/// Everything is below one class, so that the picture can stand inside a page.
const STYLE: &str = "\
.accord-chart{color:#1f2328;font:12px system-ui,sans-serif;--ground:#fff;--quiet:#57606a;--grid:#d8dee4;--rate:#1f5fbf;--goal:#b45309}
@media (prefers-color-scheme:dark){.accord-chart{color:#e6edf3;--ground:#0d1117;--quiet:#9da7b1;--grid:#30363d;--rate:#79b8ff;--goal:#f0b429}}
.accord-chart text{fill:currentColor}
.accord-chart .heading{font-size:15px;font-weight:600}
.accord-chart .quiet{fill:var(--quiet)}
.accord-chart .ground{fill:var(--ground)}
.accord-chart .grid{stroke:var(--grid)}
.accord-chart .zero{stroke:var(--quiet)}
.accord-chart .goal{stroke:var(--goal);stroke-width:1.5;stroke-dasharray:6 4}
.accord-chart .promised{fill:var(--goal);font-weight:600}
.accord-chart .expected{fill:var(--ground);stroke:var(--goal);stroke-width:2}
.accord-chart .band{fill:var(--rate);opacity:.2}
.accord-chart .bounds{stroke:var(--rate);stroke-width:5;opacity:.2}
.accord-chart .few{stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:1 3;stroke-linecap:round}
.accord-chart .rate{fill:none;stroke:var(--rate);stroke-width:2;stroke-linejoin:round}
.accord-chart .dot{fill:var(--rate)}
.accord-chart .empty{stroke:var(--ground);stroke-width:8;paint-order:stroke}";

/// What is explained below the heading: the mark, drawn at 0 to 20 on the line of 50, and what it means.
pub type Mark = (&'static str, String);

pub const LINE: &str = r#"<path class="rate" d="M0 50h20"/><circle class="dot" cx="10" cy="50" r="3"/>"#;
pub const BAND: &str = r#"<rect class="band" y="44" width="20" height="12"/>"#;
pub const FEW: &str = r#"<path class="few" d="M10 43v14"/>"#;

/// A picture with everything that stands around it.
pub struct Picture<'a> {
    /// What the ids inside begin with.
    pub name: &'a str,
    /// What it is, for those who cannot see it.
    pub title: &'a str,
    /// What it shows, for those who cannot see it.
    pub story: &'a str,
    /// The first line, cut where it does not fit.
    pub heading: &'a str,
    pub legend: &'a [Mark],
    /// What is drawn, as SVG.
    pub body: &'a str,
}

impl Picture<'_> {
    pub fn svg(&self) -> String {
        let Self { name, body, .. } = self;
        let (title, story, heading) = (escaped(self.title), escaped(self.story), escaped(&shortened(self.heading)));
        let legend = legend(self.legend);
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="accord-chart" role="img" aria-labelledby="{name}-title {name}-story" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">
<title id="{name}-title">{title}</title>
<desc id="{name}-story">{story}</desc>
<style>{STYLE}</style>
<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="8"/>
<text class="heading" x="16" y="28">{heading}</text>
<g class="legend">{legend}</g>
{body}</svg>
"#
        )
    }
}

fn legend(marks: &[Mark]) -> String {
    let mut x = 16;
    let each = marks.iter().map(|(mark, words)| {
        let (at, text) = (x, if mark.is_empty() { 0 } else { 26 });
        // What letters need on average; nothing hangs on it but the space between.
        x += text + 6 * words.chars().count() + 22;
        format!(r#"<g transform="translate({at})">{mark}<text x="{text}" y="54">{}</text></g>"#, escaped(words))
    });
    each.collect()
}

/// What stands in the middle of a picture with nothing to show.
pub fn note(text: &str) -> String {
    let (x, y) = (LEFT + (WIDTH - LEFT - RIGHT) / 2.0, TOP + (HEIGHT - TOP - BOTTOM) / 2.0);
    format!("<text class=\"empty\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>\n", escaped(text))
}

/// As much as fits on the first line; wide letters take two columns.
fn shortened(text: &str) -> String {
    let columns = |letter: char| if letter >= '\u{1100}' { 2 } else { 1 };
    if text.chars().map(columns).sum::<usize>() <= LONGEST_HEADING {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |letter: &char| {
        used += columns(*letter);
        used < LONGEST_HEADING
    };
    let start: String = text.chars().take_while(fits).collect();
    format!("{}…", start.trim_end())
}

/// Safe inside XML, which has no way to write most control characters.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => safe.push(' '),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

/// Everything that would be outside the picture, or nowhere.
#[cfg(test)]
pub fn strays(svg: &str) -> Vec<String> {
    let attributes = svg.split('"').collect::<Vec<_>>();
    let is_inside = |text: &str, most: f64| text.parse().is_ok_and(|value: f64| (0.0..=most).contains(&value));
    let stray = |pair: &&[&str]| {
        let (name, value) = (pair[0].rsplit([' ', '<']).next().unwrap_or_default(), pair[1]);
        match name {
            "x=" | "cx=" | "width=" => !is_inside(value, WIDTH),
            "y=" | "cy=" | "height=" => !is_inside(value, HEIGHT),
            "d=" => {
                let mut numbers = value.split([' ', 'M', 'L', 'H', 'V', 'Z', 'h', 'v']).filter(|part| !part.is_empty());
                numbers.any(|number| !is_inside(number, WIDTH))
            }
            _ => false,
        }
    };
    attributes.chunks_exact(2).filter(stray).map(|pair| pair.join("")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(title: &str) -> String {
        let legend = [(LINE, "kept & <told>".to_owned())];
        Picture { name: "some", title, story: title, heading: title, legend: &legend, body: "" }.svg()
    }

    #[test]
    fn texts_can_neither_break_the_picture_nor_run() {
        let svg = picture("</title><script>alert(1)</script> & \"co\"\u{1}\u{ffff}");
        assert!(!svg.contains("<script") && !svg.contains('\u{1}') && !svg.contains('\u{ffff}'), "{svg}");
        assert!(svg.contains("&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;co&quot;"), "{svg}");
        assert!(svg.contains("kept &amp; &lt;told&gt;"), "{svg}");
    }

    #[test]
    fn a_long_title_is_cut_where_it_is_seen_and_whole_where_it_is_read() {
        let title = "A very long wording of a promise. ".repeat(10);
        let svg = picture(&title);
        assert!(svg.contains(title.as_str()) && svg.contains("…</text>"), "{svg}");
        assert!(shortened(&"長".repeat(100)).chars().count() < 40);
    }

    #[test]
    fn what_is_outside_is_found() {
        let body =
            r#"<path d="M1 2H720V-1"/><path d="MNaN 5"/><text x="721" y="341"></text><circle cx="0.0" cy="340"/>"#;
        assert_eq!(strays(body).len(), 4);
    }

    #[test]
    fn what_it_is_and_shows_can_be_heard() {
        let svg = picture("A title");
        assert!(svg.contains("role=\"img\" aria-labelledby=\"some-title some-story\""), "{svg}");
        assert!(
            svg.contains("<title id=\"some-title\">A title</title>\n<desc id=\"some-story\">A title</desc>"),
            "{svg}"
        );
    }
}
