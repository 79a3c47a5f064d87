//! Settings: defaults here, then `accord.toml`, then `ACCORD_*` variables. One table says what
//! there is; the README repeats it and a test compares the two.

use crate::shared::db::Addresses;
use crate::shared::error::Error;
use crate::shared::mail::{self, Templates};
use crate::shared::objects;
use crate::shared::rate::Quotas;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// One setting as users know it.
pub struct Setting {
    /// Its name in `accord.toml`; the variable is `ACCORD_` and this in upper case.
    pub key: &'static str,
    pub default: &'static str,
    pub expected: &'static str,
    pub about: &'static str,
}

impl Setting {
    pub fn variable(&self) -> String {
        format!("ACCORD_{}", self.key.to_uppercase())
    }
}

macro_rules! settings {
    ($($key:literal, $default:literal, $expected:literal, $about:literal;)*) => {
        pub const SETTINGS: &[Setting] =
            &[$(Setting { key: $key, default: $default, expected: $expected, about: $about }),*];
    };
}

settings! {
    "listen", "127.0.0.1:8080", "an address and a port, such as 0.0.0.0:8080", "Where the API listens.";
    "data_dir", "./data", "a folder", "Where the SQLite file and the secret are kept; made if absent.";
    "database_url", "", "sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE", "The database. Empty: `accord.db` in the data folder.";
    "database_read_url", "", "postgres://...", "A PostgreSQL replica for lists, exports and numbers.";
    "secret", "", "at least 32 characters", "Seals the signing keys in the database. Required with PostgreSQL; with SQLite a file `secret` is made in the data folder.";
    "public_url", "", "http:// or https:// without a slash at the end", "The address callers use, for links in problems. Empty: the listening address.";
    "log", "info", "error, warn, info, debug or a tracing filter", "What the program says of itself, on standard error.";
    "access_log", "on", "on or off", "One JSON line per request, on standard output.";
    "rate_limits", "on", "on, off or requests per minute (1 to 1000000) such as default=1200,search=120,login=20,peer=5000", "Limits per caller (and for its full-text searches), per address, for sign-ins and for answers to surveys.";
    "cors_origins", "", "origins separated by commas, such as https://app.example.com", "Web pages on other origins that may call the API.";
    "trusted_proxies", "", "networks separated by commas, such as 10.0.0.0/8", "Proxies whose X-Forwarded-For is believed.";
    "mail_url", "", "smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST", "The mail server. Empty: mails are written to the folder `mail` in the data folder.";
    "mail_from", "accord@localhost", "an e-mail address, such as Accord <accord@example.com>", "The sender of mails.";
    "mail_templates", "", "a folder", "Templates in place of ours: `invitation.txt`, `password_reset.txt`.";
    "invitation_url", "", "http:// or https://, without #", "A page of yours that takes the token of an invitation behind `#token=`. Empty: the mail says where to send it.";
    "password_reset_url", "", "http:// or https://, without #", "A page of yours that takes the token of a password reset behind `#token=`. Empty: the mail says where to send it.";
    "files", "", "a folder, or s3://BUCKET/PREFIX where the program was built with the feature s3", "Where uploaded files are kept. Empty: the folder `files` in the data folder. Instances share it; S3 is set up by `AWS_*` variables.";
    "file_quotas", "supplier=1024,organization=10240", "MiB such as supplier=1024,organization=10240", "How much is kept: for each supplier, and of the organisation itself.";
    "file_scanner", "", "a host and a port, such as 127.0.0.1:3310", "A clamd that looks at every file before it is available. Empty: nobody looks.";
    "metrics_listen", "", "an address and a port, such as 127.0.0.1:9090", "Where Prometheus reads `/metrics`. Empty: nowhere.";
}

/// The variable that is probably meant by one that is nearly its name.
pub fn meant(name: &str) -> Option<String> {
    let known = || SETTINGS.iter().map(Setting::variable);
    let near = |variable: &String| strsim::damerau_levenshtein(variable, name) <= 2;
    (name.starts_with("ACCORD_") && known().all(|variable| variable != name)).then(|| known().find(near))?
}

/// All settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub addresses: Addresses,
    pub secret: Option<secrecy::SecretString>,
    pub public_url: String,
    pub log: String,
    pub access_log: bool,
    /// `None`: nobody is limited.
    pub rate_limits: Option<Quotas>,
    pub cors_origins: Vec<String>,
    pub trusted_proxies: Vec<ipnet::IpNet>,
    pub metrics_listen: Option<SocketAddr>,
    pub mail: mail::Settings,
    pub files: objects::Settings,
}

/// What is wrong with the configuration, in one sentence for whoever wrote it.
#[derive(Debug)]
pub struct Wrong(pub String);

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every setting with its value and where that came from.
pub struct Values(BTreeMap<&'static str, (String, String)>);

impl Values {
    /// Reads the file (only required to exist if it was named) and the variables.
    pub fn load(file: Option<&Path>, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Wrong> {
        let path = file.unwrap_or(Path::new("accord.toml"));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if file.is_some() => return Err(Wrong(format!("{} cannot be read: {error}", path.display()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Wrong(format!("{} cannot be read: {error}", path.display()))),
        };
        let table: toml::Table = toml::from_str(&text)
            .map_err(|error| Wrong(format!("{} is not TOML: {}", path.display(), error.message())))?;
        let known = |key: &String| SETTINGS.iter().any(|setting| setting.key == *key);
        if let Some(unknown) = table.keys().find(|key| !known(key)) {
            let keys: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
            return Err(Wrong(format!(
                "`{unknown}` in {} is not a setting. Known: {}.",
                path.display(),
                keys.join(", ")
            )));
        }
        let values = SETTINGS.iter().map(|setting| {
            let from_file = || table.get(setting.key).map(|value| (plain(value), path.display().to_string()));
            let from_variable = variable(&setting.variable()).map(|value| (value, "the environment".to_owned()));
            let default = || (setting.default.to_owned(), "the default".to_owned());
            (setting.key, from_variable.or_else(from_file).unwrap_or_else(default))
        });
        Ok(Self(values.collect()))
    }

    /// Value and source of every setting, in the order of the table; secrets are masked.
    pub fn shown(&self) -> impl Iterator<Item = (&'static Setting, String, &str)> {
        SETTINGS.iter().map(|setting| {
            let (value, source) = &self.0[setting.key];
            let shown = match setting.key {
                "secret" if !value.is_empty() => "********".to_owned(),
                "database_url" | "database_read_url" | "mail_url" => without_password(value),
                _ => value.clone(),
            };
            (setting, shown, source.as_str())
        })
    }

    fn get(&self, key: &str) -> &str {
        &self.0[key].0
    }

    fn parse<T>(&self, key: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, Wrong> {
        let (value, source) = &self.0[key];
        let setting = SETTINGS.iter().find(|setting| setting.key == key).expect("asked by a known key");
        read(value).ok_or_else(|| {
            let shown =
                if key == "secret" { "too short".to_owned() } else { format!("\"{}\"", without_password(value)) };
            Wrong(format!("{} (from {source}) is {shown}: expected {}.", setting.variable(), setting.expected))
        })
    }

    fn list<T>(&self, key: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Wrong> {
        self.parse(key, |value| {
            let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
            items.map(&read).collect()
        })
    }

    pub fn check(&self) -> Result<Config, Wrong> {
        let optional = |value: &str| (!value.is_empty()).then(|| value.to_owned());
        let listen: SocketAddr = self.parse("listen", |value| value.parse().ok())?;
        let data_dir = PathBuf::from(self.get("data_dir"));
        let primary = self.parse("database_url", |value| match value {
            "" => Some(format!("sqlite:{}?mode=rwc", data_dir.join("accord.db").display())),
            url if url.starts_with("sqlite:") || is_postgres(url) => Some(url.to_owned()),
            _ => None,
        })?;
        let secret = self.parse("secret", |value| match value.len() {
            0 => Some(None),
            32.. => Some(Some(value.to_owned().into())),
            _ => None,
        })?;
        if secret.is_none() && is_postgres(&primary) {
            return Err(Wrong("ACCORD_SECRET is empty: with PostgreSQL it is required, at least 32 characters, the same for all instances.".to_owned()));
        }
        Ok(Config {
            listen,
            addresses: Addresses {
                primary,
                replica: self.parse("database_read_url", |value| {
                    (value.is_empty() || is_postgres(value)).then(|| optional(value))
                })?,
            },
            secret,
            public_url: self.parse("public_url", |value| match value {
                "" => Some(format!("http://{listen}")),
                url if is_web(url) && !url.ends_with('/') => Some(url.to_owned()),
                _ => None,
            })?,
            log: self.parse("log", |value| {
                value.parse::<tracing_subscriber::EnvFilter>().is_ok().then(|| value.to_owned())
            })?,
            access_log: self.parse("access_log", switch)?,
            rate_limits: self.parse("rate_limits", |value| match switch(value) {
                Some(is_on) => Some(is_on.then(Quotas::default)),
                None => Quotas::parse(value).map(Some),
            })?,
            cors_origins: self.list("cors_origins", |origin| origin.contains("://").then(|| origin.to_owned()))?,
            trusted_proxies: self.list("trusted_proxies", |net| net.parse().ok())?,
            metrics_listen: self.parse("metrics_listen", |value| match value {
                "" => Some(None),
                address => address.parse().ok().map(Some),
            })?,
            mail: self.mail(&data_dir)?,
            files: self.files(&data_dir)?,
            data_dir,
        })
    }
}

impl Values {
    fn files(&self, data_dir: &Path) -> Result<objects::Settings, Wrong> {
        Ok(objects::Settings {
            place: self.parse("files", |value| match value {
                "" => Some(data_dir.join("files").display().to_string()),
                url if url.contains("://") => {
                    (url.starts_with("s3://") && cfg!(feature = "s3")).then(|| url.to_owned())
                }
                folder => Some(folder.to_owned()),
            })?,
            quotas: self.parse("file_quotas", objects::Quotas::parse)?,
            scanner: self.parse("file_scanner", |value| match value.rsplit_once(':') {
                None => value.is_empty().then_some(None),
                Some((host, port)) => (!host.is_empty() && port.parse::<u16>().is_ok()).then(|| Some(value.to_owned())),
            })?,
        })
    }

    fn mail(&self, data_dir: &Path) -> Result<mail::Settings, Wrong> {
        let page = |key| {
            self.parse(key, |value| match value {
                "" => Some(None),
                url => (is_web(url) && !url.contains('#')).then(|| Some(url.to_owned())),
            })
        };
        let (folder, source) = &self.0["mail_templates"];
        let templates = Templates::read((!folder.is_empty()).then(|| Path::new(folder)));
        Ok(mail::Settings {
            url: self.parse("mail_url", |value| match value {
                "" => Some(None),
                url => mail::is_server(url).then(|| Some(url.to_owned().into())),
            })?,
            folder: data_dir.join("mail"),
            from: self.parse("mail_from", |value| value.parse().ok())?,
            templates: templates
                .map_err(|wrong| Wrong(format!("ACCORD_MAIL_TEMPLATES (from {source}) is \"{folder}\": {wrong}.")))?,
            invitation_url: page("invitation_url")?,
            password_reset_url: page("password_reset_url")?,
        })
    }
}

impl Config {
    /// The sentence for a database that does not answer.
    pub fn unreachable(&self, error: &Error) -> Wrong {
        let cause = error.cause.as_ref().map(|cause| cause.to_string()).unwrap_or_default();
        Wrong(format!(
            "ACCORD_DATABASE_URL is {}, which does not answer: {cause}",
            without_password(&self.addresses.primary)
        ))
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

fn switch(value: &str) -> Option<bool> {
    match value {
        "on" | "true" => Some(true),
        "off" | "false" => Some(false),
        _ => None,
    }
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `postgres://user:secret@host/db?password=secret` without the secrets.
fn without_password(url: &str) -> String {
    let url = if is_postgres(url) { url.split('?').next().unwrap_or_default() } else { url };
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((before, host))) => {
            let user = before.trim_start_matches(scheme).trim_start_matches("://");
            format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or_default())
        }
        // The scheme was forgotten: what stands before the host may be a password.
        (None, Some((_, host))) => format!("********@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Config, Wrong> {
        let variable =
            |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Values::load(None, variable)?.check()
    }

    #[test]
    fn an_error_names_the_key_its_source_and_what_is_expected() {
        let wrong = with(&[("ACCORD_LISTEN", "everywhere")]).expect_err("refused").0;
        assert_eq!(
            wrong,
            "ACCORD_LISTEN (from the environment) is \"everywhere\": expected an address and a port, such as 0.0.0.0:8080."
        );
    }

    #[test]
    fn passwords_and_secrets_are_never_shown() {
        let wrong = with(&[("ACCORD_DATABASE_URL", "mysql://me:hush@host/db")]).expect_err("refused").0;
        assert!(!wrong.contains("hush"), "{wrong}");
        assert_eq!(without_password("postgres://me:hu@sh@host/db"), "postgres://me@host/db");
        for url in ["me:hush@host:587", "smtp://me:hush@", "smtpx://me:hush@host"] {
            let wrong = with(&[("ACCORD_MAIL_URL", url)]).expect_err("refused").0;
            assert!(wrong.contains("ACCORD_MAIL_URL") && !wrong.contains("hush"), "{wrong}");
        }
    }

    #[test]
    fn rate_limits_are_on_off_or_numbers_under_known_names() {
        let limits = |value| with(&[("ACCORD_RATE_LIMITS", value)]).map(|config| config.rate_limits);
        assert_eq!(limits("on").expect("on"), Some(Quotas::default()));
        assert_eq!(limits("off").expect("off"), None);
        assert_eq!(limits("search=120,peer=5000").expect("numbers"), Quotas::parse("peer=5000,search=120"));
        let wrong = limits("serach=120").expect_err("refused").0;
        assert_eq!(
            wrong,
            "ACCORD_RATE_LIMITS (from the environment) is \"serach=120\": expected on, off or requests per minute \
             (1 to 1000000) such as default=1200,search=120,login=20,peer=5000."
        );
    }

    #[test]
    fn postgres_needs_a_secret_of_32_characters() {
        assert!(with(&[("ACCORD_DATABASE_URL", "postgres://host/db")]).is_err());
        let short = [("ACCORD_DATABASE_URL", "postgres://host/db"), ("ACCORD_SECRET", "short")];
        assert!(with(&short).expect_err("refused").0.contains("at least 32"));
    }
}
