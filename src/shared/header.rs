//! Optional header parameters of operations: what poem-openapi asks of each of them, said once.

use crate::shared::error::{Code, Error, FieldError, Result};
use poem::Request;
use poem_openapi::registry::MetaSchema;

/// A parameter that is read from a header. Its name is that of the handler's argument (`openapi/repair.rs`).
pub trait Header: Sized {
    /// What the document says of its value.
    fn schema() -> MetaSchema;
    fn read(request: &Request) -> Result<Self>;
}

/// Makes the type an argument of handlers.
macro_rules! parameter {
    ($type:ty) => {
        impl<'a> poem_openapi::ApiExtractor<'a> for $type {
            const TYPES: &'static [poem_openapi::ApiExtractorType] = &[poem_openapi::ApiExtractorType::Parameter];
            type ParamType = String;
            type ParamRawType = String;

            fn param_in() -> Option<poem_openapi::registry::MetaParamIn> {
                Some(poem_openapi::registry::MetaParamIn::Header)
            }

            fn param_schema_ref() -> Option<poem_openapi::registry::MetaSchemaRef> {
                let schema = <$type as $crate::shared::header::Header>::schema();
                Some(poem_openapi::registry::MetaSchemaRef::Inline(Box::new(schema)))
            }

            async fn from_request(
                request: &'a poem::Request,
                _: &mut poem::RequestBody,
                _: poem_openapi::ExtractParamOptions<String>,
            ) -> poem::Result<Self> {
                Ok(<$type as $crate::shared::header::Header>::read(request)?)
            }
        }
    };
}
pub(crate) use parameter;

/// The refusal of a header, which names it.
pub fn refused(refusal: Code, header: &str, code: &str, detail: String) -> Error {
    let (header, code) = (Some(header.to_owned()), code.to_owned());
    let field = FieldError { header, code, detail: detail.clone(), ..FieldError::default() };
    Error::new(refusal, detail).fields(vec![field])
}

pub fn too_long(header: &str, longest: usize) -> Error {
    refused(Code::InvalidParameter, header, "too_long", format!("{header} holds at most {longest} characters."))
}
