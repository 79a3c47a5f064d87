//! The real program as processes of its own, each ended with the test, however that ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub const SECRET: &str = "a secret of the tests, long enough to be one";

/// A place where Accord runs: a folder that was empty, and what the environment says.
pub struct Installation {
    folder: tempfile::TempDir,
    settings: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    /// The command, if it ended with this code; otherwise the test ends and shows it.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }
}

impl Installation {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder, settings: Vec::new() }.with("ACCORD_LISTEN", "127.0.0.1:0")
    }

    /// The same place with one more variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_accord"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        // Where `tests/coverage` wants its counters.
        command.envs(std::env::vars_os().filter(|(name, _)| name == "LLVM_PROFILE_FILE"));
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Done {
        self.run_with_input(arguments, "")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Done {
        let mut child = self.command(arguments).spawn().expect("the program starts");
        // A command that does not read its input is no failure.
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("the program ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Done { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Makes an account whose password is that of the tests.
    pub fn user(&self, email: &str, role: &str) -> Done {
        let command = ["user", "create", "--email", email, "--role", role, "--password-stdin"];
        self.run_with_input(&command, super::PASSWORD)
    }

    /// Starts a server and waits until it says where it listens.
    pub fn serve(&self) -> Server {
        self.serve_as(&[])
    }

    /// The same with another command that serves.
    pub fn serve_as(&self, arguments: &[&str]) -> Server {
        let mut child = self.command(arguments).stdin(Stdio::null()).spawn().expect("the program starts");
        let said = Arc::new(Mutex::new(String::new()));
        let logged = child.stdout.take().map(|out| follow(out, Arc::default()));
        let errors = child.stderr.take().map(|out| follow(out, said.clone()));
        let mut server =
            Server { child, said, readers: logged.into_iter().chain(errors).collect(), base: String::new() };
        let patience = Instant::now() + Duration::from_secs(180);
        server.base = loop {
            let said = server.said.lock().expect("what it said").clone();
            // The line is whole once another follows it.
            let base = said.split_once(" listens on ").and_then(|(_, rest)| rest.split_once('\n'));
            if let Some((base, _)) = base {
                break base.to_owned();
            }
            let ended = server.child.try_wait().expect("its state");
            assert!(ended.is_none() && Instant::now() < patience, "no server: {ended:?}\n{said}");
            std::thread::sleep(Duration::from_millis(20));
        };
        server
    }
}

fn follow(out: impl Read + Send + 'static, said: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let mut said = said.lock().expect("what it said");
            said.push_str(&line);
            said.push('\n');
        }
    })
}

/// A server process.
pub struct Server {
    child: Child,
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
    /// `http://127.0.0.1:PORT`
    pub base: String,
}

impl Server {
    /// SIGKILL: no time to tidy up.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM; the exit code, and all it had said on standard error.
    pub fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(sent.success());
        let patience = Instant::now() + Duration::from_secs(40);
        let ended = loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                break status;
            }
            assert!(Instant::now() < patience, "the server does not stop");
            std::thread::sleep(Duration::from_millis(20));
        };
        for reader in self.readers.drain(..) {
            reader.join().expect("its output");
        }
        (ended.code(), self.said.lock().expect("what it said").clone())
    }

    /// Somebody who is signed in over HTTP.
    pub async fn sign_in(&self, email: &str, password: &str) -> Client {
        let login = serde_json::json!({"email": email, "password": password});
        let nobody = Client { base: self.base.clone(), token: String::new(), http: http() };
        let (status, body) = nobody.post("/v1/auth/login", &login).await;
        assert_eq!(status, 200, "{body}");
        let token = body["access_token"].as_str().expect("a token").to_owned();
        Client { token, ..nobody }
    }

    pub fn with_token(&self, token: &str) -> Client {
        Client { base: self.base.clone(), token: token.to_owned(), http: http() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let ended = self.child.try_wait();
            let said = self.said.lock().map(|said| said.clone()).unwrap_or_default();
            eprintln!("the server of the test that failed: ended {ended:?}, said\n{said}");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A caller over HTTP.
#[derive(Clone)]
pub struct Client {
    pub base: String,
    pub token: String,
    http: reqwest::Client,
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

impl Client {
    pub async fn get(&self, path: &str) -> serde_json::Value {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let answer = request.send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    pub async fn post(&self, path: &str, body: &serde_json::Value) -> (u16, serde_json::Value) {
        self.try_post(path, body, None).await.map(|sent| (sent.status, sent.body)).expect("an answer")
    }

    /// Sends a file of rows, and returns the job that imports it.
    pub async fn import(&self, query: &str, csv: String) -> serde_json::Value {
        let request = self.http.post(format!("{}/v1/imports?{query}", self.base)).bearer_auth(&self.token);
        let answer = request.header("Content-Type", "text/csv").body(csv).send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert_eq!(status, 202, "{text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Uploads a file under a key of its own. `Err` when the server went away before it had answered.
    pub async fn try_upload(&self, query: &str, bytes: Vec<u8>, key: &str) -> Result<Sent, reqwest::Error> {
        let request = self.http.post(format!("{}/v1/files?{query}", self.base)).bearer_auth(&self.token);
        let request = request.header("Content-Type", "application/octet-stream").header("Idempotency-Key", key);
        Sent::of(request.body(bytes).send().await?).await
    }

    /// The bytes of an answer.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.bytes().await.expect("a body").to_vec()
    }

    /// `Err` when the server went away before it had answered.
    pub async fn try_post(
        &self,
        path: &str,
        body: &serde_json::Value,
        key: Option<&str>,
    ) -> Result<Sent, reqwest::Error> {
        let mut request = self.http.post(format!("{}{path}", self.base)).json(body);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        Sent::of(request.send().await?).await
    }
}

impl Client {
    /// A change of what is at this revision. `Err` when the server went away before it had answered.
    pub async fn try_patch(&self, path: &str, revision: u64, body: &serde_json::Value) -> Result<Sent, reqwest::Error> {
        let request = self.http.patch(format!("{}{path}", self.base)).bearer_auth(&self.token);
        Sent::of(request.header("If-Match", format!("\"{revision}\"")).json(body).send().await?).await
    }
}

/// What a POST was answered with.
pub struct Sent {
    pub status: u16,
    pub replayed: bool,
    pub body: serde_json::Value,
}

impl Sent {
    async fn of(answer: reqwest::Response) -> Result<Self, reqwest::Error> {
        let status = answer.status().as_u16();
        let replayed = answer.headers().contains_key("idempotency-replayed");
        let text = answer.text().await?;
        Ok(Self { status, replayed, body: serde_json::from_str(&text).unwrap_or_default() })
    }
}

/// Access rights of a file or folder, as `chmod` writes them.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}
