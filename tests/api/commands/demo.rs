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
    let reviews = |status: &'static str| {
        let owner = &owner;
        let path = format!("/v1/reviews?limit=100&status={status}");
        async move { owner.get(&path).await["data"].as_array().expect("a list").clone() }
    };
    let closed = reviews("closed").await;
    let graded = |review: &serde_json::Value| review["grade"].is_string() && review["response"]["kind"].is_string();
    assert!(closed.len() > 60 && closed.iter().all(graded), "{closed:?}");
    let missed = reviews("missed").await;
    let by = |who: &str| missed.iter().filter(|review| review["missed_by"] == who).count();
    assert!((1..20).contains(&by("us")) && (1..20).contains(&by("supplier")), "{missed:?}");
    assert_eq!((reviews("disputed").await.len(), reviews("responding").await.is_empty()), (1, false));
    assert!(reviews("scheduled").await.len() >= 30, "one of every agreement is to come");
    let pack = owner.get(&format!("/v1/reviews/{}/pack", closed[0]["id"].as_str().expect("an id"))).await;
    assert!(pack["reciprocity"]["ours"]["n"].as_i64() > Some(0), "{pack}");
    let actions = owner.get("/v1/actions").await["data"].clone();
    let mut ended: Vec<_> = actions.as_array().expect("a list").iter().map(|one| one["status"].clone()).collect();
    ended.sort_by_key(ToString::to_string);
    assert_eq!(ended, [json!("not_effective"), json!("verified_effective")]);
    let (code, said) = server.stop();
    assert_eq!((code, std::fs::read_dir(&folder).expect("a folder").count()), (Some(0), 0), "{said}");
}
