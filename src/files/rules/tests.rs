use super::archive::{Member, list_at, members};
use super::*;
use proptest::prelude::*;

fn is_taken(filename: &str, parts: &[&[u8]]) -> bool {
    let claimed = claimed(filename, UNTYPED).expect("a name of ours");
    let mut look = Look::new(claimed);
    parts.iter().for_each(|part| look.at(part));
    look.check(None).is_ok()
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

#[test]
fn a_name_tells_the_type_and_the_sender_must_not_say_otherwise() {
    assert_eq!(claimed("A.b.PDF", "application/pdf").expect("a PDF").media_type, "application/pdf");
    assert_eq!(claimed("photo.jpeg", UNTYPED).expect("a picture").media_type, "image/jpeg");
    for (name, declared) in [("a.exe", UNTYPED), ("pdf", UNTYPED), ("a.pdf", "image/png"), ("a.zip", UNTYPED)] {
        assert_eq!(claimed(name, declared).expect_err(name).code, Code::FileTypeNotAllowed);
    }
}

#[test]
fn content_is_what_the_name_says() {
    assert!(is_taken("a.png", &[PNG]) && is_taken("a.pdf", &[b"%PDF-1.7\n"]));
    assert!(!is_taken("a.pdf", &[PNG]) && !is_taken("a.txt", &[b"%PDF-1.7\n"]) && !is_taken("a.txt", &[PNG]));
    assert!(is_taken("a.csv", &[b"BM,1\r\nMZ,2\r\n"]), "letters that other files begin with");
    assert!(is_taken("a.txt", &["Gr\u{fc}\u{df}e".as_bytes()]) && is_taken("a.txt", &[b"Gr\xc3", b"\xbc"]));
    for broken in [&b"Gr\xc3"[..], b"\xff", b"a\0b", b"\x1b[31m"] {
        assert!(!is_taken("a.txt", &[broken]), "{broken:?}");
    }
    assert!(!is_taken("a.txt", &["a\u{9b}".as_bytes()]), "a control character of two bytes");
    assert!(!is_taken("a.docx", &[b"PK\x03\x04"]), "nothing is known of what is in it");
}

fn member(name: &str, unpacked: u64) -> Member {
    Member { name: name.to_owned(), packed: 10, unpacked, is_encrypted: false }
}

#[test]
fn an_archive_is_a_document_or_refused() {
    let docx = vec![member("[Content_Types].xml", 100), member("word/document.xml", 1000)];
    let check = |members: &[Member], extension| archive::check(members, extension, None);
    assert!(check(&docx, "docx").expect("no refusal"));
    assert!(!check(&docx, "xlsx").expect("no refusal") && !check(&docx, "odt").expect("no refusal"));
    let with = |more: Member| [docx.clone(), vec![more]].concat();
    assert!(check(&with(member("word/media/zeros", 300 << 20)), "docx").is_err(), "a bomb");
    assert!(check(&with(member("word/vbaProject.bin", 1)), "docx").is_err(), "macros");
    assert!(check(&with(Member { is_encrypted: true, ..member("x", 1) }), "docx").is_err(), "encrypted");
    assert!(check(&with(Member { packed: 26 << 20, ..member("x", 1) }), "docx").is_err(), "overlapping members");
}

#[test]
fn a_range_is_what_the_standard_says() {
    let part = |range| Wanted::Part(range);
    for (header, expected) in [
        ("bytes=0-0", part(0..1)),
        ("bytes=2-", part(2..10)),
        ("bytes=2-99", part(2..10)),
        ("Bytes = 9-9", part(9..10)),
        ("bytes=-3", part(7..10)),
        ("bytes=-99", part(0..10)),
        ("bytes=0-18446744073709551616", part(0..10)),
        ("bytes=10-", Wanted::Nothing),
        ("bytes=-0", Wanted::Nothing),
        ("bytes=99999999999999999999-", Wanted::Nothing),
        ("bytes=3-2", Wanted::Whole),
        ("bytes=0-1,3-4", Wanted::Whole),
        ("lines=0-1", Wanted::Whole),
        ("bytes=a-b", Wanted::Whole),
        ("bytes=-", Wanted::Whole),
        ("bytes", Wanted::Whole),
    ] {
        assert_eq!(wanted(Some(header), 10), expected, "{header}");
    }
    assert_eq!(wanted(None, 10), Wanted::Whole);
}

#[test]
fn a_name_travels_in_a_header_whatever_it_is() {
    let expected = "attachment; filename=\"_ber_ _x_.pdf\"; filename*=UTF-8''%C3%9Cber%22%20%3Bx%27.pdf";
    assert_eq!(disposition("\u{dc}ber\" ;x'.pdf"), expected);
}

proptest! {
    #[test]
    fn text_is_text_however_it_is_cut(text in "\\PC{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..40), at in 0..40usize) {
        for content in [text.as_bytes(), &bytes] {
            let (left, right) = content.split_at(at.min(content.len()));
            let mut cut = text::Text::default();
            cut.at(left);
            cut.at(right);
            let whole = std::str::from_utf8(content);
            let is_text = whole.is_ok_and(|text| !text.chars().any(|letter| letter.is_control() && !"\t\r\n".contains(letter)));
            prop_assert_eq!(cut.is_whole(), is_text);
        }
    }

    #[test]
    fn no_list_of_contents_breaks_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 0..400u64) {
        let tail = [&bytes[..], b"PK\x05\x06", &bytes[..bytes.len().min(18)]].concat();
        let size = size + tail.len() as u64;
        if let Some(list) = list_at(&tail, size) {
            prop_assert!(list.end <= size);
        }
        let _ = members(&[b"PK\x01\x02", &bytes[..]].concat());
    }

    #[test]
    fn a_part_lies_within_the_file(header in "bytes=[0-9]{0,3}-[0-9]{0,3}", size in 1..500u64) {
        if let Wanted::Part(part) = wanted(Some(&header), size) {
            prop_assert!(part.start < part.end && part.end <= size);
        }
    }
}
