//! On what a promise to customers rests.

use super::{agreement, made, promise};
use crate::both;
use crate::support::{Answer, Caller};
use accord::shared::permission::Role;
use poem::http::Method;
use serde_json::{Value, json};

fn estimate(name: &str, hours: u32, reliability: f64) -> Value {
    json!({"kind": "estimate", "name": name, "target_duration": format!("PT{hours}H"), "reliability": reliability})
}

fn series(parts: Value) -> Value {
    json!({"kind": "series", "parts": parts})
}

async fn put(caller: &Caller<'_>, promise: &str, tree: Value) -> Answer {
    caller.send(Method::PUT, &format!("{promise}/underpinning"), Some(json!({"tree": tree}))).await
}

async fn publish(owner: &Caller<'_>, promise: &str) {
    owner.act(&format!("{promise}/check")).await.expect(200);
    let approval = json!({"approval": {"reason": "It is new.", "recheck_on": "2027-02-01"}});
    owner.post(&format!("{promise}/publish"), approval).await.expect(200);
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().expect("an id")
}

fn near(value: &Value, wanted: f64) {
    assert!((value.as_f64().expect("a number") - wanted).abs() < 0.000_06, "{value} is not {wanted}");
}

both! {
    async fn three_links_in_series_do_not_carry_the_promise(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.customers)).await;
        owner.get(&format!("{path}/underpinning")).await.refused(404, "not_found");
        let tree = series(json!([estimate("Spare part", 24, 0.98), estimate("Planning", 8, 0.97), estimate("Visit", 24, 0.96)]));
        let found = put(&owner, &path, tree.clone()).await.expect(200);
        near(&found.body["product"], 0.9126);
        near(&found.body["worst_case"], 0.91);
        assert_eq!((&found.body["coverage"], &found.body["is_in_time"]), (&json!("not_covered"), &json!(false)));
        assert_eq!((&found.body["duration"], &found.body["target_duration"]), (&json!("P2DT8H"), &json!("P2D")));
        let links = found.body["links"].as_array().expect("links");
        near(&links[0]["needed_reliability"], 0.983);
        let weakest: Vec<_> = links.iter().map(|link| link["is_weakest"].clone()).collect();
        assert_eq!(weakest, [false, false, true]);
        let read = owner.get(&format!("{path}/underpinning")).await.expect(200);
        assert_eq!((&read.body, read.header("etag")), (&found.body, "\"1\""));
        // Quicker and better ones do.
        let tree = series(json!([estimate("Spare part", 24, 0.99), estimate("Visit", 24, 0.97)]));
        let found = put(&owner.with("if-match", "\"1\""), &path, tree.clone()).await.expect(200).body;
        assert_eq!((&found["coverage"], &found["revision"]), (&json!("covered"), &json!(2)));
        put(&owner.with("if-match", "\"1\""), &path, tree).await.refused(412, "etag_mismatch");
    }

    async fn links_are_promises_as_they_are_now(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let (path, link) = (made(&owner, promise(&on, &on.customers)).await, made(&owner, promise(&on, &on.theirs)).await);
        publish(&owner, &link).await;
        let two = json!({"kind": "parallel", "parts": [{"kind": "promise", "promise_id": id(&link)}, estimate("Other", 60, 0.8)]});
        let found = put(&owner, &path, two).await.expect(200).body;
        near(&found["product"], 0.99);
        assert_eq!((&found["duration"], &found["is_in_time"]), (&json!("P2DT12H"), &json!(false)));
        assert_eq!((&found["links"][0]["promise_id"], &found["links"][0]["name"]), (&json!(id(&link)), &json!("Within two days.")));
        assert_eq!(found["links"][0]["reliability"], 0.95);
    }

    async fn a_link_may_take_its_grace_as_well(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let mut graceful = promise(&on, &on.theirs);
        graceful["grace"] = json!("PT1H");
        let link = made(&owner, graceful).await;
        publish(&owner, &link).await;
        for (target, in_time, coverage) in [("PT48H", false, "not_covered"), ("PT49H", true, "covered")] {
            let mut new = promise(&on, &on.customers);
            new["target_duration"] = json!(target);
            let path = made(&owner, new).await;
            let found = put(&owner, &path, json!({"kind": "promise", "promise_id": id(&link)})).await.expect(200).body;
            assert_eq!((&found["duration"], &found["links"][0]["target_duration"]), (&json!("P2DT1H"), &json!("P2DT1H")));
            assert_eq!((&found["is_in_time"], &found["coverage"]), (&json!(in_time), &json!(coverage)), "{target}");
        }
    }

    async fn a_link_that_is_not_published_counts_for_nothing(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let (path, link) = (made(&owner, promise(&on, &on.customers)).await, made(&owner, promise(&on, &on.theirs)).await);
        let found = put(&owner, &path, json!({"kind": "promise", "promise_id": id(&link)})).await.expect(200).body;
        assert_eq!((&found["links"][0]["reliability"], &found["coverage"]), (&json!(0.0), &json!("not_covered")));
        let summary = found["summary"].as_str().expect("a summary");
        assert!(summary.contains("`Within two days.` is not published"), "{summary}");
        publish(&owner, &link).await;
        let found = owner.get(&format!("{path}/underpinning")).await.expect(200).body;
        assert_eq!(found["links"][0]["reliability"], 0.95);
    }

    async fn times_in_different_calendars_do_not_add_up(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let link = made(&owner, promise(&on, &on.theirs)).await;
        publish(&owner, &link).await;
        let office = json!({"name": "Office", "time_zone": "Europe/Berlin", "hours": [{"weekday": "monday", "from": "08:00", "to": "17:00"}]});
        let office = owner.post("/v1/calendars", office).await.expect(201);
        owner.act(&format!("{}/make-default", office.header("location"))).await.expect(200);
        // Made after there is a default calendar, it counts in that one.
        let path = made(&owner, promise(&on, &on.customers)).await;
        assert_eq!(owner.get(&path).await.expect(200).body["calendar_id"], office.id());
        assert_eq!(owner.get(&link).await.expect(200).body["calendar_id"], Value::Null);
        let found = put(&owner, &path, json!({"kind": "promise", "promise_id": id(&link)})).await.expect(200).body;
        assert_eq!((&found["is_in_time"], &found["duration"]), (&Value::Null, &Value::Null));
        assert_eq!(found["coverage"], "not_covered");
        let summary = found["summary"].as_str().expect("a summary");
        assert!(summary.contains("counts in another calendar"), "{summary}");
    }

    async fn a_promise_rests_on_others_only_and_never_on_itself(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let (first, second) = (made(&owner, promise(&on, &on.customers)).await, made(&owner, promise(&on, &on.customers)).await);
        let link = |path: &str| json!({"kind": "promise", "promise_id": id(path)});
        put(&owner, &first, link(&first)).await.refused(422, "rule_violated");
        put(&owner, &first, series(json!([link(&second)]))).await.expect(200);
        put(&owner, &second, link(&first)).await.refused(422, "rule_violated");
        let nobodys = json!({"kind": "promise", "promise_id": on.agreement});
        put(&owner, &second, nobodys).await.refused(422, "invalid_reference");
        let theirs = made(&owner, promise(&on, &on.theirs)).await;
        put(&owner, &theirs, link(&second)).await.refused(422, "rule_violated");
    }

    async fn every_part_has_the_members_of_its_kind(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.customers)).await;
        let mut deep = estimate("Deep", 1, 0.9);
        for _ in 0..5 {
            deep = series(json!([deep]));
        }
        for (tree, wrong) in [
            (series(json!([])), "#/tree/parts rule_violated"),
            (json!({"kind": "promise"}), "#/tree/promise_id rule_violated"),
            (series(json!([{"kind": "estimate", "reliability": 0.9}])), "#/tree/parts/0/name rule_violated"),
            (json!({"kind": "promise", "promise_id": on.agreement, "reliability": 0.9}), "#/tree/reliability rule_violated"),
            (deep, "#/tree/parts/0/parts/0/parts/0/parts/0/parts/0 rule_violated"),
            (series(json!([series(json!(vec![estimate("A", 1, 0.9); 26])), series(json!(vec![estimate("B", 1, 0.9); 25]))])),
                "#/tree rule_violated"),
        ] {
            assert_eq!(put(&owner, &path, tree).await.refused(422, "rule_violated").errors(), [wrong]);
        }
        let refusal = put(&owner, &path, series(json!([{"kind": "link", "size": 1}]))).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/tree/parts/0/kind not_in_enum", "#/tree/parts/0/size unknown_member"]);
    }

    async fn staff_reads_it_and_who_may_write_promises_writes_it(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.customers)).await;
        put(&owner, &path, estimate("Visit", 24, 0.96)).await.expect(200);
        // It names other suppliers' promises, of which reviewers see their own only.
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        reviewer.get(&format!("{path}/underpinning")).await.refused(403, "forbidden");
        for role in [Role::Agent, Role::Auditor] {
            let caller = app.sign_in(role, None).await;
            caller.get(&format!("{path}/underpinning")).await.expect(200);
            put(&caller, &path, estimate("Visit", 24, 0.96)).await.refused(403, "forbidden");
        }
    }
}
