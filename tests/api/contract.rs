//! The published document: complete, correct, committed, and what the server does.

use crate::support::TestApp;
use accord::config::SETTINGS;
use accord::openapi::Published;
use accord::shared::error::Code;
use accord::shared::json;
use accord::{api, app, start};
use poem::http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// One operation of the 3.1 document.
pub struct Operation {
    pub id: String,
    pub method: Method,
    pub path: String,
    pub is: Value,
}

pub async fn document() -> Published {
    start::document().await.expect("the document")
}

pub fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().expect("paths");
    let each = paths.iter().flat_map(|(path, item)| {
        item.as_object().expect("a path").iter().map(move |(method, operation)| Operation {
            id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
            method: method.to_uppercase().parse().expect("a method"),
            path: path.clone(),
            is: operation.clone(),
        })
    });
    each.collect()
}

impl Operation {
    /// The path with the examples of its parameters.
    pub fn example_path(&self) -> String {
        let parameters = self.is["parameters"].as_array().into_iter().flatten();
        parameters.filter(|parameter| parameter["in"] == "path").fold(self.path.clone(), |path, parameter| {
            let name = parameter["name"].as_str().expect("a name");
            let example = parameter["example"].as_str().map_or_else(|| parameter["example"].to_string(), str::to_owned);
            path.replace(&format!("{{{name}}}"), &example)
        })
    }

    /// The query string of the parameters that must be given, with their examples.
    pub fn example_query(&self) -> String {
        let parameters = self.is["parameters"].as_array().into_iter().flatten();
        let needed = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
        let pairs: Vec<_> = needed
            .map(|parameter| {
                let part = |name: &str| parameter[name].as_str().expect("text").to_owned();
                format!("{}={}", part("name"), part("example"))
            })
            .collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// Media type and example of the body, if it takes one.
    pub fn example_body(&self) -> Option<(&str, Value)> {
        let (media_type, media) = self.is["requestBody"]["content"].as_object()?.iter().next()?;
        Some((media_type, media["example"].clone()))
    }
}

/// A body as it is sent: an example that is text is a file, anything else JSON.
pub fn bytes(body: &Value) -> Vec<u8> {
    body.as_str().map_or_else(|| body.to_string(), str::to_owned).into_bytes()
}

fn committed(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Calls `visit` on every object, with a pointer to it.
fn each_object(value: &Value, at: &str, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, item)| each_object(item, &format!("{at}/{place}"), visit));
        }
        Value::Object(object) => {
            visit(at, object);
            for (name, member) in object {
                each_object(member, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), visit);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn the_committed_documents_are_the_ones_that_are_served() {
    let contract = document().await;
    let cases = [
        ("openapi/openapi.json", contract.v31, "cargo run -- openapi > openapi/openapi.json"),
        ("openapi/openapi-3.0.json", contract.v30, "cargo run -- openapi --version 3.0 > openapi/openapi-3.0.json"),
    ];
    let app = TestApp::sqlite().await;
    for (file, generated, command) in cases {
        let pretty = serde_json::to_string_pretty(&generated).expect("JSON");
        let is_same = committed(file).trim_end() == pretty;
        assert!(
            is_same,
            "{file} is not what the source says. If the change is meant, run\n  {command}\nand add a line to openapi/CHANGES.md"
        );
        let served = app.nobody().get(file.trim_start_matches("openapi")).await.expect(200);
        assert_eq!(served.body, generated, "{file}");
    }
}

#[tokio::test]
async fn no_member_is_written_twice() {
    let app = app::without_data().await.expect("an application");
    json::parse_own(api::service(&app).spec().as_bytes()).expect("the generated text");
    for file in ["openapi/openapi.json", "openapi/openapi-3.0.json"] {
        json::parse_own(committed(file).as_bytes()).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

#[tokio::test]
async fn every_reference_resolves_and_no_media_type_has_parameters() {
    let contract = document().await;
    for document in [&contract.v31, &contract.v30] {
        let mut references = 0;
        each_object(document, "", &mut |at, object| {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                references += 1;
                let target = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                assert!(target.is_some(), "{at}: {reference} leads nowhere");
            }
            if at.ends_with("/content") {
                assert!(object.keys().all(|media_type| !media_type.contains(';')), "{at}: {:?}", object.keys());
            }
        });
        assert!(references > 100, "{references}");
    }
    let text = contract.v31.to_string();
    assert!(!text.contains("charset") && !text.contains("\"nullable\""), "no leftovers of 3.0");
}

#[tokio::test]
async fn every_operation_is_described_whole() {
    let contract = document().await;
    let operations = operations(&contract.v31);
    let ids: BTreeSet<_> = operations.iter().map(|operation| &operation.id).collect();
    assert_eq!(ids.len(), operations.len(), "operation ids are unique");
    let tags: Vec<_> = contract.v31["tags"].as_array().expect("tags").iter().map(|tag| &tag["name"]).collect();
    for Operation { id, is, path, .. } in &operations {
        assert!(id.starts_with(|first: char| first.is_ascii_lowercase()), "{path}: {id}");
        assert!(id.chars().all(|letter| letter.is_ascii_alphanumeric()), "{path}: {id}");
        let own = is["tags"].as_array().expect("tags");
        assert!(own.len() == 1 && tags.contains(&&own[0]), "{id}: one tag that the document lists");
        let summary = is["summary"].as_str().expect("a summary");
        assert!((1..=60).contains(&summary.chars().count()), "{id}: {summary}");
        assert!(!is["description"].as_str().unwrap_or_default().is_empty(), "{id} has no description");
        for status in ["429", "500", "503"] {
            assert!(is["responses"][status].is_object(), "{id} does not say what {status} is");
        }
        match is["x-required-permission"].as_str() {
            Some(permission) => {
                assert_eq!(is["security"], json!([{"bearerAuth": []}]), "{id}");
                assert!(is["responses"]["401"].is_object() && is["responses"]["403"].is_object(), "{id}");
                let named = format!("`{permission}`");
                assert!(is["description"].as_str().is_some_and(|text| text.contains(&named)), "{id} names {named}");
            }
            None if path.starts_with("/v1/public/") => assert_eq!(is["security"], json!([{"surveyLink": []}]), "{id}"),
            None => assert_eq!(is["security"], json!([]), "{id}: a permission, or explicitly none"),
        }
        let samples = is["x-codeSamples"].as_array().map_or(0, Vec::len);
        assert!(samples >= 3, "{id} has {samples} code samples");
        for parameter in is["parameters"].as_array().into_iter().flatten() {
            assert!(!parameter["description"].as_str().unwrap_or_default().is_empty(), "{id}: {parameter}");
        }
    }
}

#[tokio::test]
async fn every_member_of_every_schema_is_described() {
    let contract = document().await;
    let schemas = contract.v31["components"]["schemas"].as_object().expect("schemas");
    for (name, schema) in schemas {
        assert!(schema["description"].is_string(), "{name} has no description");
        for (member, is) in schema["properties"].as_object().into_iter().flatten() {
            let by_reference = is["$ref"].as_str().and_then(|pointer| contract.v31.pointer(&pointer[1..]));
            let described =
                is["description"].is_string() || by_reference.is_some_and(|is| is["description"].is_string());
            assert!(described, "{name}.{member} has no description");
        }
    }
}

/// What an example is checked by: its schema, with the components it refers to.
pub fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut root = schema.clone();
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["components"] = document["components"].clone();
    jsonschema::options().should_validate_formats(true).build(&root).expect("a schema")
}

#[tokio::test]
async fn every_body_has_an_example_that_fits_its_schema() {
    let document = document().await.v31;
    let (mut checked, mut wrong) = (0, Vec::new());
    let mut check = |at: &str, schema: &Value, example: &Value| {
        checked += 1;
        let errors = validator(&document, schema);
        wrong.extend(errors.iter_errors(example).map(|error| format!("{at}{}: {error}", error.instance_path())));
    };
    for Operation { id, is, .. } in operations(&document) {
        for parameter in is["parameters"].as_array().into_iter().flatten().filter(|given| given["required"] == true) {
            check(&format!("{id} {}", parameter["name"]), &parameter["schema"], &parameter["example"]);
        }
    }
    each_object(&document, "", &mut |at, object| {
        let is_message = at.ends_with("/requestBody") || at.contains("/responses/");
        for (media_type, media) in
            object.get("content").filter(|_| is_message).and_then(Value::as_object).into_iter().flatten()
        {
            let at = format!("{at} {media_type}");
            let several = media["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
            let examples: Vec<_> = media.get("example").into_iter().chain(several).collect();
            assert!(!examples.is_empty(), "{at} has no example");
            examples.into_iter().for_each(|example| check(&at, &media["schema"], example));
        }
    });
    assert!(checked > 100, "{checked}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_catalogue_of_codes_is_the_same_everywhere() {
    let app = TestApp::sqlite().await;
    let source: BTreeSet<String> = Code::ALL.iter().map(|code| code.name().to_owned()).collect();
    assert_eq!(source.len(), Code::ALL.len(), "every code once");
    let listed = app.nobody().get("/problems").await.expect(200);
    let listed: BTreeSet<_> =
        listed.body["data"].as_array().expect("a list").iter().map(|kind| text(&kind["code"])).collect();
    assert_eq!(listed, source, "/problems");
    let document = document().await.v31;
    let known = document["components"]["schemas"]["Problem"]["properties"]["code"]["x-extensible-enum"].as_array();
    assert_eq!(known.expect("codes").iter().map(text).collect::<BTreeSet<_>>(), source, "the schema of problems");
    let mut examples = BTreeSet::new();
    for (name, response) in document["components"]["responses"].as_object().expect("responses") {
        for (code, example) in
            response["content"]["application/problem+json"]["examples"].as_object().expect("examples")
        {
            assert_eq!(format!("Problem{}", example["value"]["status"]), *name);
            assert_eq!(example["value"]["code"], **code);
            examples.insert(code.clone());
        }
    }
    // No operation answers it: the methods it is about are not in the document.
    let outside: BTreeSet<_> = source.difference(&examples).map(String::as_str).collect();
    assert_eq!(outside, BTreeSet::from(["method_not_allowed"]));
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

#[tokio::test]
async fn an_unknown_query_parameter_is_refused_by_every_operation() {
    let app = TestApp::sqlite().await;
    let (owner, link) = (app.owner().await, app.token_of_link().await);
    let with_link = app.with_token(&link);
    for operation in operations(&document().await.v31) {
        let owner = if operation.path.starts_with("/v1/public/") { &with_link } else { &owner };
        let body = operation.example_body().map(|(media_type, body)| (media_type, bytes(&body)));
        let path = format!("{}?limit_=1", operation.example_path());
        let answer = owner.send_raw(operation.method.clone(), &path, body).await.refused(400, "unknown_parameter");
        assert_eq!(answer.body["errors"][0]["parameter"], "limit_");
        assert!(text(&answer.body["detail"]).contains(&operation.id), "{}", answer.text);
    }
}

/// Members that hold words by language.
const WORDINGS: [&str; 7] =
    ["/title", "/introduction", "/thanks", "/wording", "/expectation_wording", "/min_label", "/max_label"];

#[tokio::test]
async fn an_unknown_member_is_refused_in_every_object_of_every_body() {
    let app = TestApp::sqlite().await;
    let owner = app.owner().await;
    let (survey, supplier) = (owner.published_survey("csat5").await, owner.supplier("Acme").await);
    let link = owner.post("/v1/survey-links", json!({"survey_id": survey, "supplier_id": supplier})).await.expect(201);
    let customer = app.with_token(link.body["token"].as_str().expect("a token"));
    let mut tried = 0;
    for operation in operations(&document().await.v31) {
        let Some((media_type, example)) = operation.example_body() else {
            continue;
        };
        let caller = if operation.path.starts_with("/v1/public/") { &customer } else { &owner };
        let mut places = Vec::new();
        each_object(&example, "", &mut |at, _| places.push(at.to_owned()));
        // The filter of an export has the members of the list's query: what it does not know is 422.
        places.retain(|place| place != "/filter");
        // Words by language have no members of their own: a language too many is 422.
        places.retain(|place| !WORDINGS.iter().any(|name| place.ends_with(name)));
        for place in places {
            let mut body = example.clone();
            body.pointer_mut(&place).expect("it is there")["surprise"] = json!(1);
            let bytes = body.to_string().into_bytes();
            let path = operation.example_path();
            let sent = caller.send_raw(operation.method.clone(), &path, Some((media_type, bytes))).await;
            let answer = sent.refused(400, "validation_failed");
            let error = &answer.body["errors"][0];
            assert_eq!(error["code"], "unknown_member", "{}: {}", operation.id, answer.text);
            assert_eq!(error["pointer"], format!("#{place}/surprise"), "{}", operation.id);
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried}");
}

#[test]
fn the_readme_lists_every_setting_with_its_variable_and_default() {
    let readme = committed("README.md");
    let cells =
        |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
    let rows: Vec<Vec<String>> = readme.lines().filter(|line| line.starts_with("| `")).map(cells).collect();
    for setting in SETTINGS {
        let row = rows.iter().find(|row| row.get(1) == Some(&setting.variable()));
        let row = row.unwrap_or_else(|| panic!("README.md has no row for {}", setting.variable()));
        // An empty default may be said in words.
        let default = if setting.default.is_empty() { "" } else { &*row[2] };
        assert_eq!((&*row[0], default), (setting.key, setting.default), "{row:?}");
    }
    let unknown: Vec<_> = rows
        .iter()
        .filter_map(|row| row.get(1).filter(|name| name.starts_with("ACCORD_")))
        .filter(|name| SETTINGS.iter().all(|setting| setting.variable() != **name))
        .collect();
    assert!(unknown.is_empty(), "README.md lists settings that do not exist: {unknown:?}");
}
