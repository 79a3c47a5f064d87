//! Typed ids: a `SupplierId` cannot be passed where a `PersonId` is meant. All are UUIDv7, shown
//! as plain lower-case UUIDs; anything else in a path is a 404.

/// The form ids have in the API. Rust's own parser also takes URN and braced forms.
pub const UUID_PATTERN: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, sea_orm::DeriveValueType,
        )]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            pub fn new(clock: &$crate::shared::clock::Clock) -> Self {
                Self(clock.uuid())
            }
        }

        /// sea-orm asks this of every primary key; ids are never numbers here.
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl poem_openapi::types::Type for $name {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                "string_uuid".into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                poem_openapi::registry::MetaSchemaRef::Inline(Box::new(
                    poem_openapi::registry::MetaSchema {
                        pattern: Some($crate::shared::id::UUID_PATTERN.to_owned()),
                        ..poem_openapi::registry::MetaSchema::new_with_format("string", "uuid")
                    },
                ))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl poem_openapi::types::ParseFromParameter for $name {
            fn parse_from_parameter(text: &str) -> poem_openapi::types::ParseResult<Self> {
                $crate::shared::id::parse(text)
                    .map(Self)
                    .ok_or_else(|| poem_openapi::types::ParseError::custom("not an id"))
            }
        }

        impl poem_openapi::types::ParseFromJSON for $name {
            fn parse_from_json(
                value: Option<serde_json::Value>,
            ) -> poem_openapi::types::ParseResult<Self> {
                let value = value.unwrap_or_default();
                match value.as_str() {
                    Some(text) => poem_openapi::types::ParseFromParameter::parse_from_parameter(text),
                    None => Err(poem_openapi::types::ParseError::expected_type(value)),
                }
            }
        }

        impl poem_openapi::types::ToJSON for $name {
            fn to_json(&self) -> Option<serde_json::Value> {
                Some(self.0.to_string().into())
            }
        }
    };
}

/// The UUID in its one accepted form: 36 characters, hyphenated, lower case.
pub fn parse(text: &str) -> Option<uuid::Uuid> {
    let plain = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    plain.then(|| uuid::Uuid::try_parse(text).ok()).flatten()
}

id!(
    /// A supplier. It stands here because every caller's scope is about suppliers.
    SupplierId
);
id!(
    /// A person who can sign in.
    AccountId
);
id!(
    /// A person who works for a supplier.
    PersonId
);
id!(
    /// A calendar of working hours.
    CalendarId
);
id!(
    /// An agreement with a supplier.
    AgreementId
);
id!(
    /// A clause of an agreement; the same through all its versions.
    ExpectationId
);
id!(
    /// A promise.
    PromiseId
);
id!(
    /// One occasion on which a promise was made.
    CommitmentId
);
id!(
    /// An import.
    ImportId
);
id!(
    /// An export.
    ExportId
);
id!(
    /// A file that was uploaded.
    FileId
);
id!(
    /// A survey.
    SurveyId
);
id!(
    /// A link under which a survey is answered.
    SurveyLinkId
);
id!(
    /// One answer to a survey.
    FeedbackId
);
id!(
    /// A questionnaire.
    QuestionnaireId
);
id!(
    /// A self-assessment of a supplier.
    AssessmentId
);
id!(
    /// An agreed improvement.
    ActionId
);
id!(
    /// A review of an agreement.
    ReviewId
);
id!(
    /// An early warning.
    EarlyWarningId
);
