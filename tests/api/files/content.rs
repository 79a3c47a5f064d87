//! The content of a file: as a whole, in part, and under which headers.

use super::ANY;
use crate::both;
use crate::support::files::{PDF, docx, pdf};
use accord::shared::crypto::{hex, sha256};

both! {
    async fn content_comes_back_as_bytes_to_be_kept(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.upload("filename=%C3%9Cber%20%22uns%22.pdf", ANY, PDF).await.expect(201);
        let path = format!("{}/content", made.header("location"));
        let got = owner.get(&path).await.expect(200);
        assert_eq!(got.text.as_bytes(), PDF);
        let etag = format!("\"{}\"", hex(&sha256(PDF)));
        for (name, value) in [
            ("content-type", "application/octet-stream"),
            ("content-disposition", "attachment; filename=\"_ber _uns_.pdf\"; filename*=UTF-8''%C3%9Cber%20%22uns%22.pdf"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
            ("accept-ranges", "bytes"),
            ("etag", &etag),
            ("content-length", &PDF.len().to_string()),
        ] {
            assert_eq!(got.header(name), value, "{name}");
        }
        let known = owner.with("If-None-Match", &etag).get(&path).await.expect(304);
        assert_eq!((&*known.text, known.header("etag")), ("", &*etag));
        let events = owner.get("/v1/audit-events?action=file.download").await.expect(200);
        assert_eq!(events.body["data"].as_array().expect("events").len(), 1, "{}", events.text);
        assert_eq!(events.body["data"][0]["resource"]["id"], made.body["id"]);
    }

    async fn a_part_of_it_is_read_by_its_range(app: TestApp) {
        let owner = app.owner().await;
        let whole = pdf(1_500_000, b'z');
        let made = owner.upload("filename=a.pdf", ANY, &whole).await.expect(201);
        let path = format!("{}/content", made.header("location"));
        let etag = format!("\"{}\"", made.body["sha256"].as_str().expect("a digest"));
        for (range, from, to) in [
            ("bytes=0-7", 0, 8),
            ("bytes=1048570-1048600", 1_048_570, 1_048_601),
            ("bytes=1499990-", 1_499_990, 1_500_000),
            ("bytes=-10", 1_499_990, 1_500_000),
        ] {
            let got = owner.with("Range", range).get(&path).await.expect(206);
            assert_eq!(got.text.as_bytes(), &whole[from..to], "{range}");
            assert_eq!(got.header("content-range"), format!("bytes {from}-{}/1500000", to - 1));
            assert_eq!((got.header("content-length"), got.header("etag")), (&*(to - from).to_string(), &*etag));
        }
        let beyond = owner.with("Range", "bytes=1500000-").get(&path).await.refused(416, "range_not_satisfiable");
        assert_eq!(beyond.header("content-range"), "bytes */1500000");
        for ignored in ["bytes=0-1,4-5", "lines=0-1", "bytes=5-2", "?"] {
            assert_eq!(owner.with("Range", ignored).get(&path).await.expect(200).text.len(), whole.len(), "{ignored}");
        }
        let part = owner.with("Range", "bytes=0-7");
        part.with("If-Range", &etag).get(&path).await.expect(206);
        part.with("If-Range", "\"another\"").get(&path).await.expect(200);
        owner.with("Range", &"bytes=".repeat(20)).get(&path).await.refused(400, "invalid_parameter");
    }

    async fn a_restart_forgets_nothing(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.upload("filename=a.docx", ANY, &docx()).await.expect(201);
        let again = app.second_instance().await;
        let got = again.owner().await.get(&format!("{}/content", made.header("location"))).await.expect(200);
        assert_eq!(got.header("content-length"), docx().len().to_string());
    }
}
