//! The commands of Accord. Everything they do stands in the library.

use accord::app::{self, Parts};
use accord::config::{self, Config, Values, Wrong};
use accord::shared::app::App;
use accord::shared::auth::Scope;
use accord::shared::auth::account::{self, NewAccount};
use accord::shared::auth::keys;
use accord::shared::auth::password::{self, Cost};
use accord::shared::clock::Clock;
use accord::shared::db::{Db, schema};
use accord::shared::error::{Code, Error};
use accord::shared::id::{self, SupplierId};
use accord::shared::permission::Role;
use accord::shared::text;
use accord::shell::{AccessLog, Origins, Settings, metrics, serve};
use accord::start::{self, Failure, demo};
use accord::suppliers;
use clap::{Parser, Subcommand, ValueEnum};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::net::TcpListener;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Accord aligns suppliers and contractors with the service you promise your customers.
#[derive(Parser)]
#[command(version, about, long_about = None, after_help = AFTER)]
struct Arguments {
    /// Settings file [default: accord.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER: &str = "\
Without a command, `accord serve` runs: it makes what is missing (data folder, database, secret),
listens on 127.0.0.1:8080 and prints where the documentation is.

Settings come from accord.toml and from ACCORD_* variables, which win; `accord config check` shows
all of them. Errors in the configuration exit with 2, other errors with 1.";

#[derive(Subcommand)]
enum Command {
    /// Serve the API (the default)
    Serve,
    /// Bring the database schema up to date, or show what is missing
    Migrate {
        #[command(subcommand)]
        action: Migrate,
    },
    /// Print the OpenAPI document
    Openapi {
        /// Version of the specification
        #[arg(long, default_value = "3.1")]
        version: Specification,
    },
    /// Manage the people who can sign in
    User {
        #[command(subcommand)]
        action: User,
    },
    /// Manage the keys that access tokens are signed with
    Key {
        #[command(subcommand)]
        action: Key,
    },
    /// Copy a running SQLite database into a new FILE (for PostgreSQL use pg_dump)
    Backup {
        /// The file to make; its folder must be there
        file: PathBuf,
    },
    /// Look at the tallies that numbers are read from
    Tallies {
        #[command(subcommand)]
        action: Tallies,
    },
    /// Serve a year with thirty suppliers from a folder that is gone afterwards, and say what to look at
    Demo,
    /// Import a FILE of rows (CSV, or NDJSON if it is named so), straight into the database or through a server
    Import(start::Import),
    /// Look at the configuration
    Config {
        #[command(subcommand)]
        action: Check,
    },
}

#[derive(Subcommand)]
enum Migrate {
    /// Apply the missing steps
    Up,
    /// List the missing steps; exits with 1 if there are any
    Status,
}

#[derive(Clone, Copy, ValueEnum)]
enum Specification {
    #[value(name = "3.1")]
    V31,
    #[value(name = "3.0")]
    V30,
}

#[derive(Subcommand)]
enum User {
    /// Create an account
    ///
    /// With --password-stdin the password is the first line of standard input (12-128 characters);
    /// otherwise one is made up and printed once.
    Create {
        /// E-mail address to sign in with
        #[arg(long)]
        email: String,
        /// owner, manager, reviewer, agent, auditor, supplier_admin or supplier_user
        #[arg(long, value_parser = role)]
        role: Role,
        /// Name to show [default: the e-mail address]
        #[arg(long)]
        name: Option<String>,
        /// The supplier that a supplier role belongs to
        #[arg(long, value_name = "ID")]
        supplier: Option<String>,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Subcommand)]
enum Key {
    /// Make the next signing key
    ///
    /// All instances notice within a second and sign with it after a minute; nobody is signed out.
    /// Keys whose last token has expired are removed.
    Rotate,
}

#[derive(Subcommand)]
enum Tallies {
    /// Count all commitments anew and compare; exits with 1 if a tally differs
    ///
    /// Safe on a live database: every promise is read in one snapshot.
    Verify,
}

#[derive(Subcommand)]
enum Check {
    /// Show every setting, its source, and whether it is right
    Check,
}

fn role(word: &str) -> Result<Role, String> {
    Role::ALL.into_iter().find(|role| role.name() == word).ok_or_else(|| {
        let roles: Vec<_> = Role::ALL.iter().map(|role| role.name()).collect();
        format!("the roles are {}", roles.join(", "))
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(Failure::Configuration(wrong)) => {
            say_error(&format!("configuration: {wrong}"));
            ExitCode::from(2)
        }
        Err(Failure::Other(message)) => {
            say_error(&message);
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn say_error(text: &str) {
    let _ = writeln!(std::io::stderr(), "accord: {text}");
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let command = arguments.command.unwrap_or(Command::Serve);
    if let Command::Demo = command {
        return serve_a_demo().await;
    }
    let values = Values::load(arguments.config.as_deref(), |name| std::env::var(name).ok())?;
    warn_of_typos();
    if let Command::Config { action: Check::Check } = command {
        for (setting, value, source) in values.shown() {
            say(&format!("{:<26} {value:<40} from {source}", setting.variable()));
        }
        values.check()?;
        say("The configuration is right.");
        return Ok(ExitCode::SUCCESS);
    }
    let config = values.check()?;
    match command {
        Command::Serve => serve_until_stopped(listen(&config).await?, config).await,
        Command::Migrate { action } => migrate(&config, action).await,
        Command::Openapi { version } => print_document(version).await,
        Command::User { action } => create_user(&config, action).await,
        Command::Key { action: Key::Rotate } => rotate_key(&config).await,
        Command::Tallies { action: Tallies::Verify } => Ok(told(start::verify_tallies(&config.addresses).await?)),
        Command::Backup { file } => backup(&config, file).await,
        Command::Import(import) => import_file(&config, import).await,
        Command::Config { .. } | Command::Demo => Ok(ExitCode::SUCCESS),
    }
}

/// A variable that is nearly one of ours is probably meant to be it.
fn warn_of_typos() {
    for (name, _) in std::env::vars_os() {
        if let Some(meant) = name.to_str().and_then(config::meant) {
            say_error(&format!("warning: {} is not a setting. Did you mean {meant}?", name.display()));
        }
    }
}

fn parts(config: &Config) -> Result<Parts, Failure> {
    Ok(Parts {
        addresses: config.addresses.clone(),
        clock: Clock::system(),
        secret: start::prepare(config)?,
        rate_limits: config.rate_limits.clone(),
        password_cost: Cost::Real,
        public_url: config.public_url.clone(),
        mail: config.mail.clone(),
        files: config.files.clone(),
        owners: app::OWNERS,
    })
}

async fn open(config: &Config) -> Result<App, Failure> {
    app::open(parts(config)?).await.map_err(|error| match error.code {
        Code::DatabaseBusy => config.unreachable(&error).into(),
        _ => error.into(),
    })
}

async fn listen(config: &Config) -> Result<TcpListener, Wrong> {
    let wrong = |error| Wrong(format!("ACCORD_LISTEN is {}, where nothing can listen: {error}", config.listen));
    TcpListener::bind(config.listen).await.map_err(wrong)
}

async fn serve_until_stopped(listener: TcpListener, config: Config) -> Result<ExitCode, Failure> {
    let _logs = start::log(&config);
    let app = open(&config).await?;
    let (access_log, _writer) = AccessLog::to_stdout(config.access_log).unzip();
    let settings = Settings {
        origins: Origins(config.cors_origins.clone().into()),
        trusted_proxies: config.trusted_proxies.clone(),
        access_log,
        metrics: config.metrics_listen.is_some(),
        public_url: config.public_url.clone().into(),
    };
    let endpoint = app::endpoint(&app, settings);
    if let Some(address) = config.metrics_listen {
        metrics::serve(address)
            .await
            .map_err(|error| Wrong(format!("ACCORD_METRICS_LISTEN is {address}, where nothing can listen: {error}")))?;
    }
    app::start_background(&app);
    let has_user = account::is_any(app.db.fresh()).await?;
    let stop = start::asked_to_stop();
    start::greet(&config, listener.local_addr()?, has_user);
    serve::serve(listener, endpoint, stop).await;
    app.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn serve_a_demo() -> Result<ExitCode, Failure> {
    let place = demo::Place::make()?;
    let config = place.config()?;
    let listener = listen(&config).await?;
    say("A year with thirty suppliers goes by ...");
    say(&demo::prepare(&place, listener.local_addr()?, || parts(&config)).await?);
    serve_until_stopped(listener, config).await
}

async fn migrate(config: &Config, action: Migrate) -> Result<ExitCode, Failure> {
    start::prepare(config)?;
    let db = Db::connect(&config.addresses).await.map_err(|error| config.unreachable(&error))?;
    let missing = schema::pending(&db).await?;
    for step in &missing {
        say(&format!("missing  {step}"));
    }
    match action {
        _ if missing.is_empty() => say("The schema is up to date."),
        Migrate::Status => return Ok(ExitCode::FAILURE),
        Migrate::Up => {
            schema::migrate(&db, &Clock::system()).await?;
            say(&format!("{} step(s) applied.", missing.len()));
        }
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn print_document(version: Specification) -> Result<ExitCode, Failure> {
    let published = start::document().await?;
    let document = match version {
        Specification::V31 => &published.v31,
        Specification::V30 => &published.v30,
    };
    say(&serde_json::to_string_pretty(document).map_err(Error::internal)?);
    Ok(ExitCode::SUCCESS)
}

async fn create_user(config: &Config, action: User) -> Result<ExitCode, Failure> {
    let User::Create { email, role, name, supplier, password_stdin } = action;
    if !email.contains('@') {
        return Err(format!("{email} is not an e-mail address").into());
    }
    let id = |text: String| id::parse(&text).map(SupplierId).ok_or(format!("{text} is not an id of a supplier"));
    let supplier_id = supplier.map(id).transpose()?;
    if role.is_supplier() != supplier_id.is_some() {
        return Err("supplier roles need --supplier ID, other roles have none".to_owned().into());
    }
    let (password, made_up) = match password_stdin {
        true => (text::normal(&first_line()?), false),
        false => (start::made_up_password(), true),
    };
    password::check(&password, &[&email], "").await?;
    let app = open(config).await?;
    if let Some(id) = supplier_id {
        suppliers::get_supplier(app.db.fresh(), Scope::Everything, id).await.map_err(|error| match error.code {
            Code::NotFound => Failure::Other(format!("there is no supplier with the id {id}")),
            _ => error.into(),
        })?;
    }
    let password_hash = password::hash(password.clone(), Cost::Real).await?;
    let name = name.unwrap_or_else(|| email.clone());
    let new = NewAccount { email, name, password_hash, role, supplier_id, must_change_password: false };
    let input = (app.clock.clone(), new.clone());
    let id = app.db.write(input, |txn, (clock, new)| Box::pin(account::create(txn, clock, new))).await?;
    let database = config.addresses.file().map_or("PostgreSQL".to_owned(), |file| file.display().to_string());
    say(&format!("Created {} ({}) with id {id} in {database}.", new.email, new.role.name()));
    if made_up {
        say(&format!("Password, shown only now: {password}"));
    }
    app.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn rotate_key(config: &Config) -> Result<ExitCode, Failure> {
    let app = open(config).await?;
    let input = (start::prepare(config)?, app.clock.clone());
    let id = app.db.write(input, |txn, (secret, clock)| Box::pin(keys::rotate(txn, secret, clock))).await?;
    say(&format!("The key {id} signs access tokens in a minute."));
    app.db.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn import_file(config: &Config, import: start::Import) -> Result<ExitCode, Failure> {
    if let Some(server) = import.server()? {
        return Ok(told(import.send(&server).await?));
    }
    let app = open(config).await?;
    let done = import.run(&app).await?;
    app.db.close().await;
    Ok(told(done))
}

/// Says it, and that all is well or not.
fn told((what, is_clean): (String, bool)) -> ExitCode {
    say(&what);
    if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn first_line() -> Result<String, Failure> {
    let text = std::io::read_to_string(std::io::stdin())?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

async fn backup(config: &Config, file: PathBuf) -> Result<ExitCode, Failure> {
    if file.exists() {
        return Err(format!("{} exists already", file.display()).into());
    }
    let Some(source) = config.addresses.file() else {
        return Err("use pg_dump for a PostgreSQL database".to_owned().into());
    };
    if !source.exists() {
        return Err(format!("there is no data in {} to copy", source.display()).into());
    }
    let db = Db::connect(&config.addresses).await?;
    start::own_file(&file).map_err(|error| format!("{} cannot be made: {error}", file.display()))?;
    db.backup(&file).await?;
    say(&format!(
        "Copied to {}. Restoring it needs this installation's secret; keep that in another place.",
        file.display()
    ));
    Ok(ExitCode::SUCCESS)
}
