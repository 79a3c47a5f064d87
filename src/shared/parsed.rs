//! Short strings with one accepted form: the pattern, or the list of words, stands in the published
//! document, which checks it before a handler runs.

#[macro_export]
macro_rules! parsed {
    ($(#[$meta:meta])* $name:ident, pattern: $pattern:literal, at_most: $max:literal) => {
        $crate::parsed! {
            $(#[$meta])* $name,
            schema: poem_openapi::registry::MetaSchema {
                pattern: Some($pattern.to_owned()),
                max_length: Some($max),
                ..poem_openapi::registry::MetaSchema::new("string")
            }
        }
    };
    ($(#[$meta:meta])* $name:ident, one_of: $words:expr) => {
        $crate::parsed! {
            $(#[$meta])* $name,
            schema: poem_openapi::registry::MetaSchema {
                enum_items: $words.iter().map(|word| serde_json::Value::from(*word)).collect(),
                ..poem_openapi::registry::MetaSchema::new("string")
            }
        }
    };
    ($(#[$meta:meta])* $name:ident, schema: $schema:expr) => {
        $(#[$meta])*
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, sea_orm::DeriveValueType,
        )]
        #[serde(transparent)]
        pub struct $name(String);

        impl std::ops::Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl poem_openapi::types::Type for $name {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                concat!("string_", stringify!($name)).into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                poem_openapi::registry::MetaSchemaRef::Inline(Box::new($schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl poem_openapi::types::ParseFromJSON for $name {
            fn parse_from_json(
                value: Option<serde_json::Value>,
            ) -> poem_openapi::types::ParseResult<Self> {
                match value {
                    Some(serde_json::Value::String(text)) => Ok(Self(text)),
                    other => Err(poem_openapi::types::ParseError::expected_type(other.unwrap_or_default())),
                }
            }
        }

        impl poem_openapi::types::ToJSON for $name {
            fn to_json(&self) -> Option<serde_json::Value> {
                Some(self.0.clone().into())
            }
        }
    };
}
