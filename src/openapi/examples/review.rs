//! Reviews, in the examples.

use serde_json::{Value, json};

/// Values that mean something else in one schema; null where the member is left out.
pub fn known_in(schema: &str, name: &str) -> Option<Value> {
    Some(match (schema, name) {
        (_, "review_id") => json!("01946f1e-cd45-7d28-9b77-2c3d4e5f6071"),
        (_, "early_warning_id") => json!("01946f1e-ce55-7d28-9b77-2c3d4e5f6071"),
        ("getReviewCalendar", "text/calendar") => json!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Accord//Reviews//EN\r\nBEGIN:VEVENT\r\nUID:review-01946f1e-cd45-7d28-9b77-2c3d4e5f6071@accord\r\nDTSTAMP:20261121T090000Z\r\nDTSTART;VALUE=DATE:20270112\r\nSUMMARY:Review 1: Lift maintenance\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        ),
        ("CalendarFeed", "url") => json!("https://accord.example/v1/reviews.ics?token=acc_cal_<shown once>"),
        ("Review" | "NewReview", "period_from") => json!("2099-10-01"),
        ("Review" | "NewReview", "period_to") => json!("2099-12-30"),
        ("Review" | "NewReview" | "ReviewChange", "scheduled_on") => json!("2099-12-31"),
        // Owner and reviewers of the agreement and main employee contacts of the supplier are invited.
        ("NewReview" | "ReviewChange", "attendees") => json!([]),
        ("Review", "status") => json!("scheduled"),
        ("Review", "action_ids") => json!([]),
        ("Attendee", "name") => json!("Mia Berg"),
        ("AttendeeRef", "person_id") => Value::Null,
        ("ReviewHeld", "held_on") => Value::Null,
        ("MissedReview", "reason") => json!("Nobody came."),
        ("UseAgain", "reason") => json!("They learn from what goes wrong."),
        ("NewRating" | "GivenRating" | "SingleRating", "score") => json!(4),
        ("NewRating" | "GivenRating" | "SingleRating", "narrative") => json!("Two lapses in October, both put right."),
        ("NewRatings", "reason") => Value::Null,
        ("NewResponse" | "ReviewResponse", "text") => json!("We agree."),
        ("NewRuling" | "ReviewRuling", "reason") => json!("The numbers of June were not ours."),
        ("ClauseReview", "verdict") => json!("change"),
        ("NewClauseReview", "verdict") => json!("confirmed"),
        ("ClauseReview", "proposal") => json!("Somebody is there within one day."),
        ("NewClauseReview", "proposal") => Value::Null,
        ("Review" | "PackReview", "number") => json!(1),
        ("EarlyWarning" | "NewEarlyWarning" | "PackWarning", "text") => {
            json!("The maker stops delivering door motors in March.")
        }
        ("EarlyWarning" | "WarningAnswer" | "PackWarning", "answer") => json!("We order two years' worth now."),
        ("PackClause", "text") => json!("Somebody is there within two days."),
        _ => return None,
    })
}
