//! The database schema of Accord, one step one file. Read `README.md` beside this crate's
//! manifest before you add a step: the same steps run on SQLite and PostgreSQL.

mod column;
mod m20261121_000001_foundation;
mod m20261121_000002_suppliers;
mod m20261122_000003_access;
mod m20261122_000004_calendars;
mod m20261122_000005_agreements;
mod m20261122_000006_promises;
mod m20261122_000007_imports;
mod m20261122_000008_feedback;
mod m20261122_000009_files;
mod m20261122_000010_questionnaires;
mod m20261122_000011_assessments;
mod m20261122_000012_feedback_months;
mod m20261122_000013_actions;
mod m20261122_000014_reviews;
mod m20261122_000015_reviews_told;
mod m20261123_000016_tallies_by_key;
mod m20261123_000017_no_statistics;

pub use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager};

/// Every step in order.
pub struct Migrator;

#[sea_orm_migration::async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_foundation::Step),
            Box::new(m20261121_000002_suppliers::Step),
            Box::new(m20261122_000003_access::Step),
            Box::new(m20261122_000004_calendars::Step),
            Box::new(m20261122_000005_agreements::Step),
            Box::new(m20261122_000006_promises::Step),
            Box::new(m20261122_000007_imports::Step),
            Box::new(m20261122_000008_feedback::Step),
            Box::new(m20261122_000009_files::Step),
            Box::new(m20261122_000010_questionnaires::Step),
            Box::new(m20261122_000011_assessments::Step),
            Box::new(m20261122_000012_feedback_months::Step),
            Box::new(m20261122_000013_actions::Step),
            Box::new(m20261122_000014_reviews::Step),
            Box::new(m20261122_000015_reviews_told::Step),
            Box::new(m20261123_000016_tallies_by_key::Step),
            Box::new(m20261123_000017_no_statistics::Step),
        ]
    }
}
