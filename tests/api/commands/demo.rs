//! The year that `accord demo` shows.

use crate::support::PASSWORD;
use crate::support::process::Installation;
use serde_json::json;

#[tokio::test]
async fn a_demo_shows_a_year_and_leaves_nothing() {
    let place = Installation::new();
    let folder = place.path("temporary");
    std::fs::create_dir(&folder).expect("a folder");
    let place = place.with("TMPDIR", folder.to_str().expect("text"));
    let server = place.serve_as(&["demo"]);
    for who in ["manager@demo", "reviewer@demo", "agent@demo", "auditor@demo", "admin@supplier", "user@supplier"] {
        let email = format!("{who}.example");
        assert_eq!(server.sign_in(&email, PASSWORD).await.get("/v1/me").await["email"], json!(email));
    }
    let owner = server.sign_in("owner@demo.example", PASSWORD).await;
    let suppliers = owner.get("/v1/suppliers?limit=100").await["data"].as_array().expect("a list").clone();
    let units = suppliers.iter().filter(|supplier| supplier["kind"] == "internal_unit").count();
    assert_eq!((suppliers.len(), units), (30, 4));
    let green = owner.get("/v1/alignment/watermelons").await["data"].clone();
    assert_eq!((green.as_array().map(Vec::len), &green[0]["title"]), (Some(1), &json!("Service of Heating North")));
    let (kept, satisfied) = (&green[0]["kept"]["value"], &green[0]["satisfied"]["value"]);
    assert!(kept.as_f64() > Some(0.95) && satisfied.as_f64() < Some(0.75), "{green}");
    let (code, said) = server.stop();
    assert_eq!((code, std::fs::read_dir(&folder).expect("a folder").count()), (Some(0), 0), "{said}");
}
