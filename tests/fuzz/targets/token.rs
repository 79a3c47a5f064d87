//! Nobody comes in with a token that is not exactly the one that was given out.

#![no_main]

use accord_fuzz::place;
use libfuzzer_sys::fuzz_target;
use poem::http::{HeaderValue, Request};

fn status(authorization: &[u8]) -> Option<u16> {
    let value = HeaderValue::from_bytes(authorization).ok()?;
    Some(place().send(Request::get("/v1/me").header("authorization", value), Vec::new()).status)
}

fuzz_target!(|input: (&[u8], Vec<(u16, u8)>)| {
    let (any, edits) = input;
    let token = &place().token;
    if let Some(status) = status(any) {
        assert!(status != 200 || any.ends_with(token.as_bytes()), "{}", String::from_utf8_lossy(any));
    }
    let mut edited = token.clone().into_bytes();
    for (place, byte) in edits {
        let place = usize::from(place) % edited.len();
        edited[place] = byte;
    }
    // Spaces around it belong to the header.
    let same = edited.trim_ascii() == token.as_bytes();
    if let Some(status) = status(&[b"Bearer ", &*edited].concat()) {
        assert_eq!(status == 200, same, "{}", String::from_utf8_lossy(&edited));
    }
});
