//! An example for every body and every required parameter, made from the schemas: a value per member
//! name where one reads better, otherwise the simplest value that fits. A test checks each
//! example against its schema.

mod assessment;
mod questionnaire;
mod review;

use super::{each_operation, target};
use serde_json::{Map, Value, json};

/// Values by member name, for strings, numbers and the few lists that need care.
fn known(name: &str) -> Option<Value> {
    Some(match name {
        "supplier_id" | "existing_id" | "parent_id" => json!("01946f1e-8c2a-7cc3-9f53-1f0f2b9b6a10"),
        "note_id" => json!("01946f1e-9d11-7a40-8b1e-6a1c2f3d4e5f"),
        "person_id" => json!("01946f1e-a7c3-7f02-9c44-0d1e2f3a4b5c"),
        "survey_id" => json!("01946f1e-ec10-7b6e-9fbb-607182930415"),
        "survey_link_id" => json!("01946f1e-ed20-7b6e-9fbb-607182930415"),
        "questionnaire_id" => json!("01946f1e-ee30-7b6e-9fbb-607182930415"),
        "credential_id" => json!("01946f1e-b2d4-7e15-8a66-1b2c3d4e5f60"),
        "api_key_id" => json!("01946f1e-d4f6-7e3b-8c88-3d4e5f607182"),
        "invitation_id" => json!("01946f1e-d0f6-7e39-8c88-3d4e5f607182"),
        "commitment_id" => json!("01946f1e-e1f8-7a5d-8eaa-5f6071829304"),
        "follow_up_id" => json!("01946f1e-eb31-7c7f-a0cc-718293041526"),
        "feedback_id" => json!("01946f1e-ec43-7d80-b1dd-829304152637"),
        "promise_id" => json!("01946f1e-e3a9-7b6e-9fbb-607182930415"),
        "wording" => json!("Everything comes within two days."),
        "reliability" => json!(0.95),
        "target_duration" => json!("P2D"),
        "grace" => json!("PT1H"),
        "latest_version" => json!(1),
        "summary" => json!("59 of 59 occasions met P2D (100 %); even the lower bound, 95.6 %, reaches 95 %."),
        "job_id" => json!("01946f1e-c9e5-7d28-9b77-2c3d4e5f6071"),
        "agreement_id" => json!("01946f1e-e5f7-7f4c-8d99-4e5f60718293"),
        "expectation_id" => json!("01946f1e-f608-7a5d-8eaa-5f60718293a4"),
        "template_key" => json!("field-service"),
        "review_by" => json!("2099-12-31"),
        "file_id" => json!("01946f1e-cb35-7d28-9b77-2c3d4e5f6071"),
        "filename" => json!("iso27001.pdf"),
        "media_type" => json!("application/pdf"),
        "size" => json!(48_211),
        "sha256" => json!("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        "import_id" => json!("01946f1e-cad5-7d28-9b77-2c3d4e5f6071"),
        "export_id" => json!("01946f1e-cbc5-7d28-9b77-2c3d4e5f6071"),
        "template" => json!("suppliers.csv"),
        "name" => json!("Delta Air Lines Inc."),
        "external_id" => json!("ERP-1042"),
        "categories" => json!(["airline"]),
        "regions" => json!(["US-NY"]),
        "scheme" => json!("IATA"),
        "value" => json!("DL"),
        "lines" => json!(["1030 Delta Boulevard"]),
        "postal_code" => json!("30354"),
        "city" => json!("Atlanta"),
        "country" => json!("US"),
        "language" => json!("en"),
        "email" => json!("service@example.com"),
        "phone" => json!("+14045550100"),
        "reachable" => json!("Monday to Friday, 8 to 18, by phone"),
        "password" => json!("correct horse battery staple"),
        "token" => json!("acc_inv_AZRvHtD2fjmMiD1OX2BxggAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA000000"),
        "accept_token" | "accepted_at" | "revoked_at" => Value::Null,
        "text" => json!("Asked twice for the new insurance certificate."),
        "reason" => json!("The liability insurance has lapsed."),
        "number" => json!("QM-2026-0117"),
        "issuer" => json!("Example Certification Body"),
        "access_token" => json!("eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6InQxIn0.e30.c2ln"),
        "user_id" | "account_id" => json!("01946f1e-d0f6-7e3b-8c88-3d4e5f607182"),
        "session_id" => json!("01946f1e-d8a7-7f4c-9d99-4e5f60718293"),
        "refresh_token" => json!("acc_rt_Zm9yIGV4YW1wbGUgb25seSBub3QgcmVhbA1Qx9Kf"),
        "refresh_expires_in" => json!(604_800),
        "current_password" | "new_password" => json!("correct horse battery staple"),
        "user_agent" => json!("Mozilla/5.0"),
        "permissions" => json!(["me.read", "suppliers.read"]),
        "kid" => json!("t1"),
        "kty" => json!("OKP"),
        "crv" => json!("Ed25519"),
        "x" => json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
        "use" => json!("sig"),
        "alg" => json!("EdDSA"),
        "token_type" => json!("Bearer"),
        "expires_in" => json!(900),
        "action" => json!("supplier.suspend"),
        "path" => json!("/status"),
        "before" => json!("active"),
        "after" => json!("suspended"),
        "label" => json!("Owner"),
        "code" => json!("invalid_state"),
        "retry" => json!("after a change"),
        "version" | "shown_version" | "version_in_force" => json!(1),
        "title" => json!("Lift maintenance"),
        "service_line" => json!("lifts"),
        "customer_segment" => json!("hospitals"),
        "starts_on" => json!("2027-01-01"),
        "ends_on" => json!("2027-12-31"),
        "notice" => json!("P90D"),
        "renewal" => json!("none"),
        "turn" => json!("us"),
        "renewal_months" | "calendar_id" | "open_version" | "terminates_on" | "previous_id" => Value::Null,
        "customer_target" => json!(0.8),
        "cadence" => json!({"unit": "quarter", "every": 1, "weekday": "tuesday", "nth": 2, "day": null}),
        "reviewer_ids" => json!([]),
        "note" => json!("Please have a look."),
        "content_hash" => json!("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        "effective_on" | "effective_from" => json!("2027-01-01"),
        "signed_on" => json!("2026-11-20"),
        "scopes" => json!(["suppliers:read"]),
        "allowed_cidrs" => json!(["192.0.2.0/24"]),
        "prefix" => json!("acc_sk_"),
        "last4" => json!("0aB1"),
        "last_used_from" => json!("192.0.2.10"),
        "overlap" => json!("PT24H"),
        "duration" => json!("PT8H"),
        "time_zone" => json!("Europe/Berlin"),
        "contact_email" => json!("suppliers@example.com"),
        "revision" => json!(1),
        "valid_from" => json!("2026-01-01"),
        "valid_to" => json!("2028-12-31"),
        "next_cursor" | "total_count" | "status_reason" | "error" | "previous_until" => Value::Null,
        "text/calendar" => json!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270101\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:New Year\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        ),
        "text/html" => {
            json!("<!doctype html>\n<html lang=\"en\"><head><title>Lift maintenance</title></head></html>\n")
        }
        "image/svg+xml" => {
            json!("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"><title>Kept rate by week</title></svg>\n")
        }
        "text/csv" => json!("date,name\n2027-01-01,New Year\n"),
        "similar" | "problems" => json!([]),
        "result" => json!({"idempotency_keys": 12, "jobs": 0, "sign_ins": 3}),
        _ => return None,
    })
}

/// Values that mean something else in one schema.
fn known_in(schema: &str, name: &str) -> Option<Value> {
    known_here(schema, name)
        .or_else(|| questionnaire::known_in(schema, name))
        .or_else(|| assessment::known_in(schema, name))
        .or_else(|| review::known_in(schema, name))
}

fn known_here(schema: &str, name: &str) -> Option<Value> {
    Some(match (schema, name) {
        // A parent has to be there before its children.
        ("NewSupplier", "parent_id") => Value::Null,
        ("Credential" | "NewCredential", "type") => json!("iso-9001"),
        ("Actor", "type") => json!("account"),
        ("Resource", "type") => json!("supplier"),
        ("ProblemKind", "type") => json!("/problems/invalid_state"),
        ("ProblemKind", "status") => json!(409),
        ("Version", "version") => json!("0.1.0"),
        // Whoever calls takes it on.
        ("FollowUpOwner", "owner_id") => Value::Null,
        ("FollowUpContact", "contacted_at") => json!("2026-11-20T09:00:00.000Z"),
        ("FollowUp" | "FollowUpContact" | "FollowUpEnd", "note") => json!("Called back and sent somebody again."),
        ("ExpectationProposal", "dimension") => json!("empathy"),
        ("ExpectationProposal", "text") => json!("Your people ask what matters to the customer."),
        ("Alignment" | "Watermelon", "quadrant") => json!("watermelon"),
        ("Task", "title") => json!("Contact an unhappy customer"),
        ("Task", "resource_path") => json!("/v1/follow-ups/01946f1e-eb31-7c7f-a0cc-718293041526"),
        ("ProblemKind", "title") => json!("Not possible in this state"),
        ("NewAgreement", "external_id" | "copy_from" | "owner_id" | "calendar_id" | "renewal_months") => Value::Null,
        ("NewAgreement", "cadence") => json!({"unit": "quarter", "every": 1, "weekday": "tuesday", "nth": 2}),
        ("NewAgreement", "template") => json!("field-service"),
        ("NewSignature", "title") => json!("Managing director"),
        ("NewSignature", "on_paper" | "content_hash") => Value::Null,
        ("PaperSignature" | "Signature", "title") => json!("Managing director"),
        ("Activation", "effective_on") => Value::Null,
        ("Termination", "effective_on") => json!("2099-12-31"),
        ("Successor", "ends_on") => json!("2028-12-31"),
        ("Consent", "accept_all") => json!(true),
        ("Consent", "on_paper") => json!(false),
        ("Person" | "NewPerson" | "PersonChange", "name") => json!("Main contact"),
        ("ApiKey" | "NewApiKey" | "ApiKeyChange" | "IssuedApiKey", "name") => json!("Nightly import"),
        // A key of the organisation: an example needs nothing that has to be made before.
        ("NewApiKey", "supplier_id") => Value::Null,
        ("ApiKey" | "NewApiKey" | "ApiKeyChange" | "IssuedApiKey", "expires_at") => json!("2099-12-31T23:59:59.000Z"),
        ("IssuedApiKey", "key") => json!("acc_sk_<shown once>"),
        ("Organization" | "OrganizationChange", "name") => json!("Our organisation"),
        ("NewUser", "email") => json!("new.colleague@example.com"),
        ("NewUser", "role") => json!("manager"),
        ("NewUser", "supplier_id") => Value::Null,
        ("Me" | "User" | "NewUser" | "UserChange" | "MeChange" | "Session", "name") => json!("New Colleague"),
        ("Invitation" | "NewInvitation", "role") => json!("supplier_user"),
        ("Invitation" | "NewInvitation" | "JoinedUser", "email") => json!("jo@example.com"),
        ("Acceptance" | "JoinedUser", "name") => json!("Jo"),
        ("JoinedUser", "role") => json!("supplier_user"),
        ("PasswordReset", "token") => json!("acc_pr_AZRvHtD2fjmMiD1OX2BxggAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA000000"),
        ("Login" | "ResetRequest", "email") => json!("owner@example.com"),
        ("Calendar" | "NewCalendar" | "CalendarChange", "name") => json!("Office hours"),
        ("WorkingHours", "from") => json!("09:00"),
        ("WorkingHours", "to") => json!("17:00"),
        ("Holiday", "on") => json!("2027-01-01"),
        ("Holiday", "name") => json!("New Year"),
        ("SkippedLine", "reason") => json!("It is not about whole days."),
        ("ElapsedTime", "elapsed") => json!("PT8H"),
        ("", "calendar_id") => json!("01946f1e-e1b8-7a5d-8eaa-5f6071829304"),
        ("" | "Expectation", "version") => json!(1),
        ("Expectation" | "ClauseDiff", "position") => json!(3),
        // A clause about a duration, without another one to depend on.
        ("NewExpectation", "target" | "unit" | "depends_on") => Value::Null,
        ("Expectation" | "NewExpectation" | "TemplateClause", "text") => json!("Somebody is there within two days."),
        ("AgreementTemplate", "key") => json!("field-service"),
        ("AgreementTemplate", "name") => json!("Field service"),
        ("VersionDiff", "version") => json!(2),
        ("VersionDiff", "against") => json!(1),
        ("VersionDiff", "lines") => json!(["Clause 3 (supplier_to_customer): target was P2D, is P1D."]),
        ("createImport", "text/csv") => json!("kind,name\r\ncompany,Delta Air Lines Inc.\r\n"),
        ("createFile" | "getFileContent", "application/octet-stream") => json!("%PDF-1.7\n%%EOF\n"),
        ("StoredFile", "status") => json!("available"),
        ("StoredFile" | "FileChange", "effective_from") => json!("2026-01-01"),
        ("StoredFile" | "FileChange", "effective_to") => json!("2028-12-31"),
        ("FileParent", "kind") => json!("assessment"),
        ("NewExport" | "Export", "filter") => json!({"status": ["active"]}),
        ("Import" | "Export", "kind") => json!("suppliers"),
        ("NewPersonRow", "supplier_id") => Value::Null,
        ("NewPersonRow", "supplier_external_id") => json!("ERP-1042"),
        ("NewPersonRow", "name") => json!("Main contact"),
        ("Survey" | "SurveySummary" | "NewSurvey" | "SurveyChange", "name") => json!("After a visit"),
        ("Survey" | "NewSurvey" | "SurveyChange" | "SurveyVersion" | "SurveyInstrument", "terms") => asked(),
        ("PublicSurvey", "language") => json!("en"),
        ("PublicSurvey", "needs_customer_ref") => json!(false),
        ("PublicSurvey", member) => return asked().get(member).cloned(),
        ("SurveyLink" | "IssuedSurveyLink", "job_ref") => json!("J-2026-0117"),
        ("IssuedSurveyLink", "token") => json!("acc_fb_<shown once>"),
        ("IssuedSurveyLink", "url") => json!("https://accord.example/s#acc_fb_<shown once>"),
        // About an agreement, for one customer, as long as usual.
        ("NewSurveyLink", "supplier_id" | "person_id" | "expires_at") => Value::Null,
        ("Feedback" | "NewFeedback" | "ImportedFeedback" | "PublicFeedback", "comment") => json!("Quick, but late."),
        ("Feedback" | "NewFeedback" | "ImportedFeedback" | "PublicFeedback", "compliment") => {
            json!("Your technician was kind.")
        }
        ("Feedback" | "NewFeedback" | "ImportedFeedback" | "PublicFeedback", "customer_ref") => json!("C-4711"),
        ("NewFeedback" | "ImportedFeedback" | "PublicFeedback", "answers") => {
            json!([{"item": "satisfaction", "value": 4}])
        }
        ("GivenAnswer", "item") => json!("satisfaction"),
        ("GivenAnswer", "value") => json!(4),
        ("Importance", "reliability") => json!(100),
        ("Figure", "value") => json!(4.2),
        ("CustomerErasure", "customer_ref") => json!("C-4711"),
        ("CustomerErasure", "feedback_id") => Value::Null,
        // The survey of the example asks for no points, and knows no people.
        ("NewFeedback" | "ImportedFeedback" | "PublicFeedback", "importance") => Value::Null,
        ("NewFeedback", "person_id" | "complimented_id" | "supplier_id") => Value::Null,
        ("NewFeedback" | "ImportedFeedback" | "Feedback", "answered_at") => json!("2026-11-20T09:00:00.000Z"),
        ("ImportedFeedback", "values" | "expectations" | "minimums") => json!({}),
        ("Contact", "name") => json!("Customer"),
        ("Contact", "email") => json!("customer@example.com"),
        ("Receipt" | "Feedback", "receipt") => json!("FB-7K2M-Q9TA"),
        ("SharedComment", "comment") => json!("Quick, but late."),
        ("SharedComment", "compliment") => json!("Your technician was kind."),
        ("" | "ItemNumber" | "PairNumber" | "ChoiceNumber", "item") => json!("satisfaction"),
        ("ChoiceNumber", "choice") => json!("price"),
        ("Health", "status") => json!("ok"),
        ("Commitment" | "Rate", "value") => json!(0.94),
        ("NewCommitment" | "ImportedCommitment" | "Correction", "made_at") => json!("2026-11-02T09:00:00.000Z"),
        ("NewCommitment" | "ImportedCommitment" | "Correction", "due_at") => json!("2026-11-04T09:00:00.000Z"),
        ("Correction", "fulfilled_at") => json!("2026-11-03T09:00:00.000Z"),
        // What we caused is excused only at the supplier's request.
        ("ExcuseRequest", "cause") => json!("customer"),
        // One name for the promise is enough, and a duration has no number of its own.
        (
            "NewCommitment" | "ImportedCommitment",
            "promise_external_id"
            | "fulfilled_at"
            | "value"
            | "person_id"
            | "external_id"
            | "person_external_id"
            | "status",
        ) => Value::Null,
        ("Fulfilment", "fulfilled_at" | "value") | ("Correction", "value" | "person_id") => Value::Null,
        ("Job", "kind") => json!("housekeeping"),
        ("Job", "status") => json!("succeeded"),
        ("Verification", "is_intact") => json!(true),
        ("Promise" | "PromiseVersion" | "CapabilityCheck", "version") => json!(1),
        // A tree of one link: an example of the whole would never end.
        ("UnderpinningPart", "kind") => json!("promise"),
        ("NewUnderpinningPart", "kind") => json!("estimate"),
        ("UnderpinningPart" | "NewUnderpinningPart", "parts") => json!([]),
        ("NewUnderpinningPart", "promise_id") => Value::Null,
        ("UnderpinningPart" | "NewUnderpinningPart", "name") => json!("Delivery of the spare part"),
        ("NewPromise" | "NewPromiseVersion", "metric") => json!("duration"),
        ("NewPromise" | "NewPromiseVersion", "target" | "unit" | "calendar_id") => Value::Null,
        ("NewPromise" | "NewPromiseVersion" | "PromiseChange", "external_id" | "effective_from") => Value::Null,
        ("Promise" | "PromiseVersion", "effective_from") => json!("2027-01-01T00:00:00.000Z"),
        ("Approval", "recheck_on") => json!("2099-12-31"),
        _ => return None,
    })
}

/// What a survey asks: one question, and who follows up what is answered badly.
fn asked() -> Value {
    let words = |text: &str| json!({"en": text});
    json!({
        "languages": ["en"],
        "title": words("How did it go?"),
        "introduction": {},
        "thanks": words("Thank you."),
        "items": [{
            "key": "satisfaction",
            "kind": "scale",
            "wording": words("How satisfied are you with what was done for you?"),
            "expectation_wording": {},
            "measure": "csat",
            "variant": "top2",
            "dimension": "reliability",
            "scale": {
                "min": 1,
                "max": 5,
                "step": 1,
                "direction": "higher_is_better",
                "min_label": words("Very dissatisfied"),
                "max_label": words("Very satisfied"),
            },
            "choices": [],
            "is_multiple": false,
            "is_required": true,
        }],
        "asks_importance": false,
        "asks_minimum": false,
        "weights": {"reliability": 3200, "assurance": 1900, "tangibles": 1100, "empathy": 1500, "responsiveness": 2300},
        "follow_up": {"item": "satisfaction", "threshold": 2, "within": "PT8H", "calendar_id": null},
    })
}

pub fn add(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    each_operation(document, &mut |_, _, operation| {
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            if parameter["required"] == true {
                let name = parameter["name"].as_str().unwrap_or_default().to_owned();
                parameter["example"] = value(&parameter["schema"], "", &name, &schemas);
            }
        }
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        if let Some(body) = operation.get_mut("requestBody") {
            fill(body, &id, &schemas);
        }
        for answer in operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
            .map(|(_, answer)| answer)
        {
            fill(answer, &id, &schemas);
        }
    });
}

fn fill(message: &mut Value, operation: &str, schemas: &Value) {
    for (media_type, media) in message.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
        media["example"] = value(&media["schema"], operation, media_type, schemas);
    }
}

/// The simplest value that fits the schema of the member `name` of `owner`.
pub fn value(schema: &Value, owner: &str, name: &str, schemas: &Value) -> Value {
    if let Some(known) = known_in(owner, name).or_else(|| known(name)) {
        return known;
    }
    if let Some(target) = target(&schema["$ref"]).or_else(|| target(&schema["allOf"][0]["$ref"])) {
        return value(&schemas[target], target, name, schemas);
    }
    if let Some(first) = schema["anyOf"].get(0) {
        return value(first, owner, name, schemas);
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("object"), _) => object(schema, owner, schemas),
        (Some("array"), _) => json!([value(&schema["items"], owner, "", schemas)]),
        (Some("integer" | "number"), _) => schema.get("minimum").cloned().unwrap_or(json!(0)),
        (Some("boolean"), _) => json!(false),
        (Some("string"), Some("uuid")) => json!("01a1ff81-2930-74f0-868b-aef0c36413d6"),
        (Some("string"), Some("date-time")) => json!("2026-11-21T19:06:57.200Z"),
        (Some("string"), Some("date")) => json!("2026-11-21"),
        (Some("string"), Some("duration")) => json!("P90D"),
        (Some("string"), _) => json!("text"),
        _ => Value::Null,
    }
}

fn object(schema: &Value, owner: &str, schemas: &Value) -> Value {
    let properties = schema["properties"].as_object().into_iter().flatten();
    // A patch shows that it may speak of a few members only.
    let shown = if schema["required"].is_array() { usize::MAX } else { 2 };
    let members: Map<_, _> = properties
        .filter(|(name, _)| known_in(owner, name) != Some(Value::Null))
        .take(shown)
        .map(|(name, schema)| (name.clone(), value(schema, owner, name, schemas)))
        .collect();
    Value::Object(members)
}
