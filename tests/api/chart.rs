//! The kept rate of a promise as a picture.

use crate::both;
use crate::commitments::commit;
use crate::support::Caller;
use crate::support::seed::Terms;
use accord::shared::permission::Role;
use serde_json::json;

/// Ten commitments kept in the week of 2 November.
async fn keep_ten(owner: &Caller<'_>, promise: &str) {
    for _ in 0..10 {
        let kept = json!({"made_at": "2026-11-01T09:00:00Z", "fulfilled_at": "2026-11-02T09:00:00Z"});
        commit(owner, promise, kept).await;
    }
}

fn address(promise: &str) -> String {
    format!("/v1/promises/{promise}/chart.svg")
}

both! {
    async fn weeks_are_drawn_with_their_bounds_and_told_in_words(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        keep_ten(&owner, &promise).await;
        commit(&owner, &promise, json!({"made_at": "2026-11-08T09:00:00Z"})).await;
        let chart = owner.get(&address(&promise)).await.expect(200);
        assert_eq!(chart.header("content-type"), "image/svg+xml; charset=utf-8");
        assert_eq!(chart.header("cache-control"), "private, no-cache");
        let svg = &chart.text;
        assert!(svg.contains("<title id=\"kept-rate-title\">Kept rate by week: Everything comes within two days.</title>"), "{svg}");
        assert!(svg.contains("Promised: 95 %. In all 10 of 11 kept, 90.9 %, between 62.3 % and 98.4 %. \
                              1 of 1 weeks with at least 10 occasions reached what is promised."), "{svg}");
        assert!(svg.contains("<title>Week of 2 Nov 2026: 10 of 10 kept, 100 %, between 72.2 % and 100 %</title>"), "{svg}");
        assert!(svg.contains("<title>Week of 9 Nov 2026: 0 of 1 kept, too few for a rate"), "{svg}");
    }

    async fn nothing_in_the_picture_can_run(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms { status: "draft", published_at: None, ..Terms::default() }).await;
        let evil = json!({"wording": "</title><script>alert(1)</script>"});
        owner.patch(&format!("/v1/promises/{promise}"), evil).await.expect(200);
        let chart = owner.get(&address(&promise)).await.expect(200);
        assert!(!chart.text.contains("<script") && chart.text.contains("&lt;script&gt;alert(1)"), "{}", chart.text);
        let policy = chart.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.ends_with("sandbox"), "{policy}");
    }

    async fn the_window_and_the_basis_choose_what_is_drawn(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms { published_at: Some("2026-11-02T00:00:00Z"), ..Terms::default() }).await;
        keep_ten(&owner, &promise).await;
        let drawn = async |query: &str| {
            let chart = owner.get(&format!("{}?{query}", address(&promise))).await.expect(200);
            chart.text.contains("10 of 10 kept")
        };
        assert!(drawn("").await);
        assert!(drawn("from=2026-11-02&to=2026-11-08").await);
        assert!(!drawn("to=2026-11-01").await);
        assert!(!drawn("basis=promised").await, "they were made before it was published");
        let refused = async |query: &str, status, code| {
            let answer = owner.get(&format!("{}?{query}", address(&promise))).await;
            answer.refused(status, code).errors()[0].clone()
        };
        assert_eq!(refused("from=2026-02-01&to=2026-01-01", 422, "date_order").await, "from date_order");
        assert!(refused("basis=some", 400, "invalid_parameter").await.starts_with("basis"));
    }

    async fn a_supplier_sees_its_own_and_no_other(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        let other = owner.supplier("Other").await;
        app.sign_in(Role::SupplierUser, Some(&on.supplier)).await.get(&address(&promise)).await.expect(200);
        let stranger = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        for id in [promise.as_str(), &on.agreement, "unknown"] {
            stranger.get(&address(id)).await.refused(404, "not_found");
        }
        owner.get(&address(&on.agreement)).await.refused(404, "not_found");
    }
}
