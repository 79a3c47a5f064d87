//! Agreements: the agreement itself, its immutable versions with their clauses, and signatures.
//!
//! Terms and clauses belong to a version; one version at most is open (being written or
//! negotiated) and one at most is in force. A clause keeps its id through all versions. What was handed
//! over of version 3 while somebody goes on writing it stands under the number -3.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000005_agreements"
    }
}

const TABLES: [&str; 5] = ["signature", "expectation", "agreement_reviewer", "agreement_version", "agreement"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        agreement(manager).await?;
        version(manager).await?;
        expectation(manager).await?;
        signature(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

async fn agreement(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let states = [
        "draft",
        "proposed",
        "countered",
        "agreed",
        "active",
        "amending",
        "expiring",
        "expired",
        "renewed",
        "withdrawn",
        "terminated",
    ];
    let agreement = table("agreement")
        .col(id())
        .col(uuid("supplier_id"))
        .col(optional(text("external_id").unique_key().to_owned()))
        .col(optional(uuid("owner_id")))
        .col(one_of("status", &states))
        .col(optional(text("status_reason")))
        // The version whose terms are shown: the one in force, or the first one until then.
        .col(int("shown_version"))
        .col(optional(int("version_in_force")))
        .col(optional(int("open_version")))
        // The side that writes a next version of which the other one does not know yet.
        .col(optional(one_of("drafted_by", &["us", "supplier"])))
        // Of the shown version, repeated for lists and deadlines.
        .col(text("title"))
        // The title, folded and cut, as bytes: sorts alike on both databases.
        .col(optional(bytes("title_key")))
        .col(optional(text("service_line")))
        .col(optional(text("customer_segment")))
        .col(optional(date("ends_on")))
        // Whether the supplier has ever seen it: drafts are ours.
        .col(flag("is_shared"))
        .col(optional(date("terminates_on")))
        .col(optional(uuid("previous_id")))
        // `revision` and `updated_at` as the supplier sees them: it does not notice what is not for it yet.
        .col(int("supplier_revision"))
        .col(instant("supplier_updated_at"))
        .foreign_key(&mut references("agreement", "supplier_id", "supplier"))
        .foreign_key(&mut references("agreement", "owner_id", "account"))
        .foreign_key(&mut references("agreement", "previous_id", "agreement"))
        .to_owned();
    manager.create_table(tracked(&mut agreement.to_owned())).await?;
    index(manager, "agreement", &["supplier_id", "id"], false).await?;
    index(manager, "agreement", &["owner_id"], false).await?;
    index(manager, "agreement", &["title_key", "id"], false).await?;
    index(manager, "agreement", &["status", "ends_on"], false).await?;
    index(manager, "agreement", &["previous_id"], false).await?;

    let reviewer = table("agreement_reviewer")
        .col(uuid("agreement_id"))
        .col(uuid("account_id"))
        .primary_key(Index::create().col(Alias::new("agreement_id")).col(Alias::new("account_id")))
        .foreign_key(&mut references("agreement_reviewer", "agreement_id", "agreement"))
        .foreign_key(&mut references("agreement_reviewer", "account_id", "account"))
        .to_owned();
    manager.create_table(reviewer).await?;
    index(manager, "agreement_reviewer", &["account_id"], false).await
}

async fn version(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let version = table("agreement_version")
        .col(uuid("agreement_id"))
        .col(int("number"))
        .col(one_of("status", &["open", "agreed", "in_force", "superseded", "withdrawn"]))
        // Whose move it is while the version is open.
        .col(one_of("turn", &["us", "supplier"]))
        .col(optional(instant("shared_at")))
        // When each side accepted the terms and the choice of clauses as they stand.
        .col(optional(instant("accepted_by_us_at")))
        .col(optional(instant("accepted_by_supplier_at")))
        .col(optional(instant("agreed_at")))
        // The supplier agreed on paper, and staff recorded it.
        .col(flag("is_agreed_on_paper"))
        .col(optional(bytes("content_hash")))
        .col(optional(date("effective_from")))
        .col(optional(text("note")))
        .col(text("title"))
        .col(optional(text("service_line")))
        .col(optional(text("customer_segment")))
        .col(optional(uuid("calendar_id")))
        .col(date("starts_on"))
        .col(optional(date("ends_on")))
        .col(int("notice_days"))
        .col(one_of("renewal", &["none", "automatic"]))
        .col(optional(int("renewal_months")))
        .col(ColumnDef::new(Alias::new("customer_target")).double().not_null().to_owned())
        .col(optional(json("cadence")))
        .col(optional(json("service_code")))
        .primary_key(Index::create().col(Alias::new("agreement_id")).col(Alias::new("number")))
        .foreign_key(&mut references("agreement_version", "agreement_id", "agreement"))
        .foreign_key(&mut references("agreement_version", "calendar_id", "calendar"))
        .to_owned();
    manager.create_table(tracked(&mut version.to_owned())).await?;
    index(manager, "agreement_version", &["calendar_id"], false).await
}

async fn expectation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let dimensions = ["reliability", "assurance", "tangibles", "empathy", "responsiveness"];
    let expectation = table("expectation")
        .col(uuid("id"))
        .col(uuid("agreement_id"))
        .col(int("version"))
        .col(int("position"))
        .col(one_of("direction", &["supplier_to_us", "us_to_supplier", "supplier_to_customer"]))
        .col(one_of("dimension", &dimensions))
        .col(text("text"))
        .col(optional(one_of("metric", &["duration", "proportion", "rating", "count"])))
        .col(optional(one_of("comparison", &["at_most", "at_least"])))
        // Seconds for a duration.
        .col(optional(ColumnDef::new(Alias::new("target")).double().not_null().to_owned()))
        .col(optional(text("unit")))
        .col(optional(ColumnDef::new(Alias::new("reliability")).double().not_null().to_owned()))
        .col(flag("is_gate"))
        .col(json("depends_on"))
        .col(optional(date("review_by")))
        .col(optional(instant("accepted_by_us_at")))
        .col(optional(instant("accepted_by_supplier_at")))
        .col(optional(instant("confirmed_by_us_at")))
        .col(optional(instant("confirmed_by_supplier_at")))
        .primary_key(Index::create().col(Alias::new("id")).col(Alias::new("version")))
        .foreign_key(&mut references("expectation", "agreement_id", "agreement"))
        .to_owned();
    manager.create_table(tracked(&mut expectation.to_owned())).await?;
    index(manager, "expectation", &["agreement_id", "version", "position", "id"], true).await?;
    index(manager, "expectation", &["review_by"], false).await
}

async fn signature(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let signature = table("signature")
        .col(id())
        .col(uuid("agreement_id"))
        .col(int("version"))
        .col(one_of("side", &["us", "supplier"]))
        .col(text("name"))
        .col(optional(text("title")))
        .col(optional(uuid("account_id")))
        .col(flag("is_on_paper"))
        .col(date("signed_on"))
        .col(uuid("recorded_by"))
        .col(bytes("content_hash"))
        .col(instant("created_at"))
        .foreign_key(&mut references("signature", "agreement_id", "agreement"))
        .to_owned();
    manager.create_table(signature).await?;
    index(manager, "signature", &["agreement_id", "version", "side"], true).await
}
