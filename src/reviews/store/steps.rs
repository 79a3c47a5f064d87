//! What becomes of a review, step by step.

use super::calling::{Call, call};
use super::{attendees, closing, duties, freezing, ratings, save, shown_one};
use crate::actions::{signed_since, unsigned};
use crate::agreements::{Side, get_agreement, people_of, reviewed, side_of};
use crate::organization::{time_zone, today};
use crate::reviews::entity::{Column, Entity, Model};
use crate::reviews::rules::{self, Called, RESPOND_WITHIN, Verb, WAITING};
use crate::reviews::types::{
    MissedBy, MissedReview, NewRatings, NewResponse, NewRuling, ResponseKind, ResponseWord, ReviewHeld, ReviewOrigin,
    ReviewStatus, Ruling, UseAgain,
};
use crate::shared::auth::{By, Scope, account};
use crate::shared::clock::Clock;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{ActionId, ExpectationId};
use crate::shared::permission::reviews::{Respond, Transition};
use crate::shared::zone;
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use std::collections::HashSet;
use uuid::Uuid;

/// What is done, with what is said to it.
#[derive(Clone)]
pub enum Step {
    Ready,
    Hold(ReviewHeld),
    Miss(MissedReview),
    Cancel(String),
    Rate(NewRatings),
    WouldUseAgain(UseAgain),
    LockRatings,
    Respond(NewResponse),
    Decide(NewRuling),
    Finalise,
    Commit,
    Close,
}

impl Step {
    fn verb(&self) -> Verb {
        match self {
            Step::Ready => Verb::Ready,
            Step::Hold(_) => Verb::Hold,
            Step::Miss(_) => Verb::Miss,
            Step::Cancel(_) => Verb::Cancel,
            Step::Rate(_) => Verb::Rate,
            Step::WouldUseAgain(_) => Verb::WouldUseAgain,
            Step::LockRatings => Verb::LockRatings,
            Step::Respond(_) => Verb::Respond,
            Step::Decide(_) => Verb::Decide,
            Step::Finalise => Verb::Finalise,
            Step::Commit => Verb::Commit,
            Step::Close => Verb::Close,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Step::Miss(missed) => Some(&missed.reason),
            Step::Cancel(reason) => Some(reason),
            Step::Decide(ruling) => Some(&ruling.reason),
            _ => None,
        }
    }
}

/// Takes the step on a review as it was read under lock, and returns it as it is then.
pub async fn take(txn: &Txn, by: &By, before: &Model, step: &Step) -> Result<Model> {
    let status = step.verb().apply(before.status)?;
    let (now, today) = (by.clock.now(), today(txn, &by.clock).await?);
    let shown_before = shown_one(txn, by, before.clone()).await?;
    let mut after = Model { status, ..before.clone() };
    let mut gone = Vec::new();
    match step {
        Step::Ready => freezing::freeze(txn, by, &mut after, today).await?,
        Step::Hold(held) => hold(txn, by, &mut after, held, today).await?,
        Step::Miss(missed) => {
            rules::check_missed(before.scheduled_on, today)?;
            after.status_reason = Some(missed.reason.clone());
            after.missed_by = Some(missed.by);
        }
        Step::Cancel(reason) => after.status_reason = Some(reason.clone()),
        Step::Rate(new) => ratings::rate(txn, by, before, new).await?,
        Step::WouldUseAgain(said) => {
            refuse_others_than_the_owner(txn, by, before).await?;
            after.would_use_again = Some(said.would_use_again);
            after.would_use_again_reason = Some(said.reason.clone());
            after.would_use_again_by = Some(by.caller.id());
        }
        Step::LockRatings => lock_ratings(txn, &mut after, by, today).await?,
        Step::Respond(response) => respond(txn, &mut after, by, response).await?,
        Step::Decide(ruling) => {
            rules::refuse_involved(&involved(txn, before).await?, by.caller.id())?;
            after.ruling = Some(ruling.outcome);
            after.ruling_reason = Some(ruling.reason.clone());
            (after.decided_by, after.decided_at) = (Some(by.caller.id()), Some(now));
        }
        Step::Finalise => finalise(txn, by, &mut after).await?,
        Step::Commit => {
            let waiting = unsigned(txn, before.agreement_id).await?.into_iter().map(|id| id.0).collect();
            rules::refuse_waiting("actions", waiting, "Actions of the agreement wait for a signature.")?;
            after.action_ids = Some(Stored(came_out(txn, before).await?));
            after.committed_at = Some(now);
        }
        Step::Close => {
            gone = closing::close(txn, by, before, today).await?;
            after.closed_at = Some(now);
        }
    }
    let after = save(txn, &by.clock, before, after).await?;
    if let Step::Rate(_) = step {
        duties::rated(txn, &by.clock, before, by.account()).await?;
    }
    duties::settle(txn, &by.clock, before.status, &after).await?;
    if let Step::Miss(_) = step {
        call_instead(txn, &by.clock, Author::caller(&by.caller, &by.request_id), &after, today).await?;
    }
    let shown_after = shown_one(txn, by, after.clone()).await?;
    let without = skipped(&gone);
    let reason = step.reason().or(without.as_deref());
    let entry = Entry::new(step.verb().action(), before.id.0).about(before.supplier_id).because(reason);
    history::record(txn, by, entry.between(Some(&shown_before), Some(&shown_after))).await?;
    Ok(after)
}

/// What a fact says of clauses that nothing could be done about.
fn skipped(gone: &[ExpectationId]) -> Option<String> {
    let ids: Vec<_> = gone.iter().map(ToString::to_string).collect();
    (!ids.is_empty())
        .then(|| format!("The agreement has these clauses no more, nothing was done about them: {}.", ids.join(", ")))
}

/// The actions that both sides have signed since the review before was committed, but for those that came out of it.
async fn came_out(txn: &Txn, row: &Model) -> Result<Vec<ActionId>> {
    let committed =
        Entity::find().filter(Column::AgreementId.eq(row.agreement_id)).filter(Column::CommittedAt.is_not_null());
    let earlier = committed.order_by_desc(Column::CommittedAt).all(txn).await?;
    let zone = time_zone(txn).await?;
    let since = earlier.first().and_then(|last| last.committed_at).map(|at| zone::day_of(&zone, at));
    let known: HashSet<_> = earlier.into_iter().filter_map(|one| one.action_ids).flat_map(|ids| ids.0).collect();
    let signed = signed_since(txn, row.agreement_id, since).await?;
    Ok(signed.into_iter().filter(|id| !known.contains(id)).collect())
}

async fn hold(txn: &Txn, by: &By, after: &mut Model, held: &ReviewHeld, today: NaiveDate) -> Result<()> {
    let held_on = held.held_on.unwrap_or(today);
    if held_on > today || held_on < after.period_to {
        let detail = "It was held today or earlier, and not before its period ended.";
        return Err(Error::rule(Code::RuleViolated, "/held_on", detail));
    }
    (after.held_on, after.held_at) = (Some(held_on), Some(by.clock.now()));
    attendees::note_presence(txn, by, (after.id, after.supplier_id), &held.present).await
}

/// What the owner of an agreement says nobody else does; where nobody owns it, whoever works on its reviews, and where
/// the owner cannot sign in any more, whoever manages reviews.
async fn refuse_others_than_the_owner(txn: &Txn, by: &By, row: &Model) -> Result<()> {
    let owner = get_agreement(txn, by, row.agreement_id).await?.owner_id;
    let is_gone = match owner {
        Some(owner) => attendees::ours(txn, vec![owner]).await?.is_empty(),
        None => false,
    };
    let stands_in = is_gone && by.caller.may::<Transition>();
    match stands_in || owner.is_none_or(|owner| owner.0 == by.caller.id()) {
        true => Ok(()),
        false => Err(Error::new(Code::Forbidden, "That is for the owner of the agreement to say.")),
    }
}

async fn lock_ratings(txn: &Txn, after: &mut Model, by: &By, today: NaiveDate) -> Result<()> {
    let of_supplier = ratings::of_supplier(txn, after.id).await?;
    rules::refuse_unrated(&of_supplier)?;
    if after.would_use_again.is_none() {
        let detail = "The owner of the agreement has yet to say whether to use the supplier again.";
        return Err(Error::new(Code::RuleViolated, detail));
    }
    let held_on = match after.held_at {
        Some(at) => zone::day_of(&time_zone(txn).await?, at),
        None => after.held_on.unwrap_or(today),
    };
    rules::check_heard(ratings::is_heard(txn, after.id).await?, held_on, today)?;
    (after.score, after.grade) = rules::grade(&of_supplier, after.would_use_again).unzip();
    after.ratings_locked_at = Some(by.clock.now());
    after.respond_by = today.checked_add_days(RESPOND_WITHIN);
    Ok(())
}

/// The supplier responds for itself; staff only on behalf of one of which nobody can sign in.
async fn respond(txn: &Txn, after: &mut Model, by: &By, response: &NewResponse) -> Result<()> {
    let is_on_behalf = side_of(by) == Side::Us;
    if is_on_behalf && account::is_any_with::<Respond>(txn, after.supplier_id).await? {
        return Err(Error::new(Code::Forbidden, "It is for the supplier to respond: somebody can sign in for it."));
    }
    let kind = match response.kind {
        ResponseWord::Agree => ResponseKind::Agree,
        ResponseWord::Partly => ResponseKind::Partly,
        ResponseWord::Disagree => ResponseKind::Disagree,
    };
    if response.text.is_none() && kind != ResponseKind::Agree {
        return Err(Error::rule(Code::RuleViolated, "/text", "Say with what you do not agree."));
    }
    let now = by.clock.now();
    after.status = rules::responded(kind);
    (after.response, after.response_text) = (Some(kind), response.text.clone());
    (after.responded_by, after.responded_at) = (Some(by.caller.id()), Some(now));
    after.responded_on_behalf = Some(is_on_behalf);
    after.finalised_at = (kind != ResponseKind::Disagree).then_some(now);
    Ok(())
}

/// What was sent back counts as it was rated anew.
async fn finalise(txn: &Txn, by: &By, after: &mut Model) -> Result<()> {
    if after.ruling == Some(Ruling::SentBack) {
        if !ratings::is_changed(txn, after.id).await? {
            return Err(Error::new(Code::RuleViolated, "The ratings were sent back, and nobody has changed one yet."));
        }
        let of_supplier = ratings::of_supplier(txn, after.id).await?;
        (after.score, after.grade) = rules::grade(&of_supplier, after.would_use_again).unzip();
    }
    after.finalised_at = Some(by.clock.now());
    Ok(())
}

/// Who had a part in it: owner and reviewers of the agreement, raters, who led it, and who took part.
pub async fn involved(db: &impl ConnectionTrait, row: &Model) -> Result<Vec<Uuid>> {
    let mut involved = ratings::raters(db, row.id).await?;
    let people = people_of(db, vec![row.agreement_id]).await?;
    involved.extend(people.into_values().flatten().map(|id| id.0));
    involved.extend(row.would_use_again_by);
    let led = [Verb::Ready, Verb::Hold, Verb::LockRatings].map(Verb::action);
    involved.extend(history::doers(db, row.id.0, &led).await?);
    let attended = attendees::of(db, Scope::Everything, vec![row.id]).await?;
    involved.extend(attended.into_values().flatten().filter_map(|one| one.account_id).map(|id| id.0));
    Ok(involved)
}

/// What was missed is called again, unless the agreement is over. Where one is called for a day until then, that one is
/// about the days that were missed, too: no period goes without a review, and none gets two.
async fn call_instead(txn: &Txn, clock: &Clock, author: Author<'_>, missed: &Model, today: NaiveDate) -> Result<()> {
    let on = rules::instead_on(today, missed.period_to);
    let Some(of) = reviewed(txn, missed.agreement_id).await? else {
        return Ok(());
    };
    let near = Entity::find()
        .filter(Column::AgreementId.eq(missed.agreement_id))
        .filter(Column::Status.is_in(WAITING))
        .filter(Column::ScheduledOn.between(today, on))
        .order_by_asc(Column::ScheduledOn)
        .order_by_asc(Column::Id)
        .all(txn)
        .await?;
    let covers = |one: &&Model| one.period_from <= missed.period_from && missed.period_to <= one.period_to;
    if near.iter().any(|one| covers(&one)) {
        return Ok(());
    }
    if let Some(next) = near.iter().find(|one| one.status == ReviewStatus::Scheduled) {
        let period_from = next.period_from.min(missed.period_from);
        let period_to = next.period_to.max(missed.period_to);
        let after = save(txn, clock, next, Model { period_from, period_to, ..next.clone() }).await?;
        let show = |row: &Model| json!({"period_from": row.period_from, "period_to": row.period_to});
        let entry = Entry::new(Verb::Update.action(), next.id.0).about(next.supplier_id);
        return history::record_as(txn, clock, author, entry.between(Some(&show(next)), Some(&show(&after)))).await;
    }
    if of.ends_on.is_some_and(|end| on > end) {
        return Ok(());
    }
    let attendees = attendees::of(txn, Scope::Everything, vec![missed.id]).await?.remove(&missed.id);
    let called = Called { period_from: missed.period_from, period_to: missed.period_to, on };
    let again = Call { called, origin: ReviewOrigin::Instead, instead_of: Some(missed.id) };
    call(txn, clock, author, &of, (vec![again], &attendees.unwrap_or_default())).await?;
    Ok(())
}

/// Nobody held it in time: we missed it, for it is us who call. Of an agreement that is over it is cancelled.
pub async fn miss(txn: &Txn, clock: &Clock, before: &Model, today: NaiveDate) -> Result<()> {
    let is_in_force = reviewed(txn, before.agreement_id).await?.is_some();
    let (verb, reason) = match is_in_force {
        true => (Verb::Miss, "It was not held within 14 days."),
        false => (Verb::Cancel, "The agreement is over."),
    };
    let mut after = Model { status: verb.apply(before.status)?, ..before.clone() };
    after.status_reason = Some(reason.to_owned());
    after.missed_by = is_in_force.then_some(MissedBy::Us);
    let after = save(txn, clock, before, after).await?;
    duties::settle(txn, clock, before.status, &after).await?;
    if is_in_force {
        call_instead(txn, clock, Author::program(), &after, today).await?;
    }
    noted(txn, clock, verb, before, &after).await
}

/// The supplier did not respond in time: what was found stands.
pub async fn lapse(txn: &Txn, clock: &Clock, before: &Model) -> Result<()> {
    let now = clock.now();
    let after = Model {
        status: Verb::Lapse.apply(before.status)?,
        response: Some(ResponseKind::None),
        responded_at: Some(now),
        finalised_at: Some(now),
        ..before.clone()
    };
    let after = save(txn, clock, before, after).await?;
    duties::settle(txn, clock, before.status, &after).await?;
    noted(txn, clock, Verb::Lapse, before, &after).await
}

/// The time to respond stands still while the supplier is suspended, and begins anew afterwards.
pub async fn respond_by(txn: &Txn, clock: &Clock, before: &Model, respond_by: Option<NaiveDate>) -> Result<()> {
    let after = save(txn, clock, before, Model { respond_by, ..before.clone() }).await?;
    duties::settle(txn, clock, before.status, &after).await?;
    let show = |row: &Model| json!({"respond_by": row.respond_by});
    let entry = Entry::new("review.respond-by", after.id.0).about(after.supplier_id);
    history::record_as(txn, clock, Author::program(), entry.between(Some(&show(before)), Some(&show(&after)))).await
}

/// Notes what the program did by itself.
pub async fn noted(txn: &Txn, clock: &Clock, verb: Verb, before: &Model, after: &Model) -> Result<()> {
    let show = |row: &Model| {
        json!({"status": row.status, "status_reason": row.status_reason, "missed_by": row.missed_by,
            "response": row.response})
    };
    let entry = Entry::new(verb.action(), after.id.0).about(after.supplier_id);
    history::record_as(txn, clock, Author::program(), entry.between(Some(&show(before)), Some(&show(after)))).await
}
