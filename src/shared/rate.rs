//! Rate limits: GCRA per principal and per peer, in this process. The standing of a request goes
//! out as `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).

use crate::shared::context::Context;
use crate::shared::error::{Code, Error, Result};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZero;

/// A named limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Per signed-in caller.
    Default,
    /// Per address, before credentials are looked at.
    Peer,
    /// Sign-ins per address.
    Login,
}

impl Policy {
    pub fn name(self) -> &'static str {
        match self {
            Policy::Default => "default",
            Policy::Peer => "peer",
            Policy::Login => "login",
        }
    }

    /// Requests per minute.
    pub fn quota(self) -> u32 {
        match self {
            Policy::Default => 600,
            Policy::Peer => 1200,
            Policy::Login => 10,
        }
    }
}

/// How much of a limit is left after this request.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub policy: Policy,
    pub remaining: u32,
    /// Seconds until the whole quota is there again.
    pub reset: u64,
}

type Limiter = RateLimiter<u128, DashMapStateStore<u128>, DefaultClock, StateInformationMiddleware>;

pub struct Limits {
    default: Limiter,
    peer: Limiter,
    login: Limiter,
}

impl Limits {
    pub fn new() -> Self {
        let limiter = |policy: Policy| {
            let quota = Quota::per_minute(NonZero::new(policy.quota()).expect("quotas are positive"));
            RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>()
        };
        Self { default: limiter(Policy::Default), peer: limiter(Policy::Peer), login: limiter(Policy::Login) }
    }

    pub fn take(&self, context: &Context, policy: Policy, key: u128) -> Result<()> {
        let limiter = match policy {
            Policy::Default => &self.default,
            Policy::Peer => &self.peer,
            Policy::Login => &self.login,
        };
        let quota = policy.quota();
        match limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let reset = u64::from(quota - remaining.min(quota)) * 60 / u64::from(quota);
                let standing = Standing { policy, remaining, reset };
                let place = if policy == Policy::Peer { &context.peer_rate } else { &context.rate };
                let _ = place.set(standing);
                Ok(())
            }
            Err(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
                let _ = context.rate.set(Standing { policy, remaining: 0, reset: wait });
                let detail = format!("{quota} requests per 60 s are used up.");
                Err(Error::new(Code::RateLimited, detail).with("policy", policy.name()).retry_after(wait))
            }
        }
    }

    pub fn tidy(&self) {
        for limiter in [&self.default, &self.peer, &self.login] {
            limiter.retain_recent();
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
