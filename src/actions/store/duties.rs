//! What is due from whom about actions.

use crate::actions::entity::Model;
use crate::actions::types::ActionStatus;
use crate::agreements::{Side, owners_of};
use crate::organization::time_zone;
use crate::shared::auth::account;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::AccountId;
use crate::shared::notify::{self, New, TaskKind};
use crate::shared::permission::actions::{Sign, Verify};
use crate::shared::permission::{Permission, Role};
use crate::shared::zone;
use chrono::{Days, TimeDelta};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// What mails say. They name nobody.
const SIGN: &str = "Sign an action, or counter it";
const GIVE_UP: &str = "Say whether you give an action up too";
const DO: &str = "Do what was agreed on";
const VERIFY: &str = "Verify whether an action worked";

/// How long before it is due people are reminded.
const BEFORE: TimeDelta = TimeDelta::days(7);
/// How long one side has to look at what the other one did.
const TO_LOOK: TimeDelta = TimeDelta::days(14);
/// After so many days it can usually be seen whether something works.
const TO_SHOW: TimeDelta = TimeDelta::days(30);

/// What is due now, and what no longer is.
pub async fn tell(txn: &Txn, clock: &Clock, before: &Model, after: &Model) -> Result<()> {
    use TaskKind::{ActionDo, ActionSign, ActionVerify};
    let id = after.id.0;
    match after.status {
        ActionStatus::Proposed => {
            let signed: Vec<_> = after.signatures.iter().map(|one| one.side).collect();
            signatures_due(txn, clock, after, SIGN, &signed).await
        }
        ActionStatus::Withdrawn => notify::forget(txn, ActionSign, vec![id]).await,
        ActionStatus::Accepted if before.status == ActionStatus::Proposed => {
            notify::done(txn, clock, ActionSign, id).await?;
            work_due(txn, clock, after).await
        }
        ActionStatus::ClaimedDone => {
            notify::forget(txn, ActionSign, vec![id]).await?;
            notify::done(txn, clock, ActionDo, id).await?;
            proof_due(txn, clock, after).await
        }
        ActionStatus::VerifiedEffective => notify::done(txn, clock, ActionVerify, id).await,
        ActionStatus::NotEffective if before.status == ActionStatus::ClaimedDone => {
            notify::done(txn, clock, ActionVerify, id).await?;
            work_due(txn, clock, after).await
        }
        ActionStatus::Abandoned => {
            notify::done(txn, clock, ActionSign, id).await?;
            notify::forget(txn, ActionDo, vec![id]).await
        }
        ActionStatus::Accepted | ActionStatus::InProgress | ActionStatus::NotEffective => {
            let gave_up: Vec<_> = after.abandonments.iter().map(|one| one.signature.side).collect();
            match gave_up.is_empty() && before.abandonments.is_empty() {
                true => Ok(()),
                false if gave_up.is_empty() => notify::forget(txn, ActionSign, vec![id]).await,
                false => signatures_due(txn, clock, after, GIVE_UP, &gave_up).await,
            }
        }
    }
}

/// What an action waits for is due from whoever is to do it now: the agreement may have another owner, or somebody cannot
/// sign in any more. Whether anything had to be handed over.
pub async fn hand_over(txn: &Txn, clock: &Clock, row: &Model) -> Result<bool> {
    use TaskKind::{ActionDo, ActionSign, ActionVerify};
    let mut waits = Vec::new();
    match row.status {
        ActionStatus::Proposed => {
            let signed: Vec<_> = row.signatures.iter().map(|one| one.side).collect();
            waits.push((ActionSign, signatures(txn, clock, row, SIGN, &signed).await?));
        }
        ActionStatus::Accepted | ActionStatus::InProgress | ActionStatus::NotEffective => {
            waits.push((ActionDo, work(txn, clock, row).await?));
            let gave_up: Vec<_> = row.abandonments.iter().map(|one| one.signature.side).collect();
            if !gave_up.is_empty() {
                waits.push((ActionSign, signatures(txn, clock, row, GIVE_UP, &gave_up).await?));
            }
        }
        ActionStatus::ClaimedDone => waits.push((ActionVerify, proof(txn, clock, row).await?)),
        ActionStatus::Withdrawn | ActionStatus::VerifiedEffective | ActionStatus::Abandoned => {}
    }
    let mut is_handed_over = false;
    for (kind, new) in waits {
        is_handed_over |= notify::hand_over(txn, clock, kind, row.id.0, new).await?;
    }
    Ok(is_handed_over)
}

async fn signatures_due(txn: &Txn, clock: &Clock, row: &Model, title: &'static str, signed: &[Side]) -> Result<()> {
    notify::forget(txn, TaskKind::ActionSign, vec![row.id.0]).await?;
    notify::require_all(txn, clock, signatures(txn, clock, row, title, signed).await?).await
}

/// To be signed by the sides that have not, within two weeks.
async fn signatures(txn: &Txn, clock: &Clock, row: &Model, title: &'static str, signed: &[Side]) -> Result<Vec<New>> {
    let mut people = Vec::new();
    if !signed.contains(&Side::Us) {
        people.extend(ours::<Sign>(txn, row, &[]).await?);
    }
    if !signed.contains(&Side::Supplier) {
        people.extend(theirs(txn, row).await?);
    }
    let now = clock.now();
    let each = people.into_iter().map(|person| {
        New::about((row.id.0, row.supplier_id), person, TaskKind::ActionSign, title, now.plus(TO_LOOK), now)
    });
    Ok(each.collect())
}

async fn work_due(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    notify::require_all(txn, clock, work(txn, clock, row).await?).await
}

/// To be done until the end of the day on which it is due, by its owner; where that one cannot sign in, by whoever looks
/// after the agreement.
async fn work(txn: &Txn, clock: &Clock, row: &Model) -> Result<Vec<New>> {
    let zone = time_zone(txn).await?;
    let day_after = row.due_on.checked_add_days(Days::new(1));
    let due_at = day_after.and_then(|day| zone::day_begins(&zone, day)).unwrap_or_else(zone::end);
    let remind_at = due_at.plus(-BEFORE).max(clock.now());
    let owner = match row.side {
        Side::Us => people(txn, Condition::all().add(account::Column::Id.is_in(row.owner_id))).await?,
        Side::Supplier => Vec::new(),
    };
    let people = match row.side {
        Side::Us if owner.is_empty() => ours::<Sign>(txn, row, &[]).await?.into_iter().collect(),
        Side::Us => owner,
        Side::Supplier => theirs(txn, row).await?,
    };
    let each = people
        .into_iter()
        .map(|person| New::about((row.id.0, row.supplier_id), person, TaskKind::ActionDo, DO, due_at, remind_at));
    Ok(each.collect())
}

async fn proof_due(txn: &Txn, clock: &Clock, row: &Model) -> Result<()> {
    notify::require_all(txn, clock, proof(txn, clock, row).await?).await
}

/// To be verified by somebody of ours who neither had to do it nor says that it is done.
async fn proof(txn: &Txn, clock: &Clock, row: &Model) -> Result<Vec<New>> {
    let claimed_by = row.claim.as_ref().and_then(|claim| claim.claimed_by);
    let not: Vec<_> = row.owner_id.into_iter().chain(claimed_by).collect();
    let due_at = clock.now().plus(TO_SHOW);
    let people = ours::<Verify>(txn, row, &not).await?;
    let each = people
        .into_iter()
        .map(|person| New::about((row.id.0, row.supplier_id), person, TaskKind::ActionVerify, VERIFY, due_at, due_at));
    Ok(each.collect())
}

/// Who of the staff looks after it: the owner of the agreement, or else whoever proposed or signed it, or else an owner of
/// the organisation; the first of them who can sign in and may do that.
async fn ours<P: Permission>(txn: &Txn, row: &Model, not: &[AccountId]) -> Result<Option<AccountId>> {
    use account::Column::{Id, Role as Is, SupplierId};
    let owner = owners_of(txn, vec![row.agreement_id]).await?.remove(&row.agreement_id);
    let signed = row.signatures.iter().filter(|one| one.side == Side::Us).find_map(|one| one.account_id);
    let nearest: Vec<_> = owner.into_iter().chain(row.created_by).chain(signed).collect();
    let wanted = Condition::any().add(Id.is_in(nearest.clone())).add(Is.eq(Role::Owner));
    let may = Condition::all().add(SupplierId.is_null()).add(Is.is_in(account::roles_with::<P>())).add(wanted);
    let able = people(txn, may).await?;
    let possible = nearest.iter().filter(|one| able.contains(one)).chain(&able);
    Ok(possible.copied().find(|one| !not.contains(one)))
}

/// Who signs for the supplier.
async fn theirs(txn: &Txn, row: &Model) -> Result<Vec<AccountId>> {
    use account::Column::{Role as Is, SupplierId};
    let may = Condition::all().add(SupplierId.eq(row.supplier_id)).add(Is.is_in(account::roles_with::<Sign>()));
    people(txn, may).await
}

/// Those who can sign in.
async fn people(txn: &Txn, wanted: Condition) -> Result<Vec<AccountId>> {
    let found = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(wanted)
        .filter(account::Column::DisabledAt.is_null())
        .order_by_asc(account::Column::Id);
    Ok(found.into_tuple().all(txn).await?)
}
