//! How much one reads to follow `POST /v1/suppliers` from its route to its row.

use super::{Source, read};

/// What one opens on the way, in order. `*` is the whole file up to its tests; otherwise only the
/// items named, with their comments and attributes.
const WAY: [(&str, &[&str]); 13] = [
    (
        "shell/mod.rs",
        &["impl<E: Endpoint<Output = Response>> Endpoint for Shell", "impl<E: Endpoint<Output = Response>> Shell"],
    ),
    (
        "shared/auth/may.rs",
        &[
            "pub struct May<",
            "impl<'a, P: Permission> ApiExtractor<'a> for May<P>",
            "async fn authenticate",
            "fn require<",
        ],
    ),
    (
        "shared/body.rs",
        &[
            "pub struct Body<",
            "impl<'a, T: ParseFromJSON> ApiExtractor<'a> for Body<T>",
            "async fn read",
            "fn checked<",
        ],
    ),
    ("suppliers/api/mod.rs", &["async fn create_supplier"]),
    ("suppliers/types.rs", &["pub struct NewSupplier", "pub struct CreatedSupplier", "pub struct Supplier "]),
    ("suppliers/rules.rs", &["pub fn check_legal_ids", "pub fn comparable", "pub fn likeness"]),
    ("shared/idempotency.rs", &["impl Once", "impl Db", "async fn claim", "async fn replay", "async fn keep"]),
    ("shared/db/write.rs", &["impl Db", "async fn on_postgres", "async fn together"]),
    (
        "suppliers/store/mod.rs",
        &["pub async fn insert_supplier", "pub async fn get_supplier", "pub async fn refuse_unknown"],
    ),
    ("suppliers/store/index.rs", &["*"]),
    ("suppliers/entity.rs", &["*"]),
    ("shared/history/mod.rs", &["pub async fn record", "pub async fn record_as"]),
    ("shared/reply.rs", &["impl<T: Serialize> Created<T>", "impl IntoResponse for Sent"]),
];

/// The lines of an item, from its first comment or attribute to the brace that closes it.
fn item<'a>(source: &'a Source, start: &str) -> Vec<&'a str> {
    if start == "*" {
        return source.code().lines().collect();
    }
    let lines: Vec<_> = source.text.lines().collect();
    let at = lines.iter().position(|line| line.trim_start().starts_with(start));
    let at = at.unwrap_or_else(|| panic!("{} has no `{start}`: follow the way again", source.path));
    let indent = lines[at].len() - lines[at].trim_start().len();
    let is_about = |line: &&&str| ["///", "#["].iter().any(|mark| line.trim_start().starts_with(mark));
    let before = lines[..at].iter().rev().take_while(is_about).count();
    let closes = |line: &&&str| {
        **line == format!("{}}}", " ".repeat(indent))
            || (line.ends_with(';') && indent == line.len() - line.trim_start().len())
    };
    let after = lines[at..].iter().position(|line| closes(&line)).expect("it ends");
    lines[at - before..=at + after].to_vec()
}

#[test]
fn one_operation_is_understood_within_800_lines() {
    let all = read("src");
    let mut sum = 0;
    for (path, starts) in WAY {
        let source = all.iter().find(|source| source.path == path);
        let source = source.unwrap_or_else(|| panic!("{path} is gone: follow the way again"));
        let lines: usize = starts.iter().map(|start| item(source, start).len()).sum();
        eprintln!("{lines:4} {path}");
        sum += lines;
    }
    eprintln!("{sum:4} lines from the route of POST /v1/suppliers to its row");
    assert!(sum <= 800, "{sum} lines are more than one reads at once");
}
