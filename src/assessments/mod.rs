//! Assessments: what suppliers, and internal units, say of themselves, answer by answer, and what staff made of it.
//!
//! - An assessment asks one published version of a questionnaire and keeps it. It can be answered at once.
//! - Answers are saved one by one, each with a revision of its own (`If-Match` is required): two people lose nothing.
//!   What is not asked as the other answers stand is kept and ignored.
//! - Somebody who signs in attests and submits what is complete; from then on answers and files stay as they are,
//!   until changes are requested. Whoever submitted does not verify.
//! - Every answer is confirmed, or adjusted with a reason, before the whole is accepted. Suppliers read verdicts when
//!   the assessment comes back or is accepted, not while somebody still looks.
//! - Suppliers see their own, reviewers those of suppliers with an agreement of theirs.
//! - Answers are taken over from the last accepted one where the question allows it; files never are.
//! - `dates` looks every hour: what nobody submitted in time expires, what repeats is assigned again.

pub mod api;
mod dates;
mod entity;
mod rules;
mod store;
mod types;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::id::AssessmentId;
use crate::shared::owner::Owner;
use crate::shared::permission::assessments::Read;
use sea_orm::{QuerySelect, QueryTrait};

pub use dates::{DATES, DATES_EVERY, keep_dates};
pub use entity::Entity;
pub use store::{LastAccepted, last_accepted};

pub const EXPORT: Source =
    crate::source!("assessments", Read, types::AssessmentQuery, types::Assessment, store::list_assessments);

/// What files that prove answers hang on.
const FILES_OF: &str = "assessment";

pub const OWNER: Owner = Owner {
    kind: FILES_OF,
    seen: |by| Entity::visible(by).select_only().column(entity::Column::Id).into_query(),
    is_frozen: |txn, id| Box::pin(store::is_frozen(txn, AssessmentId(id))),
    let_go: |txn, id, file| Box::pin(store::let_go(txn, AssessmentId(id), file)),
};

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(Entity), Mapped::of(entity::answer::Entity)]
}
