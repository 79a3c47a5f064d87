//! A throw-away PostgreSQL cluster, started once per test run and shared by all its processes.
//!
//! cargo-nextest runs every test in a process of its own, `cargo test` runs them as threads of
//! one. What the processes of a run have in common is their parent, the runner, so the cluster
//! lives in a directory named after the runner's process id: whoever comes first starts it under
//! a file lock, the others join. A detached watcher stops it and removes the directory when the
//! runner is gone, however it ended.

use std::env;
use std::error::Error;
use std::fs::{self, DirBuilder, File};
use std::os::unix::prelude::*;
use std::os::unix::{fs::DirBuilderExt, fs::chown, net::UnixStream, process::parent_id};
use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Only names the socket file: the server listens on no network address.
const PORT: u16 = 5432;
const USER: &str = "postgres";

/// Durability is off, as the data does not outlive the run. Autovacuum is off because it would
/// keep visiting the many databases of the tests. `..` is seen from the data directory.
const SERVER_OPTIONS: &str = "-c listen_addresses='' -c unix_socket_directories=.. \
    -c max_connections=200 -c shared_buffers=32MB -c autovacuum=off \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off";

/// Arguments: the runner's process id, the run's directory. SIGQUIT is PostgreSQL's immediate
/// stop, and the server removes its `postmaster.pid` as it ends. The removal is tried again in
/// case an orphaned test process is just then filling the directory.
const WATCHER: &str = r#"(
    trap '' HUP
    while kill -0 "$1"; do sleep 1; done
    for attempt in 1 2 3 4 5; do
        while kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")"; do sleep 1; done
        rm -rf "$2" && break
        sleep 1
    done
) &"#;

/// The run's PostgreSQL, or why there is none.
pub enum Postgres {
    Ready { socket_dir: PathBuf, port: u16, user: String },
    Absent(String),
}

impl Postgres {
    /// The URL of a database of the cluster, of a plain name. Panics if there is no cluster.
    pub fn url(&self, database: &str) -> String {
        match self {
            Self::Absent(reason) => panic!("{reason}"),
            Self::Ready { socket_dir, port, user } => {
                let host = percent_encoded(socket_dir);
                format!("postgres://{user}@{host}:{port}/{database}?sslmode=disable")
            }
        }
    }
}

/// Starts or joins the run's cluster. Panics if `ACCORD_TEST_POSTGRES=required` and it cannot.
pub fn cluster() -> &'static Postgres {
    static CLUSTER: OnceLock<Postgres> = OnceLock::new();
    let cluster = CLUSTER
        .get_or_init(|| start_or_join().unwrap_or_else(|error| Postgres::Absent(format!("no PostgreSQL: {error}"))));
    let required = env::var("ACCORD_TEST_POSTGRES").as_deref() == Ok("required");
    match cluster {
        Postgres::Absent(reason) if required => panic!("ACCORD_TEST_POSTGRES=required, {reason}"),
        _ => cluster,
    }
}

fn start_or_join() -> Result<Postgres, Box<dyn Error>> {
    let programs =
        find_programs().ok_or("its initdb and pg_ctl are neither in PATH nor in /usr/lib/postgresql/*/bin")?;
    let runner = parent_id();
    let mut dir = path::absolute(env::temp_dir())?;
    // A socket's path may have about a hundred bytes.
    if dir.as_os_str().len() > 60 {
        dir = PathBuf::from("/tmp");
    }
    dir.push(format!("accord-pg-{runner}"));
    // Only the owner may enter: the server trusts whoever reaches its socket.
    let private = DirBuilder::new().recursive(true).mode(0o700).create(&dir);
    private.map_err(|error| format!("{}: {error}", dir.display()))?;
    let lock = File::create(dir.join("lock"))?;
    lock.lock()?;

    // A failed start is not tried again by every test of the run.
    let failure = dir.join("failure");
    if let Ok(reason) = fs::read_to_string(&failure) {
        return Err(reason.into());
    }
    let socket = dir.join(format!(".s.PGSQL.{PORT}"));
    if UnixStream::connect(socket).is_err()
        && let Err(error) = watch(runner, &dir).and_then(|()| start(&programs, &dir))
    {
        fs::write(&failure, error.to_string())?;
        return Err(error);
    }
    Ok(Postgres::Ready { socket_dir: dir, port: PORT, user: USER.to_owned() })
}

/// The directory of the server programs: in PATH, else the highest version installed.
fn find_programs() -> Option<PathBuf> {
    let complete = |dir: &PathBuf| dir.join("initdb").is_file() && dir.join("pg_ctl").is_file();
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).find(complete).or_else(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
        let found = versions.map(|entry| entry.path().join("bin"));
        let version = |dir: &PathBuf| dir.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
        found.filter(complete).max_by_key(version)
    })
}

fn watch(runner: u32, dir: &Path) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new("sh");
    command.args(["-c", WATCHER, "accord-pg-watcher", &runner.to_string()]);
    command.arg(dir).current_dir("/");
    run(command.stdout(Stdio::null()).stderr(Stdio::null()))
}

fn start(programs: &Path, dir: &Path) -> Result<(), Box<dyn Error>> {
    let data = dir.join("data");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    fs::create_dir(&data)?;
    let mut account = None;
    // PostgreSQL refuses to run as root.
    if fs::metadata(&data)?.uid() == 0 {
        let (user, group) = postgres_account().ok_or("it does not run as root, and there is no account `postgres`")?;
        chown(dir, Some(user), Some(group))?;
        chown(&data, Some(user), Some(group))?;
        account = Some((user, group));
    }
    let program = |name: &str| {
        let mut command = Command::new(programs.join(name));
        command.arg("--pgdata").arg(&data).current_dir(dir);
        if let Some((user, group)) = account {
            command.uid(user).gid(group);
        }
        command
    };
    run(program("initdb")
        .args(["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"])
        .arg(format!("--username={USER}")))?;
    let log = dir.join("log");
    run(program("pg_ctl")
        .args(["start", "--silent", "--wait", "--timeout=30"])
        .arg(format!("--options=-p {PORT} {SERVER_OPTIONS}"))
        .arg("--log")
        .arg(&log))
    .map_err(|error| {
        let lines = fs::read_to_string(log).unwrap_or_default();
        let skipped = lines.lines().count().saturating_sub(20);
        let tail: String = lines.split_inclusive('\n').skip(skipped).collect();
        format!("{error}{tail}").into()
    })
}

/// The user and group id of `postgres`.
fn postgres_account() -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let line = accounts.lines().find(|l| l.starts_with("postgres:"))?;
    let mut ids = line.split(':').skip(2);
    Some((ids.next()?.parse().ok()?, ids.next()?.parse().ok()?))
}

/// Runs the command in a process group of its own: what it leaves running is not the test's.
fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let output = command.stdin(Stdio::null()).process_group(0).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}\n{message}", output.status).into())
}

fn percent_encoded(path: &Path) -> String {
    let encode = |&byte: &u8| match char::from(byte) {
        plain @ ('a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_') => plain.to_string(),
        _ => format!("%{byte:02X}"),
    };
    path.as_os_str().as_bytes().iter().map(encode).collect()
}
