//! JSON Merge Patch (RFC 7396) of a supplier: refused, or done so that doing it again changes nothing.

#![no_main]

use accord_fuzz::{Answer, place};
use libfuzzer_sys::fuzz_target;
use poem::http::Request;
use serde_json::{Value, json};
use std::sync::LazyLock;

static PATH: LazyLock<String> = LazyLock::new(|| {
    let new = json!({"kind": "company", "name": "A supplier", "external_id": "S-1"}).to_string().into_bytes();
    let made = place().ask(Request::post("/v1/suppliers"), new);
    format!("/v1/suppliers/{}", made.body["id"].as_str().expect("an id"))
});

fn patched(etag: &str, patch: &[u8]) -> Answer {
    place().ask(Request::patch(&*PATH).header("if-match", etag), patch.to_vec())
}

/// What the patch is about: without the count of edits and when they were made.
fn content(answer: &Answer) -> Value {
    let mut content = answer.body.clone();
    for member in ["revision", "updated_at"] {
        content[member].take();
    }
    content
}

fuzz_target!(|patch: &[u8]| {
    let before = place().ask(Request::get(&*PATH), Vec::new());
    assert_eq!(before.status, 200, "{}", before.body);
    let etag = before.headers["etag"].to_str().expect("text");
    let once = patched(etag, patch);
    let now = place().ask(Request::get(&*PATH), Vec::new());
    if once.status != 200 {
        assert_eq!(before.body, now.body, "refused, and yet changed");
        return;
    }
    assert_eq!(once.body, now.body);
    let twice = patched(once.headers["etag"].to_str().expect("text"), patch);
    assert_eq!((twice.status, content(&twice)), (200, content(&once)), "{:?}", String::from_utf8_lossy(patch));
    // A member that was null is gone.
    let Ok(Value::Object(patch)) = serde_json::from_slice(patch) else { return };
    for (name, value) in patch {
        if value.is_null() {
            assert!(once.body[&name].is_null(), "{name}");
        }
    }
});
