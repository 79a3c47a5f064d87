//! The list of suppliers: filters, full text, orders, pages.

use crate::both;
use crate::support::Caller;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn make(owner: &Caller<'_>, new: Value) -> String {
    owner.post("/v1/suppliers", new).await.expect(201).id()
}

/// The names that a query finds.
async fn names(caller: &Caller<'_>, query: &str) -> Vec<String> {
    caller.get(&format!("/v1/suppliers?{query}")).await.expect(200).each("name")
}

const NONE: [&str; 0] = [];

both! {
    async fn an_empty_list_is_a_page_without_items(app: TestApp) {
        let page = app.owner().await.get("/v1/suppliers").await.expect(200);
        assert_eq!(page.body, json!({"data": [], "has_more": false, "next_cursor": null, "total_count": null}));
        assert_eq!(page.header("etag"), "");
    }

    async fn a_list_holds_the_same_suppliers_as_single_reads(app: TestApp) {
        let owner = app.owner().await;
        let id = make(&owner, json!({"kind": "company", "name": "Acme", "categories": ["rail"]})).await;
        let single = owner.get(&format!("/v1/suppliers/{id}")).await.expect(200);
        assert_eq!(owner.get("/v1/suppliers").await.expect(200).body["data"], json!([single.body]));
    }

    async fn a_list_read_again_tells_what_changed_since(app: TestApp) {
        let owner = app.owner().await;
        let mut ids = Vec::new();
        for name in ["A", "B", "C"] {
            ids.push(owner.supplier(name).await);
        }
        for _ in 0..2 {
            assert_eq!(names(&owner, "sort=name").await, ["A", "B", "C"]);
        }
        owner.patch(&format!("/v1/suppliers/{}", ids[0]), json!({"name": "D"})).await.expect(200);
        assert_eq!(names(&owner, "sort=name").await, ["B", "C", "D"]);
        owner.act(&format!("/v1/suppliers/{}/nominate", ids[1])).await.expect(200);
        assert_eq!(names(&owner, "status=prospect").await, ["C", "D"]);
        let listed = owner.get("/v1/suppliers").await.expect(200);
        for listed in listed.body["data"].as_array().expect("items") {
            let single = owner.get(&format!("/v1/suppliers/{}", listed["id"].as_str().expect("an id"))).await;
            assert_eq!(*listed, single.expect(200).body);
        }
        owner.delete(&format!("/v1/suppliers/{}", ids[2])).await.expect(204);
        assert_eq!(names(&owner, "sort=name").await, ["B", "D"]);
    }

    async fn a_list_read_while_suppliers_change_is_of_one_moment(app: TestApp) {
        let owner = app.owner().await;
        let mut ids = Vec::new();
        for name in ["A", "B", "C", "D"] {
            ids.push(owner.supplier(name).await);
        }
        let change = async {
            for turn in 0..40 {
                let name = format!("{}{turn}", if turn % 2 == 0 { 'Z' } else { 'A' });
                let path = format!("/v1/suppliers/{}", ids[turn % ids.len()]);
                owner.patch(&path, json!({"name": name})).await.expect(200);
            }
        };
        let read = async || {
            for _ in 0..25 {
                let page = owner.get("/v1/suppliers?sort=name").await.expect(200);
                let found = page.each("name");
                assert!(found.len() == 4 && found.is_sorted(), "{found:?}");
            }
        };
        futures_util::join!(change, read(), read(), read(), read(), read(), read());
    }

    async fn each_filter_finds_what_it_names(app: TestApp) {
        let owner = app.owner().await;
        let parent = make(&owner, json!({"kind": "company", "name": "A", "categories": ["rail", "cargo"],
            "regions": ["DE"], "customer_facing": true})).await;
        app.clock.advance(TimeDelta::minutes(1));
        make(&owner, json!({"kind": "individual", "name": "B", "categories": ["cargo"], "regions": ["DE-BY"],
            "external_id": "ERP:1", "parent_id": parent})).await;
        app.clock.advance(TimeDelta::minutes(1));
        let moved = make(&owner, json!({"kind": "internal_unit", "name": "C", "regions": ["US"]})).await;
        owner.act(&format!("/v1/suppliers/{moved}/nominate")).await.expect(200);
        for (query, found) in [
            ("status=prospect".to_owned(), &["A", "B"][..]),
            ("status=prospect&status=candidate".to_owned(), &["A", "B", "C"]),
            ("status=active".to_owned(), &[]),
            ("kind=individual&kind=internal_unit".to_owned(), &["B", "C"]),
            ("category=cargo".to_owned(), &["A", "B"]),
            ("category=rail&category=cargo".to_owned(), &["A", "B"]),
            ("category=rail".to_owned(), &["A"]),
            ("region=DE".to_owned(), &["A"]),
            ("region=US&region=DE-BY".to_owned(), &["B", "C"]),
            ("region=FR".to_owned(), &[]),
            ("customer_facing=true".to_owned(), &["A"]),
            ("customer_facing=false".to_owned(), &["B", "C"]),
            (format!("parent_id={parent}"), &["B"]),
            (format!("parent_id={moved}"), &[]),
            ("external_id=ERP:1".to_owned(), &["B"]),
            ("external_id=erp:1".to_owned(), &[]),
            ("created_at_gte=2026-11-21T09:01:00.000Z".to_owned(), &["B", "C"]),
            ("created_at_lt=2026-11-21T09:01:00.000Z".to_owned(), &["A"]),
            ("created_at_gte=2026-11-21T10:01:00%2B01:00&created_at_lt=2026-11-21T09:02:00Z".to_owned(), &["B"]),
            ("kind=individual&region=DE".to_owned(), &[]),
            ("category=cargo&customer_facing=true&status=prospect".to_owned(), &["A"]),
        ] {
            assert_eq!(names(&owner, &query).await, found, "{query}");
        }
    }

    async fn full_text_finds_the_beginnings_of_words_without_accents(app: TestApp) {
        let owner = app.owner().await;
        make(&owner, json!({"kind": "company", "name": "Zürich Straßenbau AG", "categories": ["road-works"]})).await;
        make(&owner, json!({"kind": "company", "name": "Crème Brûlée", "external_id": "ERP-4711",
            "legal_ids": [{"scheme": "VAT", "value": "DE 123.456-789"}]})).await;
        for (question, found) in [
            ("zuri", &["Zürich Straßenbau AG"][..]),
            ("Z%C3%9CRICH", &["Zürich Straßenbau AG"]),
            ("Zu%CC%88rich", &["Zürich Straßenbau AG"]),
            ("strasse", &["Zürich Straßenbau AG"]),
            ("ag+zur", &["Zürich Straßenbau AG"]),
            ("works", &["Zürich Straßenbau AG"]),
            ("creme", &["Crème Brûlée"]),
            ("4711", &["Crème Brûlée"]),
            ("de123456789", &["Crème Brûlée"]),
            ("456", &["Crème Brûlée"]),
            ("br%C3%BBl%C3%A9e+erp", &["Crème Brûlée"]),
            ("urich", &[]),
            ("zurich+creme", &[]),
            ("zurichs", &[]),
            ("%25", &[]),
            ("_", &[]),
        ] {
            assert_eq!(names(&owner, &format!("q={question}")).await, found, "{question}");
        }
        assert_eq!(names(&owner, "q=creme&kind=individual").await, NONE);
    }

    async fn names_are_sorted_as_people_do_and_read_to_the_end_both_ways(app: TestApp) {
        let owner = app.owner().await;
        let sorted = ["ächmea", "Acme", "acorn", "Acorn", "Beta", "beta", "Ötzi", "Zürich", "zz"];
        for name in ["Zürich", "acorn", "Beta", "Ötzi", "Acorn", "Acme", "zz", "beta", "ächmea"] {
            owner.supplier(name).await;
        }
        assert_eq!(names(&owner, "limit=100").await, names(&owner, "sort=name").await);
        for limit in [1, 2, 4, 9] {
            let walked = owner.walk(&format!("/v1/suppliers?sort=name&limit={limit}"), "name").await;
            assert_eq!(walked, sorted);
            let mut backwards = owner.walk(&format!("/v1/suppliers?sort=-name&limit={limit}"), "name").await;
            backwards.reverse();
            assert_eq!(backwards, sorted);
        }
    }

    async fn suppliers_are_sorted_by_when_they_were_made_both_ways(app: TestApp) {
        let owner = app.owner().await;
        for (number, name) in ["D", "B", "E", "A", "C"].into_iter().enumerate() {
            owner.supplier(name).await;
            // Some are made in the same millisecond: then the id decides.
            app.clock.advance(TimeDelta::milliseconds(i64::from(number % 2 == 1)));
        }
        for limit in [1, 2, 3, 5] {
            let walked = owner.walk(&format!("/v1/suppliers?sort=created_at&limit={limit}"), "name").await;
            assert_eq!(walked, ["D", "B", "E", "A", "C"]);
            let walked = owner.walk(&format!("/v1/suppliers?sort=-created_at&limit={limit}"), "name").await;
            assert_eq!(walked, ["C", "A", "E", "B", "D"]);
        }
    }

    async fn suppliers_of_one_name_are_neither_lost_nor_repeated(app: TestApp) {
        let owner = app.owner().await;
        let mut made = Vec::new();
        for _ in 0..7 {
            made.push(owner.supplier("Same").await);
        }
        let mut walked = owner.walk("/v1/suppliers?sort=-name&limit=2", "id").await;
        walked.reverse();
        assert_eq!(walked, made);
    }

    async fn suppliers_with_the_longest_names_are_read_to_the_end(app: TestApp) {
        let owner = app.owner().await;
        let same: String = ('а'..='я').cycle().take(199).collect();
        let names = ["\"".repeat(199) + "a", "\u{1}".repeat(199) + "a", format!("{same}б"), format!("{same}а"), "ﷺ".repeat(200)];
        for name in &names {
            owner.supplier(name).await;
        }
        for sort in ["name", "-name"] {
            let walked = owner.walk(&format!("/v1/suppliers?limit=1&sort={sort}"), "name").await;
            assert_eq!(walked.len(), names.len());
            assert!(names.iter().all(|name| walked.contains(name)), "{walked:?}");
        }
    }

    async fn reading_on_is_not_disturbed_by_what_is_added_or_removed(app: TestApp) {
        let owner = app.owner().await;
        for name in ["B", "D", "F", "H"] {
            owner.supplier(name).await;
        }
        let first = owner.get("/v1/suppliers?limit=2").await.expect(200);
        assert_eq!(first.each("name"), ["B", "D"]);
        owner.supplier("A").await;
        owner.supplier("E").await;
        let last = first.body["data"][1]["id"].as_str().expect("an id");
        owner.delete(&format!("/v1/suppliers/{last}")).await.expect(204);
        let cursor = first.body["next_cursor"].as_str().expect("a cursor");
        assert_eq!(names(&owner, &format!("limit=3&cursor={cursor}")).await, ["E", "F", "H"]);
    }

    async fn a_page_can_tell_how_many_match_in_all(app: TestApp) {
        let owner = app.owner().await;
        for name in ["A", "B", "C"] {
            owner.supplier(name).await;
        }
        let page = owner.get("/v1/suppliers?limit=1&count=true").await.expect(200);
        assert_eq!((&page.body["total_count"], page.each("name").len()), (&json!(3), 1));
        let cursor = page.body["next_cursor"].as_str().expect("a cursor");
        let second = owner.get(&format!("/v1/suppliers?limit=1&count=true&cursor={cursor}")).await.expect(200);
        assert_eq!((&second.body["total_count"], second.each("name")), (&json!(3), vec!["B".to_owned()]));
        let filtered = owner.get("/v1/suppliers?q=a&count=true").await.expect(200);
        assert_eq!(filtered.body["total_count"], 1);
    }

    async fn counting_and_expanding_are_no_filters_and_may_change_between_pages(app: TestApp) {
        let owner = app.owner().await;
        owner.supplier("A").await;
        owner.supplier("B").await;
        let page = owner.get("/v1/suppliers?limit=1&count=true&expand=parent").await.expect(200);
        let cursor = page.body["next_cursor"].as_str().expect("a cursor");
        let second = owner.get(&format!("/v1/suppliers?cursor={cursor}")).await.expect(200);
        assert_eq!((second.each("name"), &second.body["total_count"]), (vec!["B".to_owned()], &json!(null)));
    }

    async fn parents_are_read_along_on_request(app: TestApp) {
        let owner = app.owner().await;
        let group = owner.supplier("Group").await;
        make(&owner, json!({"kind": "company", "name": "Unit", "parent_id": group})).await;
        let page = owner.get("/v1/suppliers?expand=parent").await.expect(200);
        let summary = json!({"id": group, "name": "Group", "kind": "company", "status": "prospect"});
        assert_eq!(page.body["data"][0]["parent"], json!(null));
        assert_eq!(page.body["data"][1]["parent"], summary);
        assert_eq!(owner.get("/v1/suppliers").await.expect(200).body["data"][1]["parent"], json!(null));
    }

    async fn a_cursor_works_only_as_it_was_given(app: TestApp) {
        let owner = app.owner().await;
        for name in ["A", "B", "C"] {
            owner.supplier(name).await;
        }
        let page = owner.get("/v1/suppliers?limit=1&status=prospect").await.expect(200);
        let cursor = page.body["next_cursor"].as_str().expect("a cursor").to_owned();
        let (content, signature) = cursor.split_once('.').expect("two parts");
        let edited = format!("{}{}.{signature}", &content[..content.len() - 1], if content.ends_with('A') { 'B' } else { 'A' });
        for (query, why) in [
            (format!("status=prospect&cursor={edited}"), "edited"),
            (format!("status=prospect&cursor={content}"), "unsigned"),
            ("status=prospect&cursor=x".to_owned(), "made up"),
            ("status=prospect&cursor=".to_owned(), "empty"),
            (format!("cursor={cursor}"), "without the filter"),
            (format!("status=candidate&cursor={cursor}"), "another filter"),
            (format!("status=prospect&sort=-name&cursor={cursor}"), "another order"),
        ] {
            let refusal = owner.get(&format!("/v1/suppliers?{query}")).await;
            assert_eq!(refusal.refused(400, "invalid_cursor").errors(), ["cursor invalid"], "{why}");
        }
        owner.get(&format!("/v1/jobs?status=queued&cursor={cursor}")).await.refused(400, "invalid_cursor");
        assert_eq!(names(&owner, &format!("status=prospect&limit=2&cursor={cursor}")).await, ["B", "C"]);
    }

    async fn a_cursor_of_the_staff_is_of_no_use_to_a_supplier(app: TestApp) {
        let owner = app.owner().await;
        let own = owner.supplier("A").await;
        owner.supplier("B").await;
        let page = owner.get("/v1/suppliers?limit=1").await.expect(200);
        let next = format!("/v1/suppliers?limit=1&cursor={}", page.body["next_cursor"].as_str().expect("a cursor"));
        let user = app.sign_in(Role::SupplierUser, Some(&own)).await;
        user.get(&next).await.refused(400, "invalid_cursor");
        let manager = app.sign_in(Role::Manager, None).await;
        assert_eq!(manager.get(&next).await.expect(200).each("name"), ["B"]);
    }

    async fn a_cursor_lasts_a_day_and_works_on_every_instance(app: TestApp) {
        let owner = app.owner().await;
        owner.supplier("A").await;
        owner.supplier("B").await;
        let page = owner.get("/v1/suppliers?limit=1").await.expect(200);
        let next = format!("/v1/suppliers?limit=1&cursor={}", page.body["next_cursor"].as_str().expect("a cursor"));
        app.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
        let second = app.second_instance().await;
        assert_eq!(second.owner().await.get(&next).await.expect(200).each("name"), ["B"]);
        app.clock.advance(TimeDelta::seconds(1));
        app.owner().await.get(&next).await.refused(400, "invalid_cursor");
    }

    async fn everything_that_is_wrong_with_a_query_is_named_at_once(app: TestApp) {
        let owner = app.owner().await;
        let wrong = "limit=0&status=open&status=prospect&count=yes&created_at_gte=today&parent_id=1&q=&sort=kind&expand=x";
        let refusal = owner.get(&format!("/v1/suppliers?{wrong}")).await.refused(400, "invalid_parameter");
        assert_eq!(refusal.errors(), [
            "count wrong_type", "created_at_gte format", "expand not_in_enum", "limit too_small", "parent_id format",
            "parent_id pattern", "q pattern", "sort not_in_enum", "status not_in_enum",
        ]);
        for (query, error) in [("limit=101", "limit too_large"), ("limit=ten", "limit wrong_type")] {
            let refusal = owner.get(&format!("/v1/suppliers?{query}")).await.refused(400, "invalid_parameter");
            assert_eq!(refusal.errors(), [error]);
        }
    }

    async fn a_parameter_that_is_unknown_or_given_twice_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let unknown = owner.get("/v1/suppliers?statsu=active").await.refused(400, "unknown_parameter");
        assert_eq!(unknown.errors(), ["statsu unknown"]);
        let detail = unknown.body["detail"].as_str().expect("a detail");
        assert!(detail.contains("Did you mean `status`?"), "{detail}");
        let twice = owner.get("/v1/suppliers?q=a&q=b").await.refused(400, "invalid_parameter");
        assert_eq!(twice.errors(), ["q repeated"]);
    }

    async fn a_supplier_finds_itself_only_whatever_it_asks_for(app: TestApp) {
        let owner = app.owner().await;
        let parent = owner.supplier("Group").await;
        let own = make(&owner, json!({"kind": "company", "name": "Own", "parent_id": parent})).await;
        make(&owner, json!({"kind": "company", "name": "Below", "parent_id": own})).await;
        let user = app.sign_in(Role::SupplierUser, Some(&own)).await;
        // What our own staff read before is not what a supplier reads.
        assert_eq!(owner.get("/v1/suppliers?q=own").await.expect(200).body["data"][0]["parent_id"], json!(parent));
        for _ in 0..2 {
            let seen = user.get("/v1/suppliers").await.expect(200);
            assert_eq!((seen.each("name"), &seen.body["data"][0]["parent_id"]), (vec!["Own".to_owned()], &json!(null)));
        }
        let page = user.get("/v1/suppliers?count=true&expand=parent").await.expect(200);
        assert_eq!((page.each("name"), &page.body["total_count"]), (vec!["Own".to_owned()], &json!(1)));
        assert_eq!(page.body["data"][0]["parent_id"], json!(null));
        assert_eq!(page.body["data"][0]["parent"], json!(null));
        assert_eq!(names(&user, "q=below").await, NONE);
        for id in [&parent, &own] {
            assert_eq!(names(&user, &format!("parent_id={id}")).await, NONE);
        }
    }
}
