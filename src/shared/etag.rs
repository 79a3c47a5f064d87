//! Entity tags: the quoted `revision` of a row. `If-Match` protects against lost updates,
//! `If-None-Match` saves a transfer (RFC 9110, section 13).

use crate::shared::error::{Code, Error, Result};
use crate::shared::header::{self, Header};
use poem::Request;
use poem_openapi::registry::MetaSchema;

const LONGEST: usize = 400;

pub fn etag(revision: i64) -> String {
    format!("\"{revision}\"")
}

/// The `If-Match` of a change. Without it the change is made on whatever is there.
#[derive(Clone)]
pub struct IfMatch(Option<String>);

/// The `If-Match` of a change that is never made on whatever is there: without it, and with `*`, it is 428.
#[derive(Clone)]
pub struct MustMatch(IfMatch);

/// The `If-None-Match` of a read.
pub struct IfNoneMatch(Option<String>);

impl IfMatch {
    /// For what is changed along with something else.
    pub fn ignored() -> Self {
        Self(None)
    }

    /// Refuses when the row is not at a revision the caller named. Weak tags never match.
    pub fn check(&self, revision: i64) -> Result<()> {
        match &self.0 {
            Some(tags) if !listed(tags, &etag(revision), false) => Err(Error::new(
                Code::EtagMismatch,
                format!("It is at revision {revision} now. Read it again and repeat the change."),
            )
            .header("ETag", etag(revision))),
            _ => Ok(()),
        }
    }
}

impl MustMatch {
    pub fn check(&self, revision: i64) -> Result<()> {
        self.0.check(revision)
    }
}

impl IfNoneMatch {
    /// For what changes without a new revision.
    pub fn ignored() -> Self {
        Self(None)
    }

    pub fn matches(&self, revision: i64) -> bool {
        self.matches_tag(&etag(revision))
    }

    /// The same for a tag that is no revision, with its quotes.
    pub fn matches_tag(&self, current: &str) -> bool {
        self.0.as_ref().is_some_and(|tags| listed(tags, current, true))
    }
}

fn listed(tags: &str, current: &str, weak: bool) -> bool {
    tags.split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag == current || (weak && tag.strip_prefix("W/").is_some_and(|tag| tag == current)))
}

/// The header's value, if it was sent. What is not text stands for a tag that matches nothing.
fn tags(request: &Request, header: &str) -> Result<Option<String>> {
    let given = request.headers().get_all(header).iter();
    let tags: Vec<_> = given.map(|value| value.to_str().unwrap_or("?")).collect();
    let tags = tags.join(",");
    match tags.len() > LONGEST {
        true => Err(header::too_long(header, LONGEST)),
        false => Ok(request.headers().contains_key(header).then_some(tags)),
    }
}

fn list_of_tags() -> MetaSchema {
    MetaSchema { max_length: Some(LONGEST), ..MetaSchema::new("string") }
}

impl Header for IfMatch {
    fn schema() -> MetaSchema {
        list_of_tags()
    }

    fn read(request: &Request) -> Result<Self> {
        Ok(Self(tags(request, "If-Match")?))
    }
}

impl Header for IfNoneMatch {
    fn schema() -> MetaSchema {
        list_of_tags()
    }

    fn read(request: &Request) -> Result<Self> {
        Ok(Self(tags(request, "If-None-Match")?))
    }
}

impl Header for MustMatch {
    fn schema() -> MetaSchema {
        list_of_tags()
    }

    /// Refuses when the header was not sent, or names any revision.
    fn read(request: &Request) -> Result<Self> {
        let IfMatch(tags) = IfMatch::read(request)?;
        match tags.filter(|tags| tags.split(',').all(|tag| tag.trim() != "*")) {
            Some(tags) => Ok(Self(IfMatch(Some(tags)))),
            None => {
                let detail =
                    "Send If-Match with the ETag of what you read: somebody else may be writing, too.".to_owned();
                Err(header::refused(Code::PreconditionRequired, "If-Match", "required", detail))
            }
        }
    }
}

header::parameter!(IfMatch);
header::parameter!(IfNoneMatch);
header::parameter!(MustMatch);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_stars_match_but_weak_tags_never_protect_a_change() {
        let if_match = |tags: &str| IfMatch(Some(tags.to_owned())).check(8).is_ok();
        assert!(if_match("\"8\"") && if_match("*") && if_match("\"7\", \"8\""));
        assert!(!if_match("\"7\"") && !if_match("W/\"8\"") && !if_match("8"));
        assert!(IfNoneMatch(Some("W/\"8\"".to_owned())).matches(8));
    }
}
