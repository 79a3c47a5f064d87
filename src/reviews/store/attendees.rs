//! Who takes part in reviews.

use crate::agreements::{Reviewed, Side};
use crate::reviews::entity::attendee::{Column, Entity, Model};
use crate::reviews::rules;
use crate::reviews::types::{Attendee, AttendeeRef};
use crate::shared::auth::{By, Scope, account};
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AccountId, PersonId, ReviewId, SupplierId};
use crate::suppliers::{Attending, attending, main_contacts};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// Those of some reviews, in the order of the names. Which account of the staff somebody has is staff's own matter.
pub async fn of(
    db: &impl ConnectionTrait,
    scope: Scope,
    ids: Vec<ReviewId>,
) -> Result<HashMap<ReviewId, Vec<Attendee>>> {
    let rows = Entity::find()
        .filter(Column::ReviewId.is_in(ids))
        .order_by_asc(Column::ReviewId)
        .order_by_asc(Column::Name)
        .order_by_asc(Column::Id);
    let mut of: HashMap<ReviewId, Vec<Attendee>> = HashMap::new();
    for row in rows.all(db).await? {
        let is_told = scope == Scope::Everything || row.side == Side::Supplier;
        of.entry(row.review_id).or_default().push(Attendee {
            side: row.side,
            account_id: row.account_id.filter(|_| is_told),
            person_id: row.person_id,
            name: row.name,
            is_main_contact: row.is_main_contact,
            is_present: row.is_present,
        });
    }
    Ok(of)
}

/// Who is meant; whom there is not is 422 with its place.
pub async fn meant(
    db: &impl ConnectionTrait,
    supplier: SupplierId,
    refs: &[AttendeeRef],
    at: &str,
) -> Result<Vec<Attendee>> {
    rules::check_refs(refs, at)?;
    let people = attending(db, supplier, refs.iter().filter_map(|one| one.person_id).collect()).await?;
    let accounts = accounts(db, refs.iter().filter_map(|one| one.account_id).collect()).await?;
    let find = |(place, one): (usize, &AttendeeRef)| {
        let person = people.iter().find(|person| Some(person.id) == one.person_id).map(of_person);
        let account = accounts.iter().find(|account| Some(account.id) == one.account_id);
        let account = account.filter(|account| account.supplier_id.is_none_or(|own| own == supplier)).map(of_account);
        let unknown = || {
            let detail = "Nobody of the staff or of this supplier.";
            Error::rule(Code::InvalidReference, &format!("{at}/{place}"), detail)
        };
        person.or(account).ok_or_else(unknown)
    };
    refs.iter().enumerate().map(find).collect()
}

/// People of our side.
pub async fn ours(db: &impl ConnectionTrait, ids: Vec<AccountId>) -> Result<Vec<Attendee>> {
    Ok(accounts(db, ids).await?.iter().map(of_account).collect())
}

/// Those of our side, and the main employee contacts of the supplier.
pub async fn both_sides(db: &impl ConnectionTrait, of: &Reviewed) -> Result<Vec<Attendee>> {
    let mut all = ours(db, of.people.clone()).await?;
    let contacts = main_contacts(db, of.supplier_id).await?.into_iter().map(|(id, _)| id).collect();
    all.extend(attending(db, of.supplier_id, contacts).await?.iter().map(of_person));
    Ok(all)
}

async fn accounts(db: &impl ConnectionTrait, ids: Vec<AccountId>) -> Result<Vec<account::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let known = account::Entity::find().filter(account::Column::Id.is_in(ids));
    Ok(known.filter(account::Column::DisabledAt.is_null()).all(db).await?)
}

fn of_person(person: &Attending) -> Attendee {
    let (person_id, name) = (Some(person.id), person.name.clone());
    let is_main_contact = person.is_main_contact;
    Attendee { side: Side::Supplier, account_id: None, person_id, name, is_main_contact, is_present: None }
}

fn of_account(account: &account::Model) -> Attendee {
    let side = if account.supplier_id.is_some() { Side::Supplier } else { Side::Us };
    let (account_id, name) = (Some(account.id), account.name.clone());
    Attendee { side, account_id, person_id: None, name, is_main_contact: false, is_present: None }
}

/// Those there are now, in the place of those before.
pub async fn replace(txn: &Txn, clock: &Clock, review: ReviewId, all: &[Attendee]) -> Result<()> {
    Entity::delete_many().filter(Column::ReviewId.eq(review)).exec(txn).await?;
    insert(txn, clock, all.iter().map(|one| (review, one.clone())).collect()).await
}

pub async fn insert(txn: &Txn, clock: &Clock, all: Vec<(ReviewId, Attendee)>) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let row = |(review_id, one): (ReviewId, Attendee)| {
        let Attendee { side, account_id, person_id, name, is_main_contact, is_present } = one;
        let id = clock.uuid();
        Model { id, review_id, side, account_id, person_id, name, is_main_contact, is_present }.into_active_model()
    };
    Entity::insert_many(all.into_iter().map(row)).exec_without_returning(txn).await?;
    Ok(())
}

/// Who was there: those named, and the others who were invited as absent.
pub async fn note_presence(
    txn: &Txn,
    by: &By,
    (review, supplier): (ReviewId, SupplierId),
    present: &[AttendeeRef],
) -> Result<()> {
    let here = meant(txn, supplier, present, "/present").await?;
    rules::check_present(&here)?;
    let same = |one: &Attendee| -> (Option<AccountId>, Option<PersonId>) { (one.account_id, one.person_id) };
    let invited = of(txn, Scope::Everything, vec![review]).await?.remove(&review).unwrap_or_default();
    let absent = invited.into_iter().filter(|one| !here.iter().any(|other| same(other) == same(one)));
    let absent = absent.map(|one| Attendee { is_present: Some(false), ..one });
    let here = here.iter().map(|one| Attendee { is_present: Some(true), ..one.clone() });
    let all: Vec<_> = here.chain(absent).collect();
    replace(txn, &by.clock, review, &all).await
}
