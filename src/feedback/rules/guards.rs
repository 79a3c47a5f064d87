//! Whether an answer may come from people of the supplier that it is about.

use super::super::types::Contact;
use std::collections::HashSet;

/// Providers whose addresses say nothing about who somebody works for.
const PUBLIC: [&str; 24] = [
    "aol.com",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "zoho.com",
];

/// How a supplier's people are known: addresses of people and accounts, the domains of these, telephone numbers.
#[derive(Clone, Debug, Default)]
pub struct OwnPeople {
    emails: HashSet<String>,
    domains: HashSet<String>,
    phones: HashSet<String>,
}

impl OwnPeople {
    pub fn add_email(&mut self, email: &str) {
        let email = email.to_lowercase();
        let domain = domain(&email).filter(|domain| !PUBLIC.contains(&domain.as_str()));
        self.domains.extend(domain);
        self.emails.insert(email);
    }

    pub fn add_phone(&mut self, phone: &str) {
        self.phones.insert(phone.to_owned());
    }

    /// Whether somebody who can be reached so is one of them.
    pub fn include(&self, contact: &Contact) -> bool {
        let email = contact.email.as_ref().map(|email| email.to_lowercase());
        let is_known = email.as_ref().is_some_and(|email| {
            self.emails.contains(email) || domain(email).is_some_and(|domain| self.domains.contains(&domain))
        });
        is_known || contact.phone.as_ref().is_some_and(|phone| self.phones.contains(&**phone))
    }
}

fn domain(email: &str) -> Option<String> {
    Some(email.rsplit_once('@')?.1.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::types::ParseFromJSON;
    use serde_json::json;

    fn contact(email: &str, phone: Option<&str>) -> Contact {
        Contact::parse_from_json(Some(json!({"email": email, "phone": phone}))).expect("a contact")
    }

    #[test]
    fn own_people_are_known_by_address_domain_and_number() {
        let mut own = OwnPeople::default();
        own.add_email("Jo@Works.example");
        own.add_email("sam@gmail.com");
        own.add_phone("+493012345678");
        for (email, phone, is_own) in [
            ("jo@works.example", None, true),
            ("ANNE@WORKS.EXAMPLE", None, true),
            ("sam@gmail.com", None, true),
            ("other@gmail.com", None, false),
            ("jo@notworks.example", None, false),
            ("jo@sub.works.example", None, false),
            ("c@customer.example", Some("+493012345678"), true),
            ("c@customer.example", Some("+493012345679"), false),
        ] {
            assert_eq!(own.include(&contact(email, phone)), is_own, "{email} {phone:?}");
        }
        assert!(!own.include(&Contact::default()));
    }
}
