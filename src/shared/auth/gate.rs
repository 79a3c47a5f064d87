//! What stands at the door of every request: keys, verified tokens, rate limits, the contract.

use super::{Caller, Keys, account, token};
use crate::shared::clock::Clock;
use crate::shared::context::Context;
use crate::shared::contract::Contract;
use crate::shared::db::Db;
use crate::shared::error::Result;
use crate::shared::id::AccountId;
use crate::shared::rate::{Limits, Policy, Quotas, Standing};
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use quick_cache::sync::Cache;
use std::sync::{Arc, OnceLock};

/// Verifying a signature costs as much as the rest of a request; the row behind it costs a query.
/// Both are remembered this long, so a disabled account is out within ten seconds.
const REMEMBERED: TimeDelta = TimeDelta::seconds(10);
const TOKENS: usize = 10_000;

pub struct Gate {
    clock: Clock,
    db: Db,
    keys: Keys,
    limits: Option<Limits>,
    tokens: Cache<Box<str>, Known>,
    contract: OnceLock<Contract>,
}

#[derive(Clone)]
struct Known {
    caller: Arc<Caller>,
    expires: Timestamp,
    check_again: Timestamp,
}

impl Gate {
    pub fn new(db: Db, clock: Clock, keys: Keys, quotas: Option<&Quotas>) -> Self {
        let limits = quotas.map(Limits::new);
        Self { clock, db, keys, limits, tokens: Cache::new(TOKENS), contract: OnceLock::new() }
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Set once, when the document is complete.
    pub fn publish(&self, contract: Contract) {
        let _ = self.contract.set(contract);
    }

    pub fn contract(&self) -> &Contract {
        self.contract.get().expect("the document is published before requests are served")
    }

    /// Who holds this access token.
    pub async fn caller(&self, token: &str) -> Result<Arc<Caller>> {
        let now = self.clock.now();
        if let Some(known) = self.tokens.get(token)
            && now < known.expires
            && now < known.check_again
        {
            return Ok(known.caller);
        }
        let claims = token::verify(&self.keys, token, now)?;
        let caller = Arc::new(account::caller(self.db.fresh(), &claims, now).await?);
        let known = Known { caller: caller.clone(), expires: claims.expires(), check_again: now.plus(REMEMBERED) };
        self.tokens.insert(token.into(), known);
        Ok(caller)
    }

    pub fn limit_caller(&self, context: &Context, account: AccountId) -> Result<()> {
        match &self.limits {
            Some(limits) => limits.take(context, context.policy, account.0.as_u128()),
            None => Ok(()),
        }
    }

    pub fn limit_peer(&self, context: &Context, policy: Policy) -> Result<()> {
        let peer = match context.peer.to_canonical() {
            std::net::IpAddr::V4(address) => u128::from(address.to_bits()),
            // A single customer of a provider usually holds a /64.
            std::net::IpAddr::V6(address) => address.to_bits() >> 64 << 64,
        };
        match &self.limits {
            Some(limits) => limits.take(context, policy, peer),
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
