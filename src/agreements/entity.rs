//! The tables of agreements.

use super::types::{AgreementStatus, Cadence, CodeItem, Renewal, Side, SignatureId, VersionStatus};
use crate::shared::auth::{By, Scope};
use crate::shared::db::Stored;
use crate::shared::id::{AccountId, AgreementId, CalendarId, SupplierId};
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use crate::suppliers::ExternalId;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{Condition, QueryFilter, QuerySelect};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AgreementId,
    pub supplier_id: SupplierId,
    #[sea_orm(unique)]
    pub external_id: Option<ExternalId>,
    pub owner_id: Option<AccountId>,
    pub status: AgreementStatus,
    pub status_reason: Option<String>,
    /// The version whose terms are shown: the one in force, or the first one until then.
    pub shown_version: i64,
    pub version_in_force: Option<i64>,
    /// The version being written, negotiated or signed.
    pub open_version: Option<i64>,
    /// The side that writes a next version of which the other one does not know yet.
    pub drafted_by: Option<Side>,
    /// Of the shown version, repeated for lists and deadlines.
    pub title: String,
    /// The title, folded and cut, as bytes: sorts alike on both databases.
    pub title_key: Option<Vec<u8>>,
    pub service_line: Option<String>,
    pub customer_segment: Option<String>,
    /// The last day; automatic renewal moves it beyond what was signed.
    pub ends_on: Option<Date>,
    /// Whether the supplier has ever seen it: drafts are ours.
    pub is_shared: bool,
    pub terminates_on: Option<Date>,
    pub previous_id: Option<AgreementId>,
    /// `revision` and `updated_at` as the supplier sees them: it does not notice what is not for it yet.
    pub supplier_revision: i64,
    pub supplier_updated_at: Timestamp,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// As a side sees it. To the other side, an agreement whose next version is being drafted is as it was.
    pub fn seen_from(&self, side: Side) -> Self {
        let (revision, updated_at) = match side {
            Side::Us => (self.revision, self.updated_at),
            Side::Supplier => (self.supplier_revision, self.supplier_updated_at),
        };
        let (status, open_version) = match self.drafted_by {
            None => (self.status, self.open_version),
            Some(by) if by == side => (AgreementStatus::Amending, self.open_version),
            Some(_) => (self.status, None),
        };
        Self { status, open_version, revision, updated_at, ..self.clone() }
    }
}

impl Entity {
    /// Where every read of agreements starts.
    pub fn visible(by: &By) -> sea_orm::Select<Entity> {
        Entity::find().filter(seen_by(by, Column::Id))
    }
}

/// The condition on whatever hangs on an agreement: suppliers see their own once it was shared
/// with them, reviewers those they own or review, everybody else all.
pub fn seen_by(by: &By, agreement_id: impl ColumnTrait) -> Condition {
    let of = |wanted: Condition| {
        let ids = Query::select().column(Column::Id).from(Entity).cond_where(wanted).to_owned();
        Condition::all().add(agreement_id.in_subquery(ids))
    };
    match by.scope {
        Scope::Supplier(own) => of(Condition::all().add(Column::SupplierId.eq(own)).add(Column::IsShared.eq(true))),
        Scope::Everything if by.caller.is(Role::Reviewer) => {
            let reviewed = reviewer::Entity::find()
                .select_only()
                .column(reviewer::Column::AgreementId)
                .filter(reviewer::Column::AccountId.eq(by.caller.id()));
            let assigned = Condition::any()
                .add(Column::OwnerId.eq(by.caller.id()))
                .add(Column::Id.in_subquery(sea_orm::QueryTrait::into_query(reviewed)));
            of(assigned)
        }
        Scope::Everything => Condition::all(),
    }
}

/// The condition on what hangs on agreements of one service line.
pub fn in_service_line(line: &str, agreement_id: impl ColumnTrait) -> Condition {
    let ids = Query::select().column(Column::Id).from(Entity).and_where(Column::ServiceLine.eq(line)).to_owned();
    Condition::all().add(agreement_id.in_subquery(ids))
}

/// Who reviews an agreement, besides its owner.
pub mod reviewer {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_reviewer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub agreement_id: AgreementId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The terms of an agreement, in numbered versions. What was handed over of an open version stands under
/// its number with a minus, until both sides agree on it; of one that was withdrawn it stays.
pub mod version {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub agreement_id: AgreementId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub status: VersionStatus,
        /// Whose move it is while the version is open.
        pub turn: Side,
        /// When the other side first saw it.
        pub shared_at: Option<Timestamp>,
        /// When each side accepted the terms and the choice of clauses as they stand.
        pub accepted_by_us_at: Option<Timestamp>,
        pub accepted_by_supplier_at: Option<Timestamp>,
        pub agreed_at: Option<Timestamp>,
        /// Whether the supplier agreed on paper, and staff recorded it.
        pub is_agreed_on_paper: bool,
        pub content_hash: Option<Vec<u8>>,
        pub effective_from: Option<Date>,
        pub note: Option<String>,
        pub title: String,
        pub service_line: Option<String>,
        pub customer_segment: Option<String>,
        pub calendar_id: Option<CalendarId>,
        pub starts_on: Date,
        pub ends_on: Option<Date>,
        pub notice_days: i64,
        pub renewal: Renewal,
        pub renewal_months: Option<i64>,
        pub customer_target: f64,
        #[sea_orm(column_type = "JsonBinary", nullable)]
        pub cadence: Option<Stored<Cadence>>,
        #[sea_orm(column_type = "JsonBinary", nullable)]
        pub service_code: Option<Stored<Vec<CodeItem>>>,
        pub revision: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Signatures under versions.
pub mod signature {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "signature")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SignatureId,
        pub agreement_id: AgreementId,
        pub version: i64,
        pub side: Side,
        pub name: String,
        pub title: Option<String>,
        pub account_id: Option<AccountId>,
        pub is_on_paper: bool,
        pub signed_on: Date,
        pub recorded_by: Uuid,
        pub content_hash: Vec<u8>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
