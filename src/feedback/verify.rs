//! Whether the tallies are what a recount gives: supplier by supplier, each in one snapshot, so that the database may
//! be written to meanwhile.

use super::entity::{Column, Entity, tally};
use super::rules::Added;
use super::tallies::{Deltas, Key};
use crate::agreements::Entity as Agreements;
use crate::shared::db::Db;
use crate::shared::error::Result;
use crate::shared::id::SupplierId;
use crate::shared::tally::compare;
use crate::suppliers::{Entity as Suppliers, People};
use crate::surveys::{SurveyTerms, asked_then};
use futures_util::TryStreamExt;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

type Terms = HashMap<(crate::shared::id::SurveyId, i64), Arc<SurveyTerms>>;

/// A sentence for every tally that differs.
pub async fn differences(db: &Db) -> Result<Vec<String>> {
    type Supplier = <Suppliers as EntityTrait>::Column;
    let (mut found, mut last, mut terms) = (Vec::new(), None::<SupplierId>, Terms::new());
    loop {
        let after = Condition::all().add_option(last.map(|last| Supplier::Id.gt(last)));
        let ids = Suppliers::find().select_only().column(Supplier::Id).filter(after).order_by_asc(Supplier::Id);
        let Some(id) = ids.into_tuple::<SupplierId>().one(db.fresh()).await? else {
            return Ok(found);
        };
        let snapshot = db.snapshot().await?;
        let counted = recount(&snapshot, id, &mut terms).await?;
        let kept = stored(&snapshot, id).await?;
        snapshot.commit().await?;
        found.extend(compare("feedback_tally", &counted, &kept));
        last = Some(id);
    }
}

/// What the answers give, as if there were one slot.
async fn recount(snapshot: &DatabaseTransaction, id: SupplierId, terms: &mut Terms) -> Result<BTreeMap<Key, Added>> {
    let of_it = Entity::find().filter(Column::SupplierId.eq(id)).filter(Column::SupersededById.is_null());
    let versions = of_it.clone().select_only().columns([Column::SurveyId, Column::SurveyVersion]).distinct();
    let mut unknown = versions.into_tuple::<(crate::shared::id::SurveyId, i64)>().all(snapshot).await?;
    unknown.retain(|version| !terms.contains_key(version));
    terms.extend(asked_then(snapshot, unknown).await?);
    let mut counted = Deltas::default();
    let mut facts = of_it.stream(snapshot).await?;
    while let Some(mut fact) = facts.try_next().await? {
        fact.slot = 0;
        if let Some(terms) = terms.get(&(fact.survey_id, fact.survey_version)) {
            counted.count(terms, &fact, 1);
        }
    }
    Ok(counted.0)
}

/// What the tallies say, slots added up.
async fn stored(snapshot: &DatabaseTransaction, id: SupplierId) -> Result<BTreeMap<Key, Added>> {
    type Agreement = <Agreements as EntityTrait>::Column;
    let agreements =
        Query::select().column(Agreement::Id).from(Agreements).and_where(Agreement::SupplierId.eq(id)).to_owned();
    type Person = <People as EntityTrait>::Column;
    let people = Query::select().column(Person::Id).from(People).and_where(Person::SupplierId.eq(id)).to_owned();
    let subjects = Condition::any()
        .add(tally::Column::SubjectId.eq(id.0))
        .add(tally::Column::SubjectId.in_subquery(agreements))
        .add(tally::Column::SubjectId.in_subquery(people));
    let mut kept = BTreeMap::<_, Added>::new();
    let mut rows = tally::Entity::find().filter(subjects).stream(snapshot).await?;
    while let Some(row) = rows.try_next().await? {
        let (key, added) = row.counted();
        *kept.entry(Key { slot: 0, ..key }).or_default() += added;
    }
    kept.retain(|_, added| *added != Added::default());
    Ok(kept)
}
