//! The mails an application under test has sent: it writes them to a folder of its own.

use super::TestApp;
use accord::shared::jobs::worker::run_one;
use accord::shared::mail::Settings;
use std::path::Path;

/// A mail as its reader sees it.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// The usual settings, with mails in this folder.
pub fn settings(folder: &Path) -> Settings {
    Settings::in_folder(folder.join("mail")).expect("settings")
}

impl TestApp {
    /// Does the jobs that wait and reads all mails sent until now, oldest first.
    pub async fn mails(&self) -> Vec<Mail> {
        let work = accord::app::work();
        while run_one(&self.app, &work).await.expect("a worker") {}
        let Ok(entries) = std::fs::read_dir(self.mail_folder()) else {
            return Vec::new();
        };
        let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files.iter().map(|file| read(&std::fs::read_to_string(file).expect("a mail"))).collect()
    }

    /// The latest mail to an address.
    pub async fn mail_to(&self, address: &str) -> Mail {
        let mails = self.mails().await;
        mails.into_iter().rfind(|mail| mail.to == address).unwrap_or_else(|| panic!("no mail to {address}"))
    }
}

impl Mail {
    /// The token with this prefix.
    pub fn token(&self, prefix: &str) -> String {
        let at = self.text.find(prefix).unwrap_or_else(|| panic!("no {prefix} in {}", self.text));
        self.text[at..].split_whitespace().next().expect("a token").to_owned()
    }
}

fn read(eml: &str) -> Mail {
    let (head, body) = eml.split_once("\r\n\r\n").expect("head and body");
    let header = |name: &str| {
        let line = head.replace("\r\n ", " ").lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        line.unwrap_or_else(|| panic!("no {name} in {head}"))
    };
    // Quoted-printable breaks long lines; the tests send no other characters that it would change.
    let text = body.replace("=\r\n", "").replace("\r\n", "\n").replace("=3D", "=");
    Mail { to: header("To: "), subject: header("Subject: "), text }
}
