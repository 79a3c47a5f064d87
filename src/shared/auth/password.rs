//! Passwords: argon2id with OWASP's parameters. Hashing is slow on purpose, so only a few run at
//! a time, away from the threads that serve requests; whoever waits too long is told so.

use crate::shared::error::{Code, Error, Result};
use crate::shared::{crypto, text};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

const SHORTEST: usize = 12;
const LONGEST: usize = 128;
/// What `zxcvbn` calls "safely unguessable" where hashes are slow (its score 3).
const GUESSES: u64 = 100_000_000;

/// As many at once as there are cores to spare, one at least.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Semaphore::new(cores.saturating_sub(1).max(1))
});

/// How long somebody waits for a turn before being told to come back.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much work one hash is.
#[derive(Clone, Copy, Debug)]
pub enum Cost {
    /// 19 MiB, 2 passes: OWASP's recommendation.
    Real,
    /// As little as possible; for tests only.
    Trivial,
}

fn hasher(cost: Cost) -> Argon2<'static> {
    let params = match cost {
        Cost::Real => Params::default(),
        Cost::Trivial => Params::new(8, 1, 1, None).expect("8 KiB and one pass are allowed"),
    };
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Refuses a password that is too short, too long or easily guessed. Any characters are fine, and
/// `context` (e-mail address, name) makes what is built from it easy to guess. `pointer` names the
/// member it came in.
pub async fn check(password: &str, context: &[&str], pointer: &str) -> Result<()> {
    if !(SHORTEST..=LONGEST).contains(&password.chars().count()) {
        let detail = format!("A password has {SHORTEST} to {LONGEST} characters.");
        return Err(Error::rule(Code::RuleViolated, pointer, detail));
    }
    let words = context.iter().flat_map(|text| text::words(text).into_iter().chain([(*text).to_owned()]));
    let (words, given) = (words.chain(["accord".to_owned()]).collect::<Vec<_>>(), password.to_owned());
    let is_guessed = in_turn(move || {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        Ok(zxcvbn::zxcvbn(&given, &words).guesses() < GUESSES)
    });
    match is_guessed.await? {
        false => Ok(()),
        true => {
            let detail =
                "This password is easily guessed: common words, names or rows of keys. Use several unrelated words.";
            Err(Error::rule(Code::WeakPassword, pointer, detail))
        }
    }
}

pub async fn hash(password: String, cost: Cost) -> Result<String> {
    in_turn(move || Ok(hasher(cost).hash_password(password.as_bytes()).map_err(failed)?.to_string())).await
}

/// What a password is compared with when there is no account: nobody knows what it is the hash of.
fn nobodys(cost: Cost) -> Result<String> {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    if let Some(known) = NOBODYS.get() {
        return Ok(known.clone());
    }
    let made = hasher(cost).hash_password(&crypto::random::<32>()).map_err(failed)?.to_string();
    Ok(NOBODYS.get_or_init(|| made).clone())
}

/// Whether the password fits. Without a stored hash the same work is done on that of nobody, so that an
/// unknown account takes as long as a wrong password.
pub async fn verify(password: String, stored: Option<String>, cost: Cost) -> Result<bool> {
    in_turn(move || {
        let is_known = stored.is_some();
        let stored = stored.map_or_else(|| nobodys(cost), Ok)?;
        let stored = PasswordHash::new(&stored).map_err(failed)?;
        Ok(hasher(cost).verify_password(password.as_bytes(), &stored).is_ok() && is_known)
    })
    .await
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let turn = tokio::time::timeout(PATIENCE, TURNS.acquire()).await;
    let Ok(Ok(turn)) = turn else {
        return Err(Error::new(Code::Overloaded, "Too many sign-ins at once.").retry_after(2));
    };
    // The turn goes with the work: it ends when the work does, also when the caller has gone away.
    let work = move || {
        let _turn = turn;
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::internal(std::io::Error::other(error.to_string()))
}
