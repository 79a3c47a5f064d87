//! The reviews of the year: held by the manager, answered by the supplier or on its behalf, and what follows from them.

use super::inside::text;
use super::story::{Engaged, FAILING, GREEN, MANAGER, OWNER, PASSWORD, SUPPLIER};
use super::year::{MONTH, Manner};
use super::{Inside, day};
use crate::start::Failure;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Keeps its promise once it has agreed to do something about it; for another supplier the same does not help.
pub const LEARNING: usize = 7;

/// Whom we talk to besides what the cadence says: these a month ago, those today.
const LATELY: [usize; 4] = [GREEN, 4, 14, 24];
const TODAY: [usize; 3] = [9, 19, 29];

/// So many months after it was agreed on, somebody says that it is done, and somebody else whether it worked.
const DONE_AFTER: i64 = 2;
const VERIFIED_AFTER: i64 = 4;

/// What was agreed on, and when: so many months before the end of the year.
pub struct Action {
    number: usize,
    path: String,
    signed: i64,
}

/// Does what there is to do about reviews on one day, so many months before the end of the year.
pub async fn meet(
    inside: &mut Inside,
    engaged: &[Engaged],
    manners: &mut [Manner],
    actions: &mut Vec<Action>,
    left: i64,
) -> Result<(), Failure> {
    inside.sign_in(MANAGER, PASSWORD).await?;
    call(inside, engaged, left).await?;
    let now = inside.app.clock.now();
    // What is due lately is left to whoever looks around in the end, and so are the responses.
    let until = if left > 0 { now } else { now.plus(TimeDelta::days(-14)) };
    hold_due(inside, engaged, manners, &day(until)).await?;
    inside.sign_in(SUPPLIER, PASSWORD).await?;
    for review in list(inside, "held").await? {
        step(inside, &review, "rate", ratings([4, 3, 4, 3, 4, 4])).await?;
    }
    inside.sign_in(MANAGER, PASSWORD).await?;
    for review in list(inside, "held").await? {
        if number_of(engaged, &review)? == GREEN || text(&review, "held_on")? < day(now) {
            step(inside, &review, "lock-ratings", json!({})).await?;
        }
    }
    if left > 0 {
        respond(inside, engaged).await?;
    }
    inside.sign_in(MANAGER, PASSWORD).await?;
    for review in list(inside, "finalised").await? {
        let number = number_of(engaged, &review)?;
        if [LEARNING, FAILING].contains(&number) && actions.iter().all(|action| action.number != number) {
            actions.push(Action { number, path: agree(inside, &engaged[number]).await?, signed: left });
            manners[number].kept = if number == LEARNING { 970 } else { 800 };
        }
        step(inside, &review, "commit", json!({})).await?;
        step(inside, &review, "close", json!({})).await?;
    }
    follow(inside, actions, left).await
}

/// Calls reviews for the next time.
async fn call(inside: &Inside, engaged: &[Engaged], left: i64) -> Result<(), Failure> {
    let wanted: &[usize] = match left {
        2 => &LATELY,
        1 => &TODAY,
        _ => &[],
    };
    let on = day(inside.app.clock.now().plus(TimeDelta::days(MONTH)));
    for number in wanted {
        let review = json!({"agreement_id": engaged[*number].agreement, "scheduled_on": on});
        inside.post("/v1/reviews", review).await?;
    }
    Ok(())
}

/// Holds what is due, with a few exceptions: to some the supplier does not come, and some we forget.
async fn hold_due(inside: &Inside, engaged: &[Engaged], manners: &[Manner], until: &str) -> Result<(), Failure> {
    let me = text(&inside.get("/v1/me").await?, "id")?;
    for review in list(inside, &format!("scheduled&scheduled_to={until}")).await? {
        let number = number_of(engaged, &review)?;
        let chance = (number as i64 * 5 + review["number"].as_i64().unwrap_or_default()) % 11;
        match (review["origin"] == "cadence", chance) {
            (true, 0) => {}
            (true, 5) => {
                let missed = json!({"by": "supplier", "reason": "We waited for an hour, nobody came."});
                step(inside, &review, "miss", missed).await?;
            }
            _ => {
                step(inside, &review, "ready", json!({})).await?;
                let present = json!([{"account_id": me}, {"person_id": engaged[number].contact}]);
                step(inside, &review, "hold", json!({"present": present})).await?;
                let (kept, lived) = (score(manners[number].kept), score(manners[number].satisfied));
                step(inside, &review, "rate", ratings([kept, lived, kept, 4, lived, 3])).await?;
                let again = match lived > 2 {
                    true => json!({"would_use_again": true, "reason": "Our customers are served well."}),
                    false => json!({"would_use_again": false, "reason": "Our customers are not happy with the work."}),
                };
                step(inside, &review, "would-use-again", again).await?;
            }
        }
    }
    Ok(())
}

/// The supplier with an account responds for itself, and disagrees with what was called besides; for the others the
/// owner writes down what they say.
async fn respond(inside: &mut Inside, engaged: &[Engaged]) -> Result<(), Failure> {
    inside.sign_in(SUPPLIER, PASSWORD).await?;
    for review in list(inside, "responding").await? {
        let said = match review["origin"] == "extra" {
            true => json!({"kind": "disagree", "text": "Nearly all of it was done in time."}),
            false => json!({"kind": "agree"}),
        };
        step(inside, &review, "respond", said).await?;
    }
    inside.sign_in(OWNER, PASSWORD).await?;
    for review in list(inside, "responding").await? {
        let said = match number_of(engaged, &review)? % 4 {
            1 => json!({"kind": "partly", "text": "The winter was hard."}),
            _ => json!({"kind": "agree"}),
        };
        step(inside, &review, "respond", said).await?;
    }
    Ok(())
}

/// An action of the supplier that both sides have signed; its path.
async fn agree(inside: &Inside, one: &Engaged) -> Result<String, Failure> {
    let now = inside.app.clock.now();
    let action = json!({"agreement_id": one.agreement, "title": "Keep two days", "side": "supplier",
        "description": "One more fitter on Mondays.", "person_id": one.contact,
        "due_on": day(now.plus(TimeDelta::days(DONE_AFTER * MONTH))),
        "metric": {"kind": "kept_rate", "promise_id": one.promises[0], "target": 0.95}});
    let path = format!("/v1/actions/{}", inside.made("/v1/actions", action).await?);
    inside.post(&format!("{path}/sign"), json!({})).await?;
    let paper = json!({"side": "supplier", "name": "Their main contact", "signed_on": day(now)});
    inside.post(&format!("{path}/sign"), json!({"on_paper": paper, "person_id": one.contact})).await?;
    inside.post(&format!("{path}/start"), json!({})).await?;
    Ok(path)
}

/// What became of it.
async fn follow(inside: &mut Inside, actions: &[Action], left: i64) -> Result<(), Failure> {
    for Action { path, signed, .. } in actions {
        let since = signed - left;
        if since == DONE_AFTER {
            let from = inside.app.clock.now().plus(TimeDelta::days(-DONE_AFTER * MONTH));
            let said = json!({"note": "There is one more of us on Mondays.", "effective_from": day(from)});
            inside.post(&format!("{path}/claim"), said).await?;
        }
        if since == VERIFIED_AFTER {
            inside.sign_in(OWNER, PASSWORD).await?;
            inside.post(&format!("{path}/verify"), json!({})).await?;
            inside.sign_in(MANAGER, PASSWORD).await?;
        }
    }
    Ok(())
}

async fn list(inside: &Inside, status: &str) -> Result<Vec<Value>, Failure> {
    let found = inside.get(&format!("/v1/reviews?limit=100&status={status}")).await?;
    Ok(found["data"].as_array().cloned().unwrap_or_default())
}

async fn step(inside: &Inside, review: &Value, verb: &str, said: Value) -> Result<(), Failure> {
    inside.post(&format!("/v1/reviews/{}/{verb}", text(review, "id")?), said).await?;
    Ok(())
}

fn number_of(engaged: &[Engaged], review: &Value) -> Result<usize, Failure> {
    let number = engaged.iter().position(|one| review["agreement_id"] == *one.agreement);
    number.ok_or_else(|| format!("nobody has the agreement of {review}").into())
}

/// What we think of a share of 1,000.
fn score(share: u64) -> u8 {
    match share {
        0..700 => 2,
        700..850 => 3,
        850..960 => 4,
        _ => 5,
    }
}

fn ratings(scores: [u8; 6]) -> Value {
    let criteria = ["reliability", "quality", "responsiveness", "communication", "problem_solving", "value"];
    let one = |(criterion, score)| json!({"criterion": criterion, "score": score, "narrative": "As the numbers show."});
    json!({"ratings": criteria.into_iter().zip(scores).map(one).collect::<Vec<_>>()})
}
