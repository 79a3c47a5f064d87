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
    actions, agreements, api, assessments, calendars, docs, exports, feedback, files, imports, openapi, organization,
    promises, questionnaires, reviews, suppliers, surveys, users,
};
use poem::{Endpoint, EndpointExt, Response, Route};
use std::sync::Arc;
use std::time::Duration;

/// What an application is made from.
pub struct Parts {
    pub addresses: Addresses,
    pub clock: Clock,
    pub secret: String,
    /// `None`: nobody is limited.
    pub rate_limits: Option<Quotas>,
    pub password_cost: Cost,
    pub public_url: String,
    pub mail: mail::Settings,
    pub files: objects::Settings,
    /// What files can be attached to.
    pub owners: &'static [Owner],
}

/// What files can be attached to: what the rooms registered.
pub const OWNERS: &[Owner] = &[assessments::OWNER];

/// Opens the databases, migrates, reads the keys.
pub async fn open(parts: Parts) -> Result<App> {
    let db = Db::open(&parts.addresses, &parts.clock).await?;
    Lease::prepare(&db).await;
    let keys = Keys::load(&db, &parts.clock, &parts.secret).await?;
    let gate = Gate::new(db.clone(), parts.clock.clone(), keys, parts.secret, parts.rate_limits.as_ref());
    gate.register(parts.owners);
    gate.catch_up().await?;
    let objects = Objects::open(parts.files)?;
    let (clock, password_cost, mail) = (parts.clock, parts.password_cost, Arc::new(Mailer::new(parts.mail)?));
    let gate = Arc::new(gate);
    Ok(App { db, clock, gate, password_cost, mail, objects, public_url: parts.public_url.into() })
}

/// An application over an empty database in memory, for printing the document.
pub async fn without_data() -> Result<App> {
    let (clock, addresses) = (Clock::system(), Addresses { primary: "sqlite::memory:".to_owned(), replica: None });
    let db = Db::connect(&addresses).await?;
    let gate = Gate::new(db.clone(), clock.clone(), Keys::made_up(&clock)?, String::new(), None);
    let mail = Arc::new(Mailer::new(mail::Settings::in_folder("mail".into())?)?);
    let (gate, objects) = (Arc::new(gate), Objects::in_memory());
    Ok(App { db, clock, gate, password_cost: Cost::Trivial, mail, objects, public_url: "".into() })
}

/// The endpoint that answers every request.
pub fn endpoint(app: &App, settings: Settings) -> impl Endpoint<Output = Response> + 'static {
    let complete = {
        let app = app.clone();
        move || openapi::complete(&api::service(&app).spec())
    };
    app.gate.publish({
        let complete = complete.clone();
        move || complete().contract
    });
    let documents = docs::Documents::of(move || {
        let published = complete();
        [published.v31, published.v30]
    });
    let route = Route::new().nest("/", api::service(app));
    let route = surveys::form::mount(docs::mount(route)).data(documents);
    Shell::new(route, app.gate.clone(), settings)
}

/// Which jobs there are.
pub fn work() -> worker::Work {
    let handlers = [
        (housekeeping::KIND, housekeeping::run as worker::Handler),
        (mail::KIND, users::send_mail),
        (remind::KIND, remind::run),
        (users::TIDYING, users::tidy),
        (agreements::DATES, agreements::keep_dates),
        (promises::SWEEPING, promises::sweep),
        (promises::COMPARING, promises::compare),
        (feedback::MONTHS, feedback::publish_months),
        (assessments::DATES, assessments::keep_dates),
        (actions::HANDING_OVER, actions::hand_over),
        (reviews::DATES, reviews::keep_dates),
        (exports::TIDYING, exports::tidy),
    ];
    let schedules = vec![
        schedule::Schedule { kind: housekeeping::KIND, every: housekeeping::EVERY },
        schedule::Schedule { kind: remind::KIND, every: remind::EVERY },
        schedule::Schedule { kind: users::TIDYING, every: users::TIDIED_EVERY },
        schedule::Schedule { kind: agreements::DATES, every: agreements::DATES_EVERY },
        schedule::Schedule { kind: promises::SWEEPING, every: promises::SWEPT_EVERY },
        schedule::Schedule { kind: promises::COMPARING, every: promises::COMPARED_EVERY },
        schedule::Schedule { kind: feedback::MONTHS, every: feedback::MONTHS_EVERY },
        schedule::Schedule { kind: assessments::DATES, every: assessments::DATES_EVERY },
        schedule::Schedule { kind: actions::HANDING_OVER, every: actions::HANDED_OVER_EVERY },
        schedule::Schedule { kind: reviews::DATES, every: reviews::DATES_EVERY },
        schedule::Schedule { kind: exports::TIDYING, every: exports::TIDIED_EVERY },
    ];
    worker::Work { handlers: handlers.into(), schedules }
}

/// Jobs that may take minutes have a worker of their own, so that no mail waits for them.
pub fn long_work() -> worker::Work {
    let handlers = [
        (imports::JOB, imports::run as worker::Handler),
        (exports::JOB, exports::run),
        (files::SCANNING, files::scan),
        (files::TIDYING, files::tidy),
    ];
    let schedules = vec![schedule::Schedule { kind: files::TIDYING, every: files::TIDIED_EVERY }];
    worker::Work { handlers: handlers.into(), schedules }
}

/// Every table the program maps, for the test that compares them with the schema.
pub fn tables() -> Vec<Mapped> {
    let mut tables = vec![
        Mapped::of(keys::Entity),
        Mapped::of(account::Entity),
        Mapped::of(session::Entity),
        Mapped::of(session::refresh_token::Entity),
        Mapped::of(throttle::Entity),
        Mapped::of(epoch::Entity),
        Mapped::of(api_key::Entity),
        Mapped::of(history::Entity),
        Mapped::of(seal::Entity),
        Mapped::of(seal::pending::Entity),
        Mapped::of(jobs::Entity),
        Mapped::of(schedule::Entity),
        Mapped::of(notify::Entity),
        Mapped::of(search::Entity),
        Mapped::of(spool::Entity),
    ];
    tables.extend(organization::tables());
    tables.extend(suppliers::tables());
    tables.extend(users::tables());
    tables.extend(files::tables());
    tables.extend(calendars::tables());
    tables.extend(agreements::tables());
    tables.extend(promises::tables());
    tables.extend(surveys::tables());
    tables.extend(feedback::tables());
    tables.extend(questionnaires::tables());
    tables.extend(assessments::tables());
    tables.extend(actions::tables());
    tables.extend(reviews::tables());
    tables.extend(imports::tables());
    tables.extend(exports::tables());
    tables
}

/// Starts sealing, jobs and tidying; they end with the process.
pub fn start_background(app: &App) {
    tokio::spawn(app.db.clone().keep_checkpoints());
    tokio::spawn(epoch::watch(app.gate.clone()));
    tokio::spawn(seal::run(app.clone()));
    tokio::spawn(worker::run(app.clone(), work()));
    tokio::spawn(worker::run(app.clone(), long_work()));
    let gate = app.gate.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            gate.tidy();
            metrics::tidy();
        }
    });
}
