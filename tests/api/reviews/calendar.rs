//! Reviews in calendar programs, read by a parser that is not ours.

use crate::both;
use crate::support::reviews::Stage;
use accord::shared::permission::Role;
use icalendar::{Calendar, CalendarComponent, Component, DatePerhapsTime, Event};
use serde_json::{Value, json};

fn events(text: &str) -> Vec<Event> {
    let calendar: Calendar = text.parse().expect("a calendar");
    let all = calendar.components.into_iter();
    all.filter_map(|one| if let CalendarComponent::Event(event) = one { Some(event) } else { None }).collect()
}

both! {
    async fn a_calendar_shows_what_the_account_sees(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        app.sql("UPDATE agreement SET title = 'Lifts, doors; stairs and everything else that moves in hospitals of the whole country'").await;
        let path = app.reviewed(&on, Stage::Scheduled).await;
        let given = owner.act("/v1/me/calendar-feed").await.expect(200).body;
        let url = given["url"].as_str().expect("an address").strip_prefix("https://accord.example").expect("ours").to_owned();
        let nobody = app.nobody();
        let read = nobody.get(&url).await.expect(200);
        assert_eq!(read.header("content-type"), "text/calendar; charset=utf-8");
        assert!(read.text.split("\r\n").all(|line| line.len() <= 75) && !read.text.replace("\r\n", "").contains('\n'));
        let found = events(&read.text);
        let event = &found[0];
        assert_eq!(event.get_uid(), Some(&*format!("review-{}@accord", path.trim_start_matches("/v1/reviews/"))));
        assert_eq!(event.get_start(), Some(DatePerhapsTime::Date("2026-11-21".parse().expect("a day"))));
        assert_eq!(event.get_end(), Some(DatePerhapsTime::Date("2026-11-22".parse().expect("a day"))));
        assert_eq!(event.get_summary(), Some("Review 1: Lifts, doors; stairs and everything else that moves in hospitals of the whole country"));
        assert_eq!((event.get_sequence(), event.get_timestamp().map(|at| at.to_rfc3339())), (Some(0), Some("2026-11-21T09:00:00+00:00".to_owned())));
        owner.patch(&path, json!({"scheduled_on": "2026-12-24"})).await.expect(200);
        let moved = events(&nobody.get(&url).await.expect(200).text);
        assert_eq!((moved[0].get_uid(), moved[0].get_sequence()), (event.get_uid(), Some(1)));
        assert_eq!(moved[0].get_start(), Some(DatePerhapsTime::Date("2026-12-24".parse().expect("a day"))));

        // The supplier sees it, another one never.
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let stranger = app.sign_in(Role::SupplierAdmin, Some(&owner.supplier("Other").await)).await;
        let address = async |caller: &crate::support::Caller<'_>| {
            let given = caller.act("/v1/me/calendar-feed").await.expect(200).body;
            given["url"].as_str().expect("an address").trim_start_matches("https://accord.example").to_owned()
        };
        let (theirs, strange) = (address(&admin).await, address(&stranger).await);
        assert_eq!(events(&nobody.get(&theirs).await.expect(200).text).len(), 1);
        assert_eq!(events(&nobody.get(&strange).await.expect(200).text).len(), 0);
    }

    async fn a_feed_goes_with_its_account(app: TestApp) {
        let gone = app.sign_in(Role::Manager, None).await;
        gone.act("/v1/me/calendar-feed").await.expect(200);
        let id = gone.get("/v1/me").await.expect(200).id();
        app.owner().await.delete(&format!("/v1/users/{id}")).await.expect(204);
    }

    async fn an_address_is_shown_once_and_revoked(app: TestApp) {
        let owner = app.owner().await;
        let once = owner.with("Idempotency-Key", "\"one\"");
        let first = once.act("/v1/me/calendar-feed").await.expect(200).body;
        let again = once.act("/v1/me/calendar-feed").await.expect(200).body;
        assert_eq!((&again["url"], &again["revision"]), (&Value::Null, &json!(1)));
        let path = |body: &Value| body["url"].as_str().expect("an address").trim_start_matches("https://accord.example").to_owned();
        let nobody = app.nobody();
        nobody.get(&path(&first)).await.expect(200);
        let second = owner.act("/v1/me/calendar-feed").await.expect(200).body;
        nobody.get(&path(&first)).await.refused(401, "invalid_token");
        nobody.get(&path(&second)).await.expect(200);
        owner.delete("/v1/me/calendar-feed").await.expect(204);
        owner.delete("/v1/me/calendar-feed").await.expect(204);
        nobody.get(&path(&second)).await.refused(401, "invalid_token");
        nobody.get("/v1/reviews.ics?token=acc_cal_nothing").await.refused(401, "invalid_token");
        nobody.get("/v1/reviews.ics").await.refused(400, "invalid_parameter");
        // Of the token nothing is stored, and it opens nothing else.
        let given = owner.act("/v1/me/calendar-feed").await.expect(200).body;
        let token = path(&given).split_once('=').expect("a token").1.to_owned();
        assert!(!app.everything(&["calendar_feed", "history", "idempotency_key"]).await.contains(&token));
        app.with_token(&token).get("/v1/reviews").await.refused(401, "invalid_token");
        app.sql("UPDATE account SET disabled_at = '2026-11-21T09:00:00Z'").await;
        nobody.get(&path(&given)).await.refused(401, "invalid_token");
    }

    async fn agents_have_no_calendar_of_reviews(app: TestApp) {
        let agent = app.sign_in(Role::Agent, None).await;
        let given = agent.act("/v1/me/calendar-feed").await.expect(200).body;
        let url = given["url"].as_str().expect("an address").trim_start_matches("https://accord.example").to_owned();
        app.nobody().get(&url).await.refused(401, "invalid_token");
    }
}
