//! What a supplier role must not find out by asking cleverly.

use super::world::{HIDDEN, World};
use super::{Who, anonymous};
use crate::both;
use crate::contract::{document, operations};
use accord::shared::permission::Role;
use serde_json::json;

const ROLES: [Who; 2] = [Who::Own(Role::SupplierAdmin), Who::Own(Role::SupplierUser)];

both! {
    async fn no_list_filter_or_expansion_shows_another_supplier(app: TestApp) {
        let world = World::new(&app).await;
        let (own, parent) = (&world.own, &world.parent);
        let lists = ["", "?q=hidden", "?sort=-name", "?expand=parent", "?limit=1", "?kind=company&status=prospect"];
        let mut paths: Vec<_> = lists.iter().map(|query| format!("/v1/suppliers{query}")).collect();
        paths.extend([format!("/v1/suppliers/{own}"), format!("/v1/suppliers/{own}?expand=parent")]);
        for who in ROLES {
            for path in &paths {
                let answer = world.caller(who).get(path).await.expect(200);
                world.assert_nothing_hidden(path, &answer);
            }
            let all = world.caller(who).get("/v1/suppliers").await.expect(200);
            let ids: Vec<_> = all.body["data"].as_array().expect("a list").iter().map(|supplier| &supplier["id"]).collect();
            assert_eq!(ids, [&json!(own)], "its own, and nothing else");
            // Filtering by a parent it cannot read tells nothing: the true one and any other answer alike.
            let stranger = accord::shared::clock::Clock::system().uuid();
            for path in [format!("/v1/suppliers?parent_id={parent}"), format!("/v1/suppliers?parent_id={stranger}")] {
                let answer = world.caller(who).get(&path).await.expect(200);
                assert_eq!(answer.body["data"], json!([]), "{path}");
            }
        }
    }

    async fn what_belongs_to_another_supplier_is_not_reached_through_ones_own(app: TestApp) {
        let world = World::new(&app).await;
        let mut asked = 0;
        for operation in operations(&document().await.v31) {
            let is_child = operation.path.contains("{supplier_id}") && operation.path.matches('{').count() > 1;
            if !is_child {
                continue;
            }
            for who in ROLES {
                let target = world.target(&operation, Who::Other(Role::SupplierAdmin)).await.below(&world.own);
                let answer = world.call(&operation, who, &target).await;
                assert!([403, 404].contains(&answer.status), "{}: {}", operation.id, answer.text);
                world.assert_nothing_hidden(&operation.id, &answer);
                let unknown = world.call(&operation, who, &target.unknown()[1]).await;
                assert_eq!(anonymous(&answer), anonymous(&unknown), "{}", operation.id);
                asked += 1;
            }
        }
        assert!(asked > 10, "{asked}");
    }

    async fn the_supplier_it_belongs_to_does_not_exist_for_a_supplier(app: TestApp) {
        let world = World::new(&app).await;
        for who in ROLES {
            let answer = world.caller(who).get(&format!("/v1/suppliers/{}?expand=parent", world.parent)).await;
            let answer = answer.refused(404, "not_found");
            assert!(!answer.text.contains(HIDDEN) && !answer.text.contains(&world.parent), "{}", answer.text);
        }
    }
}
