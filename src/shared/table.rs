//! JSON objects as rows of a table. The columns follow from a schema of the published document:
//! nested members are dotted (`address.city`), lists of plain values are separated by `;`, whatever
//! else is nested stands as JSON in its cell; of an object whose members may have any name, each may also have a
//! column of its own on the way in (`values.speed`). Cells that a spreadsheet would take for a formula get a
//! leading `'`, and lose it on the way in.

use crate::shared::contract::Contract;
use crate::shared::{json, text};
use serde_json::{Map, Value};

const DEEPEST: usize = 4;
/// What spreadsheets take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// `address.city`
    pub name: String,
    path: Vec<String>,
    kind: Kind,
    /// What its members are, when they may have any name.
    each: Option<Kind>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    List(Box<Kind>),
    Json,
}

/// The columns of a component, in the order of its members.
pub fn columns(contract: &Contract, schema: &str) -> Vec<Column> {
    let mut found = Vec::new();
    let root = contract.component(schema).cloned().unwrap_or_default();
    walk(contract, &root, &mut Vec::new(), &mut found);
    found
}

fn walk(contract: &Contract, schema: &Value, path: &mut Vec<String>, found: &mut Vec<Column>) {
    let schema = resolved(contract, schema);
    let members = schema["properties"].as_object().filter(|members| !members.is_empty());
    match members.filter(|_| path.len() < DEEPEST) {
        Some(members) => {
            for (name, member) in members {
                path.push(name.clone());
                walk(contract, member, path, found);
                path.pop();
            }
        }
        None => {
            let members = Some(&schema["additionalProperties"]).filter(|members| members.is_object());
            let each = members.map(|members| kind(contract, resolved(contract, members)));
            found.push(Column { name: path.join("."), path: path.clone(), kind: kind(contract, schema), each });
        }
    }
}

/// The schema behind a reference, and behind `anyOf: [X, null]`.
fn resolved<'a>(contract: &'a Contract, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    loop {
        let target = schema["$ref"].as_str().and_then(|at| contract.component(at.rsplit('/').next()?));
        schema = match target.or_else(|| schema["anyOf"].get(0)) {
            Some(inner) => inner,
            None => return schema,
        };
    }
}

fn kind(contract: &Contract, schema: &Value) -> Kind {
    let name = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match name {
        Some("string") => Kind::Text,
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Boolean,
        Some("array") => match kind(contract, resolved(contract, &schema["items"])) {
            Kind::Json | Kind::List(_) => Kind::Json,
            plain => Kind::List(Box::new(plain)),
        },
        _ => Kind::Json,
    }
}

impl Column {
    /// The column of one of its members, whose name may be any.
    pub fn member(&self, name: &str) -> Option<Self> {
        let member = name.strip_prefix(&self.name)?.strip_prefix('.').filter(|member| !member.is_empty())?;
        let path = self.path.iter().cloned().chain([member.to_owned()]).collect();
        Some(Self { name: name.to_owned(), path, kind: self.each.clone()?, each: None })
    }

    /// Puts a cell where it belongs; an empty one stands for a member that is not given.
    pub fn put(&self, cell: &str, object: &mut Map<String, Value>) {
        if cell.is_empty() {
            return;
        }
        let (last, above) = self.path.split_last().expect("a column has a name");
        let mut object = object;
        for name in above {
            let inner = object.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
            match inner.as_object_mut() {
                Some(inner) => object = inner,
                None => return,
            }
        }
        object.insert(last.clone(), self.kind.read(bare(cell)));
    }

    /// The cell of an object in this column.
    pub fn cell(&self, object: &Value) -> String {
        let value = self.path.iter().fold(object, |value, name| &value[name]);
        match value {
            Value::Null => String::new(),
            Value::String(text) => guarded(text.clone()),
            Value::Array(items) if matches!(self.kind, Kind::List(_)) => guarded(list(items)),
            plain => plain.to_string(),
        }
    }
}

impl Kind {
    /// What does not read as its kind stays text: the schema then says what is wrong.
    fn read(&self, cell: &str) -> Value {
        let read = match self {
            Self::Text => None,
            Self::Integer => cell.parse::<i64>().ok().map(Value::from),
            Self::Number => json::parse(cell.as_bytes()).ok().filter(Value::is_number),
            Self::Boolean => cell.parse::<bool>().ok().map(Value::from),
            Self::List(_) if cell.starts_with('[') => json::parse(cell.as_bytes()).ok(),
            Self::List(item) => Some(cell.split(';').map(|part| item.read(part.trim())).collect()),
            Self::Json => json::parse(cell.as_bytes()).ok(),
        };
        read.unwrap_or_else(|| match cell.is_ascii() {
            true => cell.into(),
            false => text::normal(cell).into(),
        })
    }
}

fn list(items: &[Value]) -> String {
    let plain: Vec<_> =
        items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
    let is_clear = |item: &String| !item.is_empty() && !item.contains(';') && item.trim() == item;
    match plain.iter().all(is_clear) && !plain.first().is_some_and(|first| first.starts_with('[')) {
        true => plain.join(";"),
        false => Value::from(items).to_string(),
    }
}

fn looks_like_a_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

fn guarded(text: String) -> String {
    if looks_like_a_formula(&text) { format!("'{text}") } else { text }
}

fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if looks_like_a_formula(rest) => rest,
        _ => cell,
    }
}

/// One line of CSV (RFC 4180).
pub fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let quoted =
        |cell: &str| match cell.contains(['"', ',', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.to_owned(),
        };
    let mut line = cells.map(quoted).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn column(kind: Kind) -> Column {
        Column { name: "a.b".to_owned(), path: vec!["a".to_owned(), "b".to_owned()], kind, each: None }
    }

    fn there_and_back(kind: Kind, value: &Value) -> Value {
        let column = column(kind);
        let mut object = Map::new();
        column.put(&column.cell(&json!({"a": {"b": value}})), &mut object);
        Value::Object(object)["a"]["b"].clone()
    }

    #[test]
    fn a_formula_is_disarmed() {
        for formula in ["=1+1", "+49301", "-1", "@x", "\tx", "\rx", "'=1", "''=1"] {
            let cell = column(Kind::Text).cell(&json!({"a": {"b": formula}}));
            assert!(cell.starts_with('\'') && cell.ends_with(formula), "{cell}");
        }
        assert_eq!(column(Kind::Number).cell(&json!({"a": {"b": -1.5}})), "-1.5");
    }

    #[test]
    fn what_does_not_read_as_its_kind_stays_text() {
        assert_eq!(Kind::Integer.read("x1"), json!("x1"));
        assert_eq!(Kind::Number.read("NaN"), json!("NaN"));
        assert_eq!(Kind::Boolean.read("yes"), json!("yes"));
        assert_eq!(Kind::List(Box::new(Kind::Text)).read("a; b"), json!(["a", "b"]));
    }

    #[test]
    fn a_cell_with_quotes_commas_or_line_breaks_is_quoted() {
        assert_eq!(line(["a", "b,c", "d\"e", "f\ng"].into_iter()), "a,\"b,c\",\"d\"\"e\",\"f\ng\"\r\n");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[ -~\t\r\n']{1,12}") {
            prop_assert_eq!(there_and_back(Kind::Text, &json!(text)), json!(text));
        }

        #[test]
        fn every_list_comes_back(items in proptest::collection::vec("[ -~]{0,6}", 1..4)) {
            let list = Kind::List(Box::new(Kind::Text));
            prop_assert_eq!(there_and_back(list, &json!(items)), json!(items));
        }
    }
}
