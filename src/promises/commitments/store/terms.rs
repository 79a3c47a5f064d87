//! What a commitment is judged by: the promise, its versions, and their calendars.

use crate::agreements::seen_by;
use crate::calendars::working_times;
use crate::organization::time_zone;
use crate::promises::commitments::rules::Clockwork;
use crate::promises::entity::{self, version};
use crate::shared::auth::By;
use crate::shared::error::Result;
use crate::shared::id::{CalendarId, PromiseId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;

/// A promise with all its versions.
#[derive(Clone, Debug)]
pub struct Terms {
    pub promise: entity::Model,
    pub versions: Vec<version::Model>,
}

/// The promises with these ids, or these keys in another system, that the caller sees.
pub async fn find_terms(
    db: &impl ConnectionTrait,
    by: &By,
    ids: Vec<PromiseId>,
    external_ids: Vec<String>,
) -> Result<Vec<Terms>> {
    use entity::Column;
    let named = Condition::any().add(Column::Id.is_in(ids)).add(Column::ExternalId.is_in(external_ids));
    let promises = entity::Entity::find().filter(seen_by(by, Column::AgreementId)).filter(named).all(db).await?;
    let ids: Vec<_> = promises.iter().map(|promise| promise.id).collect();
    let mut versions: HashMap<PromiseId, Vec<version::Model>> = HashMap::new();
    for version in version::Entity::find().filter(version::Column::PromiseId.is_in(ids)).all(db).await? {
        versions.entry(version.promise_id).or_default().push(version);
    }
    let with = |promise: entity::Model| {
        let versions = versions.remove(&promise.id).unwrap_or_default();
        Terms { promise, versions }
    };
    Ok(promises.into_iter().map(with).collect())
}

/// By calendar; `None` is for versions without one.
pub type Clockworks = HashMap<Option<CalendarId>, Clockwork>;

/// The clockwork of every calendar that the versions name.
pub async fn clockworks(db: &impl ConnectionTrait, terms: &[Terms]) -> Result<Clockworks> {
    let home = time_zone(db).await?;
    let named = terms.iter().flat_map(|terms| &terms.versions).map(|version| version.calendar_id);
    let times = working_times(db, &home, named.chain([None]).collect()).await?;
    let of = |(calendar, working)| (calendar, Clockwork { working, home: home.clone() });
    Ok(times.into_iter().map(of).collect())
}
