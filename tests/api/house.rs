//! The rules of the house (see `src/lib.rs` and the docs of the rooms), kept over the source text.
//! Every rule is a function that is shown here to find what it forbids.

mod path;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A source file below `src/` or `migration/src/`.
struct Source {
    /// `suppliers/api/mod.rs`
    path: String,
    text: String,
}

fn read(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut open, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
                found.push(Source { path: name, text: fs::read_to_string(&path).expect("text") });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

impl Source {
    /// The room or part of the house it belongs to: `suppliers`, `shared`, `app`, ...
    fn part(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.trim_end_matches(".rs")
    }

    /// How deep the module lies below the crate: `suppliers/api/mod.rs` is 2.
    fn depth(&self) -> usize {
        self.path.split('/').count() - usize::from(self.path.ends_with("mod.rs"))
    }

    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// The paths `crate::a::b` (in `main.rs` also `accord::a::b`), groups in braces resolved: (a, b).
fn references(text: &str, krate: &str) -> Vec<(String, String)> {
    let start = format!("{krate}::");
    let mut found = Vec::new();
    for (at, _) in text.match_indices(&start) {
        if text[..at].ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | ':')) {
            continue;
        }
        let rest = &text[at + start.len()..];
        let members = match rest.strip_prefix('{') {
            Some(group) => group_members(group),
            None => vec![rest],
        };
        for member in members {
            let member = member.trim_start();
            let (first, after) =
                member.split_at(member.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(member.len()));
            let names: Vec<_> = match after.strip_prefix("::") {
                Some(group) if group.starts_with('{') => {
                    group_members(&group[1..]).into_iter().filter_map(|name| words(name).next()).collect()
                }
                Some(name) => words(name).take(1).collect(),
                None => vec![""],
            };
            found.extend(names.into_iter().map(|name| (first.to_owned(), name.to_owned())));
        }
    }
    found
}

/// The members of `a, b::{c, d}}` up to the brace that closes it.
fn group_members(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut members) = (0, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                members.push(text[start..at].trim());
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    members.retain(|member| !member.is_empty());
    members
}

/// The order of rooms, as the map in `lib.rs` gives it.
fn rooms() -> Vec<String> {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs");
    let mut lines = map.lines().filter_map(|line| line.strip_prefix("//! `")?.strip_suffix('`'));
    let line = lines.find(|line| line.split(", ").any(|room| room == "suppliers"));
    line.expect("the map lists the rooms").split(", ").map(str::to_owned).collect()
}

/// What a part of the house may call.
fn may_call(from: &str, to: &str, rooms: &[String]) -> bool {
    let place = |name: &str| rooms.iter().position(|room| room == name);
    let foundation = ["shared", "config", "docs", "openapi", "shell"];
    match (from, place(from), place(to)) {
        _ if from == to => true,
        ("main" | "start", ..) => to != "main",
        ("app", ..) => !["main", "start"].contains(&to),
        ("api", _, called) => called.is_some() || to == "shared",
        (_, Some(from), Some(to)) => to < from,
        (_, Some(_), None) => to == "shared",
        ("shared", ..) => false,
        _ => foundation.contains(&from) && to == "shared",
    }
}

/// The names a room's `mod.rs` exports for other rooms: its `pub use` and `pub const`.
fn exports(door: &str) -> BTreeSet<&str> {
    let used = door.split(';').filter_map(|item| item.split("pub use ").nth(1)).flat_map(words);
    let constants = door.split("pub const ").skip(1).filter_map(|item| words(item).next());
    used.chain(constants).collect()
}

/// Calls that the map forbids.
fn forbidden(source: &Source, all: &[Source], rooms: &[String]) -> Vec<String> {
    let (from, krate) = (source.part(), if source.part() == "main" { "accord" } else { "crate" });
    let mut wrong = Vec::new();
    let code: Vec<_> = source.text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    for (to, name) in references(&code.join("\n"), krate) {
        // Macros of `shared` are exported at the top of the crate.
        if ["id", "parsed", "source"].contains(&&*to) {
            continue;
        }
        let is_room = |part: &str| rooms.iter().any(|room| room == part);
        if !may_call(from, &to, rooms) {
            wrong.push(format!("{}: {from} may not call {to}", source.path));
        } else if from != to && is_room(from) && is_room(&to) {
            let door = all.iter().find(|door| door.path == format!("{to}/mod.rs")).expect("every room has a door");
            if !exports(&door.text).contains(&*name) {
                wrong.push(format!("{}: {to}/mod.rs does not export {name}", source.path));
            }
        }
    }
    let too_far = "super::".repeat(source.depth());
    if source.code().contains(&too_far) {
        wrong.push(format!("{}: leaves its room by {too_far}", source.path));
    }
    wrong
}

#[test]
fn rooms_call_only_rooms_to_their_left_and_only_what_those_export() {
    let (all, rooms) = (read("src"), rooms());
    let folders: BTreeSet<_> = all.iter().filter(|source| source.path.contains('/')).map(Source::part).collect();
    let house = ["docs", "openapi", "shared", "shell", "start"];
    let unmapped: Vec<_> =
        folders.iter().filter(|folder| !house.contains(folder) && !rooms.iter().any(|room| room == *folder)).collect();
    assert!(unmapped.is_empty(), "rooms that the map in lib.rs does not know: {unmapped:?}");
    let wrong: Vec<_> = all.iter().flat_map(|source| forbidden(source, &all, &rooms)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_forbidden_call_is_found_however_it_is_written() {
    let (all, rooms) = (read("src"), rooms());
    let found = |path: &str, text: &str| {
        !forbidden(&Source { path: path.to_owned(), text: text.to_owned() }, &all, &rooms).is_empty()
    };
    assert!(found("suppliers/store.rs", "use crate::users::Thing;"), "to the right");
    assert!(found("suppliers/store.rs", "use crate::{shared::id, audit};"), "in a group");
    assert!(found("suppliers/store.rs", "fn f() { crate::jobs::run() }"), "inline");
    assert!(found("suppliers/notes/store.rs", "use super::super::super::users::x;"), "by climbing out");
    assert!(found("shared/page.rs", "use crate::suppliers::Supplier;"), "upward");
    assert!(found("openapi/info.rs", "use crate::app;"), "upward");
    assert!(found("jobs/store.rs", "use crate::shell::Shell;"), "a room needs no shell");
    assert!(found("jobs/store.rs", "use crate::suppliers::api::SuppliersApi;"), "past the door");
    assert!(found("jobs/store.rs", "use crate::suppliers::{Supplier, rules};"), "past the door, in a group");
    assert!(!found("jobs/store.rs", "use crate::suppliers::{Supplier, get_supplier};"), "exported");
    assert!(
        !found("suppliers/notes/api.rs", "use crate::suppliers::get_supplier;\nuse super::super::rules;"),
        "its own"
    );
}

/// HTTP and SQL in rules.
fn impure(source: &Source) -> bool {
    source.code().contains("poem") || source.text.contains("poem::") || source.text.contains("sea_orm")
}

#[test]
fn rules_know_neither_http_nor_sql() {
    let all = read("src");
    let rules: Vec<_> = all.iter().filter(|s| s.path.ends_with("/rules.rs") || s.path.contains("/rules/")).collect();
    assert!(rules.len() >= 2, "there are rules to look at");
    let wrong: Vec<_> = rules.iter().filter(|source| impure(source)).map(|source| &source.path).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn files_are_short_enough_to_read() {
    for (folder, limit) in [("src", 400), ("migration/src", 400), ("tests", 400), ("benches", 400)] {
        if Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).exists() {
            for source in read(folder) {
                let lines = source.text.lines().count();
                assert!(lines <= limit, "{folder}/{} has {lines} lines; make it a folder", source.path);
            }
        }
    }
    let mut lengths: Vec<_> = read("src").iter().map(|source| source.text.lines().count()).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 150, "half of the files have more than {median} lines");
}

/// A handler: its name, what follows `&self,`, and how many lines its body has.
struct Handler {
    name: String,
    first: String,
    lines: usize,
}

/// The operations of every `#[OpenApi]` implementation. `cargo fmt` puts each where it is looked for.
fn handlers(source: &Source) -> Vec<Handler> {
    let mut found: Vec<Handler> = Vec::new();
    let implementations = source.text.split("\n#[OpenApi").skip(1).filter_map(|rest| rest.split("\n}\n").next());
    for implementation in implementations {
        for function in implementation.split("\n    async fn ").skip(1) {
            let (name, rest) = function.split_once('(').expect("its arguments");
            let first = rest.trim_start().strip_prefix("&self,").unwrap_or(rest).trim_start();
            let body = rest.split_once("{\n").map_or("", |(_, body)| body);
            let lines = body.lines().take_while(|line| *line != "    }").count();
            let first = first.lines().next().unwrap_or_default().to_owned();
            found.push(Handler { name: name.to_owned(), first, lines });
        }
    }
    found
}

#[test]
fn handlers_are_short_and_ask_for_rights_first() {
    let all = read("src");
    let handlers: Vec<_> = all.iter().flat_map(handlers).collect();
    let in_document = all.iter().map(|source| source.text.matches("operation_id = \"").count()).sum::<usize>();
    assert_eq!(handlers.len(), in_document, "every operation is looked at");
    for Handler { name, first, lines } in handlers {
        assert!(lines <= 25, "{name} has a body of {lines} lines; move decisions to rules, queries to store");
        let kind = first.split_once(": ").map_or("", |(_, kind)| kind);
        assert!(kind.starts_with("May<") || kind.starts_with("Anyone"), "{name} begins with `{first}`");
    }
}

/// Spelled in two halves, so that this file holds none of them.
fn banned() -> [String; 4] {
    [["explode =", " false"], ["#[al", "low("], ["to", "do!("], ["unimple", "mented!("]].map(|halves| halves.concat())
}

#[test]
fn nothing_is_hidden_or_left_unfinished() {
    for source in read("src").into_iter().chain(read("migration/src")) {
        for word in banned() {
            assert!(!source.text.contains(&word), "{} holds {word}", source.path);
        }
    }
}
