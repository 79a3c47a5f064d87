//! What stands at the door of every request: keys, verified tokens, rate limits, the contract.

use super::{By, Caller, Identity, Keys, account, api_key, epoch, secret, token};
use crate::shared::clock::Clock;
use crate::shared::context::Context;
use crate::shared::contract::{Contract, Promised};
use crate::shared::db::Db;
use crate::shared::error::Result;
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::AccountId;
use crate::shared::owner::Owner;
use crate::shared::rate::{Limits, Policy, Quotas, Standing};
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use quick_cache::sync::Cache;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, RwLock};
use token::Claims;

/// Who stands behind a token is read again after this time, whatever the epoch says.
const REMEMBERED: TimeDelta = TimeDelta::seconds(10);
const TOKENS: usize = 10_000;

pub struct Gate {
    clock: Clock,
    db: Db,
    secret: String,
    keys: RwLock<Arc<Keys>>,
    limits: Option<Limits>,
    /// Tokens whose signature is good. It stays so; only their time runs out.
    signed: Cache<Box<str>, Arc<Claims>>,
    /// Who stands behind a token or key, as the tables knew it in this generation.
    known: Cache<Box<str>, Known>,
    generation: AtomicU64,
    epoch: AtomicI64,
    /// Who was refused what, lately: one entry of the audit trail tells of many refusals.
    denied: Cache<(uuid::Uuid, &'static str), Timestamp>,
    contract: OnceLock<Promised>,
    owners: OnceLock<&'static [Owner]>,
}

#[derive(Clone)]
struct Known {
    caller: Arc<Caller>,
    networks: Arc<api_key::Networks>,
    generation: u64,
    until: Timestamp,
    /// For keys: when its use was last noted.
    noted: Option<Timestamp>,
}

impl Gate {
    pub fn new(db: Db, clock: Clock, keys: Keys, secret: String, quotas: Option<&Quotas>) -> Self {
        Self {
            clock,
            db,
            secret,
            keys: RwLock::new(Arc::new(keys)),
            limits: quotas.map(Limits::new),
            signed: Cache::new(TOKENS),
            known: Cache::new(TOKENS),
            generation: AtomicU64::new(0),
            epoch: AtomicI64::new(-1),
            denied: Cache::new(TOKENS),
            contract: OnceLock::new(),
            owners: OnceLock::new(),
        }
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn db(&self) -> &Db {
        &self.db
    }

    pub fn keys(&self) -> Arc<Keys> {
        self.keys.read().expect("nobody panics while holding the keys").clone()
    }

    /// Set once. It is made in a thread of its own, and who needs it sooner waits.
    pub fn publish(self: &Arc<Self>, make: impl FnOnce() -> Contract + Send + 'static) {
        if self.contract.set(Promised::new(Box::new(make))).is_ok() {
            let gate = self.clone();
            std::thread::spawn(move || {
                gate.contract();
            });
        }
    }

    /// What files can be attached to.
    pub fn register(&self, owners: &'static [Owner]) {
        let _ = self.owners.set(owners);
    }

    pub fn owners(&self) -> &'static [Owner] {
        self.owners.get().copied().unwrap_or_default()
    }

    pub fn contract(&self) -> &Contract {
        self.contract.get().expect("it is published before requests are served")
    }

    /// Rights have changed: who stands behind every token is read again.
    pub fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Notices what other instances changed.
    pub async fn catch_up(&self) -> Result<()> {
        let now = epoch::read(&self.db).await?;
        if self.epoch.load(Ordering::SeqCst) != now {
            self.forget();
            let keys = Arc::new(Keys::read(&self.db, &self.secret).await?);
            *self.keys.write().expect("nobody panics while holding the keys") = keys;
            self.epoch.store(now, Ordering::SeqCst);
        }
        self.db.look_around().await;
        Ok(())
    }

    /// Who holds this access token or API key.
    pub async fn caller(&self, token: &str, context: &Context) -> Result<Arc<Caller>> {
        let (now, generation) = (self.clock.now(), self.generation.load(Ordering::SeqCst));
        let known = self.known.get(token).filter(|known| known.generation == generation && now < known.until);
        let known = match known {
            Some(known) => known,
            None => self.look_up(token, now, generation).await?,
        };
        if let Err(refusal) = known.networks.check(context.peer) {
            self.note_denial(&known.caller, &context.request_id, refusal.code.name()).await;
            return Err(refusal);
        }
        if let Identity::Key { id, .. } = known.caller.identity
            && known.noted.is_none_or(|at| at.plus(api_key::NOTED) <= now)
        {
            self.known.insert(token.into(), Known { noted: Some(now), ..known.clone() });
            if let Err(error) = api_key::note_use(&self.db, context, &known.caller, id).await {
                tracing::warn!(%error, cause = ?error.cause, "the use of an API key could not be noted");
            }
        }
        Ok(known.caller)
    }

    /// On behalf of whoever ordered a job, with the rights they have now.
    pub async fn acting(self: &Arc<Self>, kind: &str, id: uuid::Uuid, request_id: &str) -> Result<By> {
        let (db, now) = (self.db.fresh(), self.clock.now());
        let caller = match kind {
            "account" => account::acting(db, AccountId(id)).await?,
            "api_key" => api_key::acting(db, api_key::ApiKeyId(id), now).await?,
            _ => Caller::command_line(),
        };
        By::acting(self, caller, request_id)
    }

    async fn look_up(&self, token: &str, now: Timestamp, generation: u64) -> Result<Known> {
        let (caller, networks, until, noted) = if token.starts_with(secret::API_KEY) {
            let found = api_key::presented(self.db.fresh(), token, now).await?;
            (found.caller, found.networks, found.until, found.noted)
        } else {
            let claims = self.claims(token, now)?;
            let caller = account::caller(self.db.fresh(), &claims, now).await?;
            (caller, api_key::Networks::default(), Some(claims.expires()), None)
        };
        let again = now.plus(REMEMBERED);
        let until = until.map_or(again, |until| until.min(again));
        let known = Known { caller: Arc::new(caller), networks: Arc::new(networks), generation, until, noted };
        self.known.insert(token.into(), known.clone());
        Ok(known)
    }

    /// Verifying a signature costs as much as the rest of a request, so it is done once.
    fn claims(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>> {
        if let Some(claims) = self.signed.get(token) {
            token::check_times(&claims, now)?;
            return Ok(claims);
        }
        let claims = Arc::new(token::verify(&self.keys(), token, now)?);
        self.signed.insert(token.into(), claims.clone());
        Ok(claims)
    }

    /// Enters a refusal in the audit trail: the first of its kind in a minute. The refusal itself does not
    /// depend on that.
    pub async fn note_denial(&self, caller: &Caller, request_id: &Arc<str>, what: &'static str) {
        let (now, key) = (self.clock.now(), (caller.id(), what));
        if self.denied.get(&key).is_some_and(|at| now < at.plus(TimeDelta::minutes(1))) {
            return;
        }
        self.denied.insert(key, now);
        let input = (self.clock.clone(), caller.clone(), request_id.clone(), what);
        let noted = self.db.write(input, |txn, (clock, caller, request_id, what)| {
            let entry = Entry::of_nothing("access.deny").about_any(caller.supplier_id).because(Some(what));
            Box::pin(history::record_as(txn, clock, Author::caller(caller, request_id), entry))
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, cause = ?error.cause, "a refusal could not be noted");
        }
    }

    /// Whether sign-ins are slowed down and callers limited.
    pub fn is_limited(&self) -> bool {
        self.limits.is_some()
    }

    pub fn limit_caller(&self, context: &Context, caller: uuid::Uuid) -> Result<()> {
        match &self.limits {
            Some(limits) => limits.take(context, context.policy, caller.as_u128()),
            None => Ok(()),
        }
    }

    pub fn limit_peer(&self, context: &Context, policy: Policy) -> Result<()> {
        match &self.limits {
            Some(limits) => limits.take(context, policy, context.network()),
            None => Ok(()),
        }
    }

    /// For an answer that costs nothing: undoes what was counted, and tells the standing without it.
    pub fn give_back(&self, context: &Context) -> Option<Standing> {
        self.limits.as_ref()?.give_back(context)
    }

    /// Forgets limits that nobody used for a while.
    pub fn tidy(&self) {
        if let Some(limits) = &self.limits {
            limits.tidy();
        }
    }
}
