//! What mails say: plain text with `Subject:` as its first line. Ours are part of the program; an
//! operator may put other ones in a folder. All are tried at the start, so that a mistake in one is
//! known before a mail is needed.

use crate::shared::error::{Error, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A kind of mail, and with it its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    Invitation,
    PasswordReset,
    Reminder,
}

impl Letter {
    const ALL: [Letter; 3] = [Letter::Invitation, Letter::PasswordReset, Letter::Reminder];

    /// The name of its template, also in the operator's folder.
    pub fn file(self) -> &'static str {
        match self {
            Letter::Invitation => "invitation.txt",
            Letter::PasswordReset => "password_reset.txt",
            Letter::Reminder => "reminder.txt",
        }
    }

    fn ours(self) -> &'static str {
        match self {
            Letter::Invitation => include_str!("templates/invitation.txt"),
            Letter::PasswordReset => include_str!("templates/password_reset.txt"),
            Letter::Reminder => include_str!("templates/reminder.txt"),
        }
    }
}

/// What a template may say. What a mail is not about is null.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Said {
    /// The name of whoever gets the mail; the address while no name is known.
    pub recipient: String,
    pub organization: String,
    pub public_url: String,
    pub inviter: Option<String>,
    pub role: Option<String>,
    pub supplier: Option<String>,
    /// The page of the operator with the token behind `#`; null when no page is configured.
    pub link: Option<String>,
    pub token: String,
    pub expires_at: String,
    /// What is due, until when, whether that is over, and where it is found.
    pub title: Option<String>,
    pub due_at: Option<String>,
    pub is_overdue: bool,
    pub path: Option<String>,
}

impl Said {
    /// Names are given by people: none may begin a new line, which could pass for one of ours.
    fn on_one_line(mut self) -> Self {
        let texts = [&mut self.recipient, &mut self.organization].into_iter();
        let names = [&mut self.inviter, &mut self.role, &mut self.supplier].into_iter().flatten();
        for text in texts.chain(names) {
            *text = text.replace(char::is_control, " ");
        }
        self
    }

    fn example() -> Self {
        let some = |text: &str| Some(text.to_owned());
        let (inviter, role, supplier) = (some("Inviter"), some("role"), some("Supplier"));
        Self { inviter, role, supplier, link: some("link"), ..Self::default() }
    }
}

/// All templates, parsed.
#[derive(Clone, Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// Those that are part of the program.
    pub fn ours() -> Result<Self> {
        Self::read(None).map_err(|wrong| Error::internal(std::io::Error::other(wrong)))
    }

    /// Ours, replaced by those in the folder. The error names file and line.
    pub fn read(folder: Option<&Path>) -> std::result::Result<Self, String> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| error.to_string())?);
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(format!("{} is not a folder", folder.display()));
        }
        for letter in Letter::ALL {
            let source = match folder.map(|folder| std::fs::read_to_string(folder.join(letter.file()))) {
                None => letter.ours().to_owned(),
                Some(Ok(text)) => text,
                Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => letter.ours().to_owned(),
                Some(Err(error)) => return Err(format!("{} cannot be read: {error}", letter.file())),
            };
            environment.add_template_owned(letter.file(), source).map_err(|error| wrong(letter, &error))?;
        }
        let templates = Self(environment);
        for letter in Letter::ALL {
            templates.tried(letter)?;
        }
        Ok(templates)
    }

    /// With and without what a mail may lack.
    fn tried(&self, letter: Letter) -> std::result::Result<(), String> {
        for said in [Said::example(), Said::default()] {
            let text = self.text(letter, said).map_err(|error| wrong(letter, &error))?;
            if subject_and_body(&text).is_none() {
                return Err(format!("{}, line 1: expected `Subject:` and a subject", letter.file()));
            }
        }
        Ok(())
    }

    fn text(&self, letter: Letter, said: Said) -> std::result::Result<String, minijinja::Error> {
        self.0.get_template(letter.file())?.render(Serde(said.on_one_line()))
    }

    /// Subject and body of a mail.
    pub fn write(&self, letter: Letter, said: Said) -> Result<(String, String)> {
        let text = self.text(letter, said).map_err(Error::internal)?;
        let parts = subject_and_body(&text).map(|(subject, body)| (subject.to_owned(), body.to_owned()));
        parts.ok_or_else(|| Error::internal(std::io::Error::other("a mail without a subject")))
    }
}

fn subject_and_body(text: &str) -> Option<(&str, &str)> {
    let (first, body) = text.split_once('\n')?;
    let subject = first.strip_prefix("Subject:")?.trim();
    (!subject.is_empty()).then_some((subject, body.trim_start()))
}

fn wrong(letter: Letter, error: &minijinja::Error) -> String {
    let line = error.line().map_or(String::new(), |line| format!(", line {line}"));
    let detail = error.detail().map_or(String::new(), |detail| format!(": {detail}"));
    format!("{}{line}: {}{detail}", letter.file(), error.kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(file: &str, text: &str) -> std::result::Result<Templates, String> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(file), text).expect("a file");
        Templates::read(Some(folder.path()))
    }

    #[test]
    fn a_template_that_is_wrong_is_named_with_its_line() {
        let refused = |text| with("invitation.txt", text).expect_err("refused");
        let open = refused("Subject: Hello\n\n{% if link %}\nnever closed\n");
        assert!(open.starts_with("invitation.txt, line "), "{open}");
        let unknown = refused("Subject: Hello\n\nDear {{ recipiant }}\n");
        assert!(unknown.starts_with("invitation.txt, line 3: undefined value"), "{unknown}");
        for text in ["Hello\nthere\n", "Subject:\n\nthere\n", "Subject: only\n"] {
            assert!(refused(text).starts_with("invitation.txt, line 1: expected `Subject:`"), "{text}");
        }
    }

    #[test]
    fn a_template_of_the_operator_replaces_one_of_ours_only() {
        let templates = with("invitation.txt", "Subject: Welcome {{ recipient }}\n\n{{ token }}\n").expect("right");
        let said = || Said { recipient: "Jo".to_owned(), token: "t".to_owned(), ..Said::default() };
        let written = templates.write(Letter::Invitation, said()).expect("a mail");
        assert_eq!(written, ("Welcome Jo".to_owned(), "t".to_owned()));
        let ours = templates.write(Letter::PasswordReset, said()).expect("a mail");
        assert!(ours.0.starts_with("Your password for"), "{ours:?}");
    }

    #[test]
    fn a_name_cannot_pass_for_a_line_of_the_mail() {
        let templates = Templates::ours().expect("ours are right");
        let inviter = Some("Jo\nBcc: all@example.com\r\n\r\nPay now".to_owned());
        let (_, text) = templates.write(Letter::Invitation, Said { inviter, ..Said::default() }).expect("a mail");
        assert!(text.contains("\nJo Bcc: all@example.com    Pay now invites you"), "{text}");
    }
}
