//! A pack in words. It is read as the text that was frozen, whatever the program would write today.

use super::page::{Line, Page};
use crate::shared::words::{date, number, percent};
use chrono::NaiveDate;
use serde_json::Value;

pub fn page(pack: &Value, hash: &str) -> Page {
    let review = &pack["review"];
    let kept = |direction: &str| list(&pack["promises"], |one| (one["direction"] == direction).then(|| promise(one)));
    Page {
        title: text(&review["title"]),
        supplier: text(&review["supplier_name"]),
        number: review["number"].as_i64().unwrap_or_default(),
        version: review["version"].as_i64().unwrap_or_default(),
        period: format!("{} to {}", day(&review["period"]["from"]), day(&review["period"]["to"])),
        frozen_at: text(&pack["frozen_at"]),
        hash: hash.to_owned(),
        reciprocity: vec![
            line("What we kept of what we owe the supplier", rate(&pack["reciprocity"]["ours"])),
            line("What the supplier kept of what it owes", rate(&pack["reciprocity"]["theirs"])),
        ],
        weaker: weaker(&pack["reciprocity"]).to_owned(),
        owed_to_us: kept("supplier_to_us"),
        owed_by_us: kept("us_to_supplier"),
        owed_to_customers: kept("supplier_to_customer"),
        customers: customers(&pack["feedback"]),
        alignment: alignment(&pack["alignment"]),
        assessment: assessment(&pack["assessment"]),
        actions: list(&pack["actions"], |one| Some(line(&text(&one["title"]), plain(&one["status"])))),
        warnings: list(&pack["early_warnings"], warning),
        expectations: list(&pack["expectations"], clause),
    }
}

fn line(what: &str, value: String) -> Line {
    Line { what: what.to_owned(), value }
}

fn list(values: &Value, shown: impl Fn(&Value) -> Option<Line>) -> Vec<Line> {
    values.as_array().into_iter().flatten().filter_map(shown).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `problem_solving` as people say it.
fn plain(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('_', " ")
}

fn day(value: &Value) -> String {
    value.as_str().and_then(|day| day.parse::<NaiveDate>().ok()).map(date).unwrap_or_default()
}

/// `94.2 % (84.6 % to 96.5 %), 75 of 80`
fn rate(rate: &Value) -> String {
    let (n, k) = (rate["n"].as_i64().unwrap_or_default(), rate["k"].as_i64().unwrap_or_default());
    let bounds = rate["lower"].as_f64().zip(rate["upper"].as_f64());
    match (rate["value"].as_f64(), bounds) {
        (Some(value), Some((lower, upper))) => {
            format!("{} ({} to {}), {k} of {n}", percent(value), percent(lower), percent(upper))
        }
        _ if n == 0 => "Nothing was due".to_owned(),
        _ => format!("{k} of {n}: too few for a rate"),
    }
}

fn promise(one: &Value) -> Line {
    let wanted = one["reliability"].as_f64().map(percent).unwrap_or_default();
    line(&text(&one["wording"]), format!("{} · promised {wanted}", rate(&one["rate"])))
}

fn weaker(reciprocity: &Value) -> &'static str {
    match reciprocity["weaker_partner"].as_str() {
        Some("us") => "We keep less of what was promised than the supplier does.",
        Some("supplier") => "The supplier keeps less of what was promised than we do.",
        Some(_) => "Both sides keep the same share of what was promised.",
        None => "There is too little to compare both sides by.",
    }
}

fn customers(feedback: &Value) -> Vec<Line> {
    let score = |one: &Value| {
        let score = &one["score"];
        let (value, n) = (score["value"].as_f64()?, score["n"].as_i64().unwrap_or_default());
        let said = match score["method"].as_str() {
            Some("wilson_95") => rate(score),
            _ => format!("{} of {n}", number(value)),
        };
        Some(line(&format!("{} ({})", plain(&one["item"]), plain(&one["variant"])), said))
    };
    list(&feedback["items"], score)
}

fn alignment(alignment: &Value) -> Vec<Line> {
    let target = |member: &str| alignment[member].as_f64().map(percent).unwrap_or_else(|| "none".to_owned());
    let uncovered = match alignment["top_uncovered"].is_null() {
        true => "None".to_owned(),
        false => plain(&alignment["top_uncovered"]),
    };
    vec![
        line("Kept against lived", plain(&alignment["quadrant"])),
        line(
            "Promises to customers kept",
            format!("{} · promised {}", rate(&alignment["kept"]), target("kept_target")),
        ),
        line("Satisfied customers aimed at", target("customer_target")),
        line("Missed most, without a clause", uncovered),
    ]
}

fn assessment(assessment: &Value) -> Vec<Line> {
    let points = |member: &str| assessment[member].as_f64().map_or("none".to_owned(), |points| format!("{points:.1}"));
    match assessment.is_null() {
        true => Vec::new(),
        false => vec![line("Points claimed", points("self_score")), line("Points verified", points("verified_score"))],
    }
}

fn warning(one: &Value) -> Option<Line> {
    let answer = one["answer"].as_str().unwrap_or("Waits for an answer");
    Some(line(&text(&one["text"]), format!("{} · {answer}", plain(&one["urgency"]))))
}

fn clause(one: &Value) -> Option<Line> {
    let asked = day(&one["review_by"]);
    let asked = if asked.is_empty() { asked } else { format!(" · to be asked by {asked}") };
    let position = one["position"].as_i64().unwrap_or_default();
    Some(line(&format!("{position}. {}", text(&one["text"])), format!("{}{asked}", plain(&one["dimension"]))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reviews::document::page::render;
    use serde_json::json;

    #[test]
    fn what_people_wrote_is_escaped_and_empty_parts_say_so() {
        let pack = json!({"review": {"title": "<script>x</script>", "number": 3}, "early_warnings": [{"text": "<b>"}]});
        let html = render(&page(&pack, "abc")).expect("a page");
        assert!(html.contains("&lt;script&gt;") && html.contains("&lt;b&gt;") && !html.contains("<script>"));
        assert!(html.contains("Waits for an answer") && html.contains("abc"));
    }

    #[test]
    fn rates_of_few_have_no_value() {
        assert_eq!(
            rate(&json!({"n": 4, "k": 3, "value": null, "lower": 0.3, "upper": 0.9})),
            "3 of 4: too few for a rate"
        );
        assert_eq!(rate(&json!({"n": 0, "k": 0, "value": null})), "Nothing was due");
    }
}
