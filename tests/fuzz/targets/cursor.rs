//! A cursor that was changed is refused; one that was not goes on where it stopped.

#![no_main]

use accord::shared::auth::{By, Caller};
use accord::shared::page::{Page, Paging, page_of};
use accord_fuzz::place;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

struct Start {
    by: By,
    cursor: String,
}

static START: LazyLock<Start> = LazyLock::new(|| {
    let by = By::acting(&place().app.gate, Caller::command_line(), "fuzz").expect("the command line");
    let cursor = page(&by, None, "filter").and_then(|page| page.next_cursor).expect("more follow");
    Start { by, cursor }
});

fn page(by: &By, cursor: Option<String>, filter: &str) -> Option<Page<i64>> {
    let paging = Paging { limit: 3, cursor, count: false };
    page_of(by, (0..9).collect(), |item| (*item, uuid(*item)), &paging, filter).ok()
}

fn uuid(item: i64) -> uuid::Uuid {
    uuid::Uuid::from_u64_pair(0, item as u64)
}

fuzz_target!(|input: (&str, Vec<(u16, u8)>)| {
    let (text, edits) = input;
    let Start { by, cursor } = &*START;
    // Something that never was a cursor.
    assert!(text == cursor || page(by, Some(text.to_owned()), "filter").is_none(), "{text}");
    assert!(text == "filter" || page(by, Some(cursor.clone()), text).is_none(), "of other filters: {text}");
    // One of ours, edited.
    let mut bytes = cursor.clone().into_bytes();
    for (place, byte) in edits {
        let place = usize::from(place) % bytes.len();
        bytes[place] = byte;
    }
    let Ok(edited) = String::from_utf8(bytes) else { return };
    match page(by, Some(edited.clone()), "filter") {
        Some(page) => assert!(edited == *cursor && page.data == [3, 4, 5], "{edited}"),
        None => assert_ne!(edited, *cursor),
    }
});
