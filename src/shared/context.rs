//! What is known about a request from the moment its head is read: id, peer, and the `Gate` that
//! extractors need. The shell makes it, extractors fill it in, the access log reads it.

use crate::shared::auth::{Caller, Gate};
use crate::shared::error::{Error, Result};
use crate::shared::rate::{Policy, Standing};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

pub struct Context {
    pub request_id: Arc<str>,
    pub peer: IpAddr,
    pub started: Instant,
    pub gate: Arc<Gate>,
    pub caller: OnceLock<Arc<Caller>>,
    /// What this request is counted under once its caller is known.
    pub policy: Policy,
    /// The limit per caller (or the one that refused) after this request.
    pub rate: OnceLock<Standing>,
    /// The limit per address after this request.
    pub peer_rate: OnceLock<Standing>,
}

impl Context {
    pub fn new(gate: Arc<Gate>, request_id: Arc<str>, peer: IpAddr, policy: Policy) -> Self {
        let (caller, rate, peer_rate) = Default::default();
        Self { request_id, peer, started: Instant::now(), gate, policy, caller, rate, peer_rate }
    }

    /// What the answer says of limits: the caller's own where it is known.
    pub fn standing(&self) -> Option<Standing> {
        self.rate.get().or_else(|| self.peer_rate.get()).copied()
    }

    /// The network the request comes from, for limits: a single customer of a provider usually holds a /64.
    pub fn network(&self) -> u128 {
        match self.peer.to_canonical() {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits() >> 64 << 64,
        }
    }

    pub fn of(request: &poem::Request) -> Result<&Arc<Self>> {
        request
            .extensions()
            .get::<Arc<Self>>()
            .ok_or_else(|| Error::internal(std::io::Error::other("a request outside the shell")))
    }
}
