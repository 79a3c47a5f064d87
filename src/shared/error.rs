//! The one error type of Accord, from `rules` to `api`, and the catalogue of its codes.
//!
//! `detail` is for the caller; `cause` is only logged. Every error leaves as
//! `application/problem+json` (RFC 9457); `shell::problem` writes it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident $code:literal $status:literal $retry:literal $title:literal)*) => {
        /// A stable, documented reason for a refusal.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code { $(#[serde(rename = $code)] $variant),* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            pub fn name(self) -> &'static str { match self { $(Code::$variant => $code),* } }
            pub fn status(self) -> u16 { match self { $(Code::$variant => $status),* } }
            pub fn title(self) -> &'static str { match self { $(Code::$variant => $title),* } }
            /// Whether, and how, the same request may be sent again.
            pub fn retry(self) -> &'static str { match self { $(Code::$variant => $retry),* } }
        }
    };
}

codes! {
    MalformedJson         "malformed_json"          400 "no" "The body is not valid JSON"
    ValidationFailed      "validation_failed"       400 "no" "The request does not match the API description"
    InvalidParameter      "invalid_parameter"       400 "no" "A parameter has an invalid value"
    UnknownParameter      "unknown_parameter"       400 "no" "Unknown parameter"
    InvalidCursor         "invalid_cursor"          400 "restart the list" "The cursor cannot be used here"
    InvalidIdempotencyKey "invalid_idempotency_key" 400 "no" "The idempotency key is not valid"
    MissingCredentials    "missing_credentials"     401 "with credentials" "Sign-in needed"
    InvalidToken          "invalid_token"           401 "after signing in" "The token is not valid"
    TokenExpired          "token_expired"           401 "after signing in" "The token has expired"
    SessionRevoked        "session_revoked"         401 "after signing in" "The session has ended"
    InvalidApiKey         "invalid_api_key"         401 "no" "The API key is not valid"
    ApiKeyExpired         "api_key_expired"         401 "with another key" "The API key has expired"
    RefreshTokenReused    "refresh_token_reused"    401 "after signing in" "The session has ended"
    RefreshTokenExpired   "refresh_token_expired"   401 "after signing in" "The session is over"
    InvalidCredentials    "invalid_credentials"     401 "no" "Sign-in failed"
    Forbidden             "forbidden"               403 "no" "Not allowed"
    InsufficientScope     "insufficient_scope"      403 "no" "The API key has not the scope"
    IpNotAllowed          "ip_not_allowed"          403 "no" "Not allowed from this address"
    PasswordChangeRequired "password_change_required" 403 "after changing the password" "The password must be changed first"
    NotFound              "not_found"               404 "no" "Not found"
    RouteNotFound         "route_not_found"         404 "no" "No such path"
    MethodNotAllowed      "method_not_allowed"      405 "no" "Method not allowed"
    AlreadyExists         "already_exists"          409 "no" "It exists already"
    InvalidState          "invalid_state"           409 "after a change" "Not possible in this state"
    InUse                 "in_use"                  409 "after a change" "Something else still depends on it"
    QuotaExceeded         "quota_exceeded"          409 "after a change" "There is no room for it"
    LastOwner             "last_owner"              409 "after a change" "Somebody must stay owner"
    Conflict              "conflict"                409 "yes" "Somebody else changed it at the same time"
    IdempotencyInProgress "idempotency_in_progress" 409 "yes" "The same request is still being answered"
    InvitationExpired     "invitation_expired"      410 "no" "The invitation is over"
    LinkExpired           "link_expired"            410 "no" "The link is over"
    LinkUsedUp            "link_used_up"            410 "no" "The link was used"
    Gone                  "gone"                    410 "no" "It was taken back"
    EtagMismatch          "etag_mismatch"           412 "after reading it again" "It has been changed since you read it"
    PreconditionRequired  "precondition_required"   428 "with If-Match" "Say which revision you read"
    PayloadTooLarge       "payload_too_large"       413 "no" "The body is too large"
    UriTooLong            "uri_too_long"            414 "no" "The address is too long"
    UnsupportedMediaType  "unsupported_media_type"  415 "no" "Unsupported media type"
    RangeNotSatisfiable   "range_not_satisfiable"   416 "with another range" "There are no such bytes"
    FileTypeNotAllowed    "file_type_not_allowed"   422 "no" "Files of this type are not taken"
    FileDigestMismatch    "file_digest_mismatch"    422 "yes" "The file is not the one that was announced"
    FileInfected          "file_infected"           422 "no" "The scanner found something in the file"
    MissingAnswers        "missing_answers"         422 "no" "Something has to be answered"
    RuleViolated          "rule_violated"           422 "no" "A rule is not met"
    InvalidReference      "invalid_reference"       422 "no" "Something referred to does not exist"
    DateOrder             "date_order"              422 "no" "The dates are in the wrong order"
    WeightsSum            "weights_sum"             422 "no" "The weights do not add up"
    FourEyes              "four_eyes"               422 "by somebody else" "It takes another person"
    WeakPassword          "weak_password"           422 "no" "The password is easily guessed"
    IdempotencyKeyReused  "idempotency_key_reused"  422 "with a new key" "The idempotency key was used for another request"
    RateLimited           "rate_limited"            429 "yes" "Too many requests"
    InternalError         "internal_error"          500 "yes, with the same idempotency key" "Something went wrong on our side"
    DatabaseBusy          "database_busy"           503 "yes" "The database is busy"
    RequestTimeout        "request_timeout"         503 "yes, with the same idempotency key" "The request took too long"
    Overloaded            "overloaded"              503 "yes" "Too much to do at the moment"
}

/// What is wrong with one member, parameter or header. Exactly one of the three is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldError {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parameter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub header: Option<String>,
    pub code: String,
    pub detail: String,
}

#[derive(Clone, Debug)]
pub struct Error(Box<Refusal>);

/// The parts of an error. Those that are serialised are kept with an idempotency key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refusal {
    pub code: Code,
    pub detail: String,
    pub fields: Vec<FieldError>,
    /// Further members of the problem document: `existing_id`, `current_status`, `allowed`, ...
    pub extra: Map<String, Value>,
    /// Headers of the answer: `ETag`, `Retry-After`, `Allow`.
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    pub replayed: bool,
    #[serde(skip)]
    pub cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl std::ops::Deref for Error {
    type Target = Refusal;
    fn deref(&self) -> &Refusal {
        &self.0
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self(Box::new(refusal))
    }
}

impl Error {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let (fields, extra, headers) = Default::default();
        Refusal { code, detail: detail.into(), fields, extra, headers, replayed: false, cause: None }.into()
    }

    /// Unknown, malformed or invisible: all three answer the same.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is nothing here that you can see.")
    }

    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        let mut error = Self::new(Code::InternalError, "The request was not carried out. Nothing was changed.");
        error.0.cause = Some(Arc::new(cause));
        error
    }

    /// A business rule is broken by the member at `pointer` (`/address/country`).
    pub fn rule(code: Code, pointer: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let field = FieldError {
            pointer: Some(format!("#{pointer}")),
            code: code.name().to_owned(),
            detail: detail.clone(),
            ..FieldError::default()
        };
        Self::new(code, detail).fields(vec![field])
    }

    /// The same for the query parameter `parameter`.
    pub fn query(code: Code, parameter: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let field = FieldError {
            parameter: Some(parameter.to_owned()),
            code: code.name().to_owned(),
            detail: detail.clone(),
            ..FieldError::default()
        };
        Self::new(code, detail).fields(vec![field])
    }

    pub fn fields(mut self, fields: Vec<FieldError>) -> Self {
        self.0.fields = fields;
        self
    }

    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.extra.insert(member.to_owned(), value.into());
        self
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn retry_after(self, seconds: u64) -> Self {
        self.header("Retry-After", seconds.to_string())
    }

    pub fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)
    }
}

impl std::error::Error for Error {}

impl poem::error::ResponseError for Error {
    fn status(&self) -> poem::http::StatusCode {
        poem::http::StatusCode::from_u16(self.code.status()).expect("statuses of the catalogue are valid")
    }
}

/// Every operation may answer with the problems of the catalogue; the completed document says
/// which, so nothing is registered here.
impl poem_openapi::ApiResponse for Error {
    fn meta() -> poem_openapi::registry::MetaResponses {
        poem_openapi::registry::MetaResponses { responses: Vec::new() }
    }

    fn register(_: &mut poem_openapi::registry::Registry) {}
}
