//! Numbers over HTTP.

use super::rules;
use super::store::{self, Subjects};
use super::types::{Basis, Counts, KeptRate, KeptRateQuery, RateSide};
use crate::organization::home;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::days;
use crate::shared::error::Result;
use crate::shared::params::Params;
use crate::shared::permission::commitments::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use crate::shared::zone;
use poem_openapi::OpenApi;

pub struct NumbersApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Numbers")]
impl NumbersApi {
    /// Get how often promises were kept
    ///
    /// Of a promise, an agreement, a supplier, a person or a service line, or of what several of them have
    /// in common; one of them at least (422). Numbers of one promise or person are about all their commitments,
    /// others about those made within a published version, unless `basis` says otherwise. Below 10
    /// commitments the value is null. What the caller does not see counts nothing.
    #[oai(path = "/kept-rate", method = "get", operation_id = "getKeptRate")]
    async fn get_kept_rate(&self, by: May<Read>, query: Params<KeptRateQuery>) -> Result<Listed<KeptRate>> {
        let (db, as_of) = (self.app.db.read(), by.clock.now());
        rules::refuse_everything(&query)?;
        let window = days::window(&query.days, zone::day_of(&*home(&self.app.db).await?, as_of))?;
        let side = query.side.or((query.promise_id.is_none()).then_some(RateSide::Supplier));
        let is_one = query.promise_id.is_some() || query.person_id.is_some();
        let basis = query.basis.unwrap_or(if is_one { Basis::All } else { Basis::Promised });
        let promises = store::wanted(&by, &query, side);
        let (counts, series) = match (self.subjects(&by, &query, side).await?, query.by) {
            (Some(of), None) => (store::total(db, of, basis, window).await?, Vec::new()),
            (None, None) => Default::default(),
            (of, Some(step)) => {
                let days = match of {
                    Some(of) => store::daily(db, of, basis, window).await?,
                    None => Vec::new(),
                };
                let mut counts = Counts::default();
                days.iter().for_each(|(_, more)| counts += *more);
                (counts, rules::series(&days, window, step, as_of))
            }
        };
        let (rate, strict) = rules::rates(counts, window, as_of);
        let excuse_heavy = rules::is_excuse_heavy(counts);
        let open = store::open(db, promises, &query).await?;
        Listed::new(&KeptRate { rate, strict, excused: counts.excused, excuse_heavy, open, basis, side, series })
    }
}

impl NumbersApi {
    /// Whose tallies are read; one promise is looked up by its whole key.
    async fn subjects(
        &self,
        by: &May<Read>,
        query: &KeptRateQuery,
        side: Option<RateSide>,
    ) -> Result<Option<Subjects>> {
        let promises = store::wanted(by, query, side);
        Ok(match (query.promise_id, query.person_id) {
            (_, Some(person)) => Some(Subjects::PersonIn(person, promises)),
            (Some(id), None) if store::is_one_of(self.app.db.read(), id, promises.clone()).await? => {
                Some(Subjects::Promise(id))
            }
            (Some(_), None) => None,
            (None, None) => Some(Subjects::Promises(promises)),
        })
    }
}
