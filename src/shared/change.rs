//! Members of a JSON Merge Patch (RFC 7396). A plain `Option` could not tell "leave it" from
//! "clear it": `Change` is for what may not be null, `NullableChange` for what may.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use sea_orm::sea_query::Nullable;
use sea_orm::{ActiveValue, IntoActiveValue, Value};
use std::borrow::Cow;

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Change<T> {
    #[default]
    Keep,
    Set(T),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum NullableChange<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Change<T> {
    pub fn is_kept(&self) -> bool {
        matches!(self, Change::Keep)
    }

    /// What the patch asks for, if it speaks of this member.
    pub fn wanted(&self) -> Option<&T> {
        match self {
            Change::Keep => None,
            Change::Set(value) => Some(value),
        }
    }
}

impl<T: Clone> Change<T> {
    /// Puts what is wanted where the member stands.
    pub fn apply(&self, member: &mut T) {
        if let Change::Set(value) = self {
            *member = value.clone();
        }
    }
}

impl<T> NullableChange<T> {
    pub fn is_kept(&self) -> bool {
        matches!(self, NullableChange::Keep)
    }

    /// The value the patch sets, if it sets one.
    pub fn wanted(&self) -> Option<&T> {
        match self {
            NullableChange::Set(value) => Some(value),
            _ => None,
        }
    }
}

impl<T: Clone> NullableChange<T> {
    /// Puts what is wanted where the member stands, or empties it.
    pub fn apply(&self, member: &mut Option<T>) {
        match self {
            NullableChange::Keep => {}
            NullableChange::Clear => *member = None,
            NullableChange::Set(value) => *member = Some(value.clone()),
        }
    }
}

macro_rules! patch_member {
    ($name:ident, $nullable:literal) => {
        impl<T: Type> Type for $name<T> {
            const IS_REQUIRED: bool = false;
            type RawValueType = T::RawValueType;
            type RawElementValueType = T::RawElementValueType;

            fn name() -> Cow<'static, str> {
                T::name()
            }

            fn schema_ref() -> MetaSchemaRef {
                let schema = T::schema_ref();
                match $nullable {
                    true => schema.merge(MetaSchema { nullable: true, ..MetaSchema::ANY }),
                    false => schema,
                }
            }

            fn register(registry: &mut Registry) {
                T::register(registry);
            }

            fn as_raw_value(&self) -> Option<&Self::RawValueType> {
                self.wanted().and_then(T::as_raw_value)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
                match self.wanted() {
                    Some(value) => value.raw_element_iter(),
                    None => Box::new(std::iter::empty()),
                }
            }
        }

        impl<T: ToJSON> ToJSON for $name<T> {
            fn to_json(&self) -> Option<serde_json::Value> {
                self.wanted().and_then(T::to_json)
            }
        }
    };
}

patch_member!(Change, false);
patch_member!(NullableChange, true);

impl<T: ParseFromJSON> ParseFromJSON for Change<T> {
    fn parse_from_json(value: Option<serde_json::Value>) -> ParseResult<Self> {
        match value {
            None => Ok(Self::Keep),
            given => T::parse_from_json(given).map(Self::Set).map_err(ParseError::propagate),
        }
    }
}

impl<T: ParseFromJSON> ParseFromJSON for NullableChange<T> {
    fn parse_from_json(value: Option<serde_json::Value>) -> ParseResult<Self> {
        match value {
            None => Ok(Self::Keep),
            Some(serde_json::Value::Null) => Ok(Self::Clear),
            given => T::parse_from_json(given).map(Self::Set).map_err(ParseError::propagate),
        }
    }
}

impl<T: Into<Value>> IntoActiveValue<T> for Change<T> {
    fn into_active_value(self) -> ActiveValue<T> {
        match self {
            Self::Keep => ActiveValue::NotSet,
            Self::Set(value) => ActiveValue::Set(value),
        }
    }
}

impl<T: Into<Value> + Nullable> IntoActiveValue<Option<T>> for NullableChange<T> {
    fn into_active_value(self) -> ActiveValue<Option<T>> {
        match self {
            Self::Keep => ActiveValue::NotSet,
            Self::Clear => ActiveValue::Set(None),
            Self::Set(value) => ActiveValue::Set(Some(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_applied_where_it_says_something() {
        let mut name = "a";
        Change::Keep.apply(&mut name);
        assert_eq!(name, "a");
        Change::Set("b").apply(&mut name);
        assert_eq!(name, "b");
        let mut note = Some("a");
        NullableChange::Keep.apply(&mut note);
        assert_eq!(note, Some("a"));
        NullableChange::Set("b").apply(&mut note);
        assert_eq!(note, Some("b"));
        NullableChange::Clear.apply(&mut note);
        assert_eq!(note, None);
    }
}
