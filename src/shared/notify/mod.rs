//! What is due from somebody: one row per thing, what is expected about it, and person. Rooms say what is due
//! and when it is done in the transaction of its cause; mail goes out by itself (`remind`), and everybody reads
//! what is due from them under `GET /v1/me/tasks`.
//!
//! Rows are no facts but a list of things to do: what is handed over or falls away is removed. Titles go into
//! mails, so they hold no personal data.

pub mod remind;
mod rules;

use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::time::Timestamp;
use poem_openapi::Enum;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, OnConflict};
use sea_orm::{Condition, ExprTrait, QueryOrder};
use serde::{Deserialize, Serialize};

/// Rows of one statement: SQLite takes 32,766 values.
const AT_ONCE: usize = 500;

/// What is expected, and about what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum TaskKind {
    /// A customer is to be contacted about a low answer.
    #[oai(rename = "follow_up.required")]
    #[serde(rename = "follow_up.required")]
    #[sea_orm(string_value = "follow_up.required")]
    FollowUp,
    /// A self-assessment is to be answered and submitted.
    #[oai(rename = "assessment.answer")]
    #[serde(rename = "assessment.answer")]
    #[sea_orm(string_value = "assessment.answer")]
    Assessment,
    /// A self-assessment that was submitted is to be verified.
    #[oai(rename = "assessment.review")]
    #[serde(rename = "assessment.review")]
    #[sea_orm(string_value = "assessment.review")]
    AssessmentReview,
    /// An action, or that it is abandoned, is to be signed.
    #[oai(rename = "action.sign")]
    #[serde(rename = "action.sign")]
    #[sea_orm(string_value = "action.sign")]
    ActionSign,
    /// An agreed action is to be done.
    #[oai(rename = "action.do")]
    #[serde(rename = "action.do")]
    #[sea_orm(string_value = "action.do")]
    ActionDo,
    /// Whether an action worked is to be verified.
    #[oai(rename = "action.verify")]
    #[serde(rename = "action.verify")]
    #[sea_orm(string_value = "action.verify")]
    ActionVerify,
    /// A review is to be prepared and held.
    #[oai(rename = "review.prepare")]
    #[serde(rename = "review.prepare")]
    #[sea_orm(string_value = "review.prepare")]
    ReviewPrepare,
    /// What a review found is to be answered.
    #[oai(rename = "review.respond")]
    #[serde(rename = "review.respond")]
    #[sea_orm(string_value = "review.respond")]
    ReviewRespond,
    /// The other side of a review is to be rated.
    #[oai(rename = "review.rate")]
    #[serde(rename = "review.rate")]
    #[sea_orm(string_value = "review.rate")]
    ReviewRate,
    /// A disputed review is to be decided.
    #[oai(rename = "review.decide")]
    #[serde(rename = "review.decide")]
    #[sea_orm(string_value = "review.decide")]
    ReviewDecide,
    /// What a review found is to be finalised, committed to and closed.
    #[oai(rename = "review.conclude")]
    #[serde(rename = "review.conclude")]
    #[sea_orm(string_value = "review.conclude")]
    ReviewConclude,
    /// An early warning is to be answered.
    #[oai(rename = "early_warning.answer")]
    #[serde(rename = "early_warning.answer")]
    #[sea_orm(string_value = "early_warning.answer")]
    EarlyWarning,
}

impl TaskKind {
    /// Where what it is about is found.
    pub fn path(self, resource: Uuid) -> String {
        match self {
            Self::FollowUp => format!("/v1/follow-ups/{resource}"),
            Self::Assessment | Self::AssessmentReview => format!("/v1/assessments/{resource}"),
            Self::ActionSign | Self::ActionDo | Self::ActionVerify => format!("/v1/actions/{resource}"),
            Self::ReviewPrepare
            | Self::ReviewRate
            | Self::ReviewRespond
            | Self::ReviewDecide
            | Self::ReviewConclude => format!("/v1/reviews/{resource}"),
            Self::EarlyWarning => format!("/v1/early-warnings/{resource}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: AccountId,
    pub kind: TaskKind,
    pub resource_id: Uuid,
    pub supplier_id: Option<SupplierId>,
    pub title: String,
    pub due_at: Timestamp,
    /// When the next mail about it goes out; none when no more follow.
    pub remind_at: Option<Timestamp>,
    /// How many reminders there were.
    pub reminders: i64,
    pub done_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Something to be done.
#[derive(Clone, Debug)]
pub struct New {
    pub account_id: AccountId,
    pub kind: TaskKind,
    pub resource_id: Uuid,
    pub supplier_id: Option<SupplierId>,
    pub title: &'static str,
    pub due_at: Timestamp,
    /// When the first mail goes out; when it is due, or on the next day after that, when left out.
    pub remind_at: Option<Timestamp>,
}

impl New {
    /// Of one person, about something of a supplier, with a mail of its own time.
    pub fn about(
        (resource_id, supplier_id): (Uuid, SupplierId),
        account_id: AccountId,
        kind: TaskKind,
        title: &'static str,
        due_at: Timestamp,
        remind_at: Timestamp,
    ) -> Self {
        Self {
            account_id,
            kind,
            resource_id,
            supplier_id: Some(supplier_id),
            title,
            due_at,
            remind_at: Some(remind_at),
        }
    }
}

/// Says that something is due from somebody; what was due before about the same thing is due anew.
pub async fn require(txn: &Txn, clock: &Clock, new: New) -> Result<()> {
    require_all(txn, clock, vec![new]).await
}

/// The same for many things at once. No two are about the same thing and person.
pub async fn require_all(txn: &Txn, clock: &Clock, new: Vec<New>) -> Result<()> {
    let now = clock.now();
    let row = |new: &New| ActiveModel {
        id: Set(clock.uuid()),
        account_id: Set(new.account_id),
        kind: Set(new.kind),
        resource_id: Set(new.resource_id),
        supplier_id: Set(new.supplier_id),
        title: Set(new.title.to_owned()),
        due_at: Set(new.due_at),
        remind_at: Set(new.remind_at.or_else(|| rules::next(new.due_at, now))),
        reminders: Set(0),
        done_at: Set(None),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    use Column::{AccountId, DoneAt, DueAt, Kind, RemindAt, Reminders, ResourceId, Revision, Title, UpdatedAt};
    let anew = OnConflict::columns([Kind, ResourceId, AccountId])
        .update_columns([Title, DueAt, RemindAt, Reminders, DoneAt, UpdatedAt])
        .value(Revision, Expr::col((Alias::new("notification"), Revision)).add(1))
        .to_owned();
    for new in new.chunks(AT_ONCE) {
        let insert = Entity::insert_many(new.iter().map(row)).on_conflict(anew.clone());
        insert.exec_without_returning(txn).await?;
    }
    Ok(())
}

fn open(kind: TaskKind, resource: Uuid) -> Condition {
    Condition::all().add(Column::Kind.eq(kind)).add(Column::ResourceId.eq(resource)).add(Column::DoneAt.is_null())
}

/// It is done: no mail follows.
pub async fn done(txn: &Txn, clock: &Clock, kind: TaskKind, resource: Uuid) -> Result<()> {
    close(txn, clock, open(kind, resource)).await
}

/// One of those from whom it is due has done it.
pub async fn done_by(txn: &Txn, clock: &Clock, kind: TaskKind, resource: Uuid, account: AccountId) -> Result<()> {
    close(txn, clock, open(kind, resource).add(Column::AccountId.eq(account))).await
}

async fn close(txn: &Txn, clock: &Clock, which: Condition) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DoneAt, Expr::value(clock.now()))
        .col_expr(Column::RemindAt, Expr::value(None::<Timestamp>))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(clock.now()))
        .filter(which)
        .exec(txn)
        .await?;
    Ok(())
}

/// One thing is due from those in `new`, and from nobody else. Whoever has done it already has done it, and who knows
/// of it for that day is not told again.
pub async fn share(txn: &Txn, clock: &Clock, kind: TaskKind, resource: Uuid, new: Vec<New>) -> Result<()> {
    let others = open(kind, resource).add(Column::AccountId.is_not_in(new.iter().map(|new| new.account_id)));
    Entity::delete_many().filter(others).exec(txn).await?;
    let known = Entity::find().filter(Column::Kind.eq(kind)).filter(Column::ResourceId.eq(resource)).all(txn).await?;
    let is_known = |new: &New| {
        let mut own = known.iter().filter(|row| row.account_id == new.account_id);
        own.any(|row| row.done_at.is_some() || row.due_at == new.due_at)
    };
    let unknown: Vec<_> = new.into_iter().filter(|new| !is_known(new)).collect();
    match unknown.is_empty() {
        true => Ok(()),
        false => require_all(txn, clock, unknown).await,
    }
}

/// What is open is due from those in `new` and from nobody else any more, until the time that was said before. Whether
/// anything had to be handed over.
pub async fn hand_over(txn: &Txn, clock: &Clock, kind: TaskKind, resource: Uuid, new: Vec<New>) -> Result<bool> {
    let known = Entity::find().filter(open(kind, resource)).order_by_asc(Column::Id).all(txn).await?;
    let due_at = known.first().map(|row| row.due_at);
    let leaving = known.iter().filter(|row| !new.iter().any(|new| new.account_id == row.account_id));
    let leaving: Vec<_> = leaving.map(|row| row.id).collect();
    let is_new = |new: &New| !known.iter().any(|row| row.account_id == new.account_id);
    let coming = new.into_iter().filter(is_new).map(|new| New { due_at: due_at.unwrap_or(new.due_at), ..new });
    let coming: Vec<_> = coming.collect();
    let is_handed_over = !leaving.is_empty() || !coming.is_empty();
    Entity::delete_many().filter(Column::Id.is_in(leaving)).exec(txn).await?;
    require_all(txn, clock, coming).await?;
    Ok(is_handed_over)
}

/// Some things fell away: nothing is, or was, due about them.
pub async fn forget(txn: &Txn, kind: TaskKind, resources: Vec<Uuid>) -> Result<()> {
    for resources in resources.chunks(AT_ONCE) {
        let about = Column::ResourceId.is_in(resources.iter().copied());
        Entity::delete_many().filter(Column::Kind.eq(kind)).filter(about).exec(txn).await?;
    }
    Ok(())
}

/// Somebody's account is gone, and with it what was due from it.
pub async fn forget_account(txn: &Txn, account: AccountId) -> Result<()> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(txn).await?;
    Ok(())
}
