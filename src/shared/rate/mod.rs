//! Rate limits: GCRA per principal and per peer, in this process. The standing of a request goes
//! out as `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
//!
//! The algorithm is our own, because an answer 304 must cost nothing, so that asking with
//! `If-None-Match` pays, and the library governor cannot give a cell back.
//!
//! A search is counted under `search` only, so that searching never stops a caller's other work.

mod gcra;

use crate::shared::context::Context;
use crate::shared::error::{Code, Error, Result};
use crate::shared::params;
use gcra::Gcra;
pub use gcra::Quota;
use poem::Request;
use poem::http::Method;
use std::time::{Duration, Instant};

/// A named limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Per signed-in caller.
    Default,
    /// Per signed-in caller, for lists with a full-text `q`: they cost many times what others do.
    Search,
    /// Per address, before credentials are looked at.
    Peer,
    /// Sign-ins per address.
    Login,
    /// Answers of customers per address.
    Public,
}

impl Policy {
    const ALL: [Policy; 5] = [Policy::Default, Policy::Search, Policy::Peer, Policy::Login, Policy::Public];

    /// The one that a signed-in caller's request is counted under.
    pub fn of(request: &Request) -> Self {
        // Read as the operation will read it: `%71` is a `q` too.
        let is_q = |(name, _): &(String, String)| name == "q";
        let is_search = matches!(*request.method(), Method::GET | Method::HEAD)
            && request.original_uri().query().is_some()
            && params::pairs(request).is_ok_and(|pairs| pairs.iter().any(is_q));
        if is_search { Policy::Search } else { Policy::Default }
    }

    pub fn name(self) -> &'static str {
        match self {
            Policy::Default => "default",
            Policy::Search => "search",
            Policy::Peer => "peer",
            Policy::Login => "login",
            Policy::Public => "public",
        }
    }

    /// Requests per minute, unless configured otherwise.
    fn usual(self) -> u32 {
        match self {
            Policy::Default => 600,
            Policy::Search => 60,
            Policy::Peer => 1200,
            Policy::Login => 10,
            Policy::Public => 60,
        }
    }
}

/// Requests per minute under each policy. Where there are none, nothing is limited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas([u32; Policy::ALL.len()]);

impl Default for Quotas {
    fn default() -> Self {
        Self(Policy::ALL.map(Policy::usual))
    }
}

impl Quotas {
    const MOST: u32 = 1_000_000;

    /// Reads `default=1200,search=120`; policies that are not named keep their usual quota.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut quotas, mut named) = (Self::default(), Vec::new());
        for part in text.split(',') {
            let (name, requests) = part.split_once('=')?;
            let policy = Policy::ALL.into_iter().find(|policy| policy.name() == name.trim())?;
            let requests = requests.trim().parse().ok().filter(|requests| (1..=Self::MOST).contains(requests))?;
            if named.contains(&policy) {
                return None;
            }
            named.push(policy);
            quotas.0[policy as usize] = requests;
        }
        Some(quotas)
    }
}

/// How much of a limit is left after this request.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub policy: Policy,
    pub quota: Quota,
    pub remaining: u32,
    /// Seconds until the whole quota is there again; for a refused request, until it may come back.
    pub reset: u64,
    /// Whom it was counted for.
    key: u128,
}

pub struct Limits([Gcra; Policy::ALL.len()]);

impl Limits {
    pub fn new(quotas: &Quotas) -> Self {
        Self(quotas.0.map(|requests| Gcra::new(Quota { requests, window: Duration::from_secs(60) })))
    }

    pub fn take(&self, context: &Context, policy: Policy, key: u128) -> Result<()> {
        let gcra = &self.0[policy as usize];
        let quota = gcra.quota;
        match gcra.take(key, Instant::now()) {
            Ok(left) => {
                let standing = Standing { policy, quota, remaining: left.cells, reset: seconds(left.full_in), key };
                let place = if policy == Policy::Peer { &context.peer_rate } else { &context.rate };
                let _ = place.set(standing);
                Ok(())
            }
            Err(wait) => {
                let reset = seconds(wait);
                let _ = context.rate.set(Standing { policy, quota, remaining: 0, reset, key });
                let detail = format!("{} requests per {} s are used up.", quota.requests, quota.window.as_secs());
                Err(Error::new(Code::RateLimited, detail).with("policy", policy.name()).retry_after(reset))
            }
        }
    }

    /// Makes a request that was let through cost nothing, and tells the standing without it.
    pub fn give_back(&self, context: &Context) -> Option<Standing> {
        let back = |taken: &Standing| {
            let left = self.0[taken.policy as usize].give_back(taken.key, Instant::now());
            Standing { remaining: left.cells, reset: seconds(left.full_in), ..*taken }
        };
        let peer = context.peer_rate.get().map(back);
        context.rate.get().map(back).or(peer)
    }

    pub fn tidy(&self) {
        let now = Instant::now();
        self.0.iter().for_each(|gcra| gcra.tidy(now));
    }
}

/// Rounded up: who waits so long has waited long enough.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_that_are_not_named_stay_as_they_are() {
        let quotas = Quotas::parse(" search=120, login = 1000000").expect("quotas");
        assert_eq!(quotas, Quotas([600, 120, 1200, 1_000_000, 60]));
    }

    #[test]
    fn unknown_names_repeated_names_and_impossible_numbers_are_refused() {
        for wrong in ["", "on", "login", "logins=1", "login=", "login=0", "login=-1", "login=1000001", "login=1.5"] {
            assert_eq!(Quotas::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Quotas::parse("login=1,"), None);
        assert_eq!(Quotas::parse("login=1,login=2"), None);
    }

    #[test]
    fn every_policy_has_its_place() {
        for (place, policy) in Policy::ALL.into_iter().enumerate() {
            assert_eq!(policy as usize, place);
        }
    }
}
