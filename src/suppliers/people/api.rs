//! People over HTTP.

use super::store;
use super::types::{NewPerson, Person, PersonChange, PersonId, PersonQuery};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::{Body, Patch};
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::SupplierId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::people::{Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use crate::suppliers::{get_supplier, lock_for_change};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct PeopleApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::People")]
impl PeopleApi {
    /// List people of a supplier
    #[oai(path = "/suppliers/:supplier_id/people", method = "get", operation_id = "listPeople")]
    async fn list_people(
        &self,
        by: May<Read>,
        supplier_id: Path<SupplierId>,
        query: Params<PersonQuery>,
    ) -> Result<Listed<Page<Person>>> {
        get_supplier(self.app.db.fresh(), by.scope, supplier_id.0).await?;
        Listed::new(&store::list_people(self.app.db.read(), &by, supplier_id.0, &query).await?)
    }

    /// Add a person to a supplier
    #[oai(path = "/suppliers/:supplier_id/people", method = "post", operation_id = "createPerson")]
    async fn create_person(
        &self,
        by: May<Write>,
        supplier_id: Path<SupplierId>,
        once: Once,
        new: Body<NewPerson>,
    ) -> Result<Created<Person>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), supplier_id.0, new.value);
        self.app
            .db
            .once(keyed, create, |txn, (by, supplier, new)| {
                Box::pin(async move {
                    lock_for_change(txn, by, *supplier).await?;
                    let id = store::insert_person(txn, by, *supplier, new).await?;
                    let person = store::get_person(txn, by.scope, *supplier, id).await?;
                    let entry = Entry::new("person.create", id.0).about(*supplier).between(None, Some(&person));
                    history::record(txn, by, entry).await?;
                    Created::new(format!("/v1/suppliers/{supplier}/people/{id}"), person.revision, &person)
                })
            })
            .await
    }

    /// Get a person of a supplier
    #[oai(path = "/suppliers/:supplier_id/people/:person_id", method = "get", operation_id = "getPerson")]
    async fn get_person(
        &self,
        by: May<Read>,
        supplier_id: Path<SupplierId>,
        person_id: Path<PersonId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Person>> {
        let person = store::get_person(self.app.db.fresh(), by.scope, supplier_id.0, person_id.0).await?;
        Found::new(&if_none_match, person.revision, &person)
    }

    /// Change a person of a supplier
    #[oai(path = "/suppliers/:supplier_id/people/:person_id", method = "patch", operation_id = "updatePerson")]
    async fn update_person(
        &self,
        by: May<Write>,
        supplier_id: Path<SupplierId>,
        person_id: Path<PersonId>,
        if_match: IfMatch,
        change: Patch<PersonChange>,
    ) -> Result<Changed<Person>> {
        let update = (by.by(), supplier_id.0, person_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, supplier, id, if_match, change)| {
                Box::pin(async move {
                    lock_for_change(txn, by, *supplier).await?;
                    let before = store::lock_person(txn, by.scope, *supplier, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::update_person(txn, by, &before, change).await?;
                    if after.revision != before.revision {
                        let entry = Entry::new("person.update", id.0).about(*supplier);
                        history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    }
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Remove a person from a supplier
    #[oai(path = "/suppliers/:supplier_id/people/:person_id", method = "delete", operation_id = "deletePerson")]
    async fn delete_person(
        &self,
        by: May<Write>,
        supplier_id: Path<SupplierId>,
        person_id: Path<PersonId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), supplier_id.0, person_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, supplier, id, if_match)| {
                Box::pin(async move {
                    lock_for_change(txn, by, *supplier).await?;
                    let before = store::lock_person(txn, by.scope, *supplier, *id).await?;
                    if_match.check(before.revision)?;
                    store::delete_person(txn, *id).await?;
                    let entry = Entry::new("person.delete", id.0).about(*supplier);
                    history::record(txn, by, entry.between(Some(&before), None)).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }
}
