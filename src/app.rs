//! Builds the application: databases and keys, the endpoint with its shell, the work in the
//! background. `shared::app::App` is what handlers see of it.

use crate::shared::app::App;
use crate::shared::auth::{Gate, Keys, account, api_key, epoch, keys, password::Cost, session, throttle};
use crate::shared::clock::Clock;
use crate::shared::db::{Addresses, Db, Lease, schema::Mapped};
use crate::shared::error::Result;
use crate::shared::history::{self, seal};
use crate::shared::jobs::{self, housekeeping, schedule, worker};
use crate::shared::mail::{self, Mailer};
use crate::shared::notify::{self, remind};
use crate::shared::objects::{self, Objects};
use crate::shared::owner::Owner;
use crate::shared::rate::Quotas;
use crate::shared::{search, spool};
use crate::shell::{Settings, Shell, metrics};
use crate::{
    agreements, api, calendars, docs, exports, feedback, files, imports, openapi, organization, promises,
    questionnaires, suppliers, surveys, users,
