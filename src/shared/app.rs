//! `App`: what every handler holds. `crate::app` builds it and the endpoint around it.

use crate::shared::auth::{Gate, password::Cost};
use crate::shared::clock::Clock;
use crate::shared::db::Db;
use crate::shared::mail::Mailer;
use crate::shared::objects::Objects;
use std::sync::Arc;

#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub clock: Clock,
    pub gate: Arc<Gate>,
    pub password_cost: Cost,
    pub mail: Arc<Mailer>,
    pub objects: Objects,
    /// Where callers reach this installation, without a slash at the end.
    pub public_url: Arc<str>,
}
