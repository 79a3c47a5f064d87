//! What is about people, marked `x-personal-data`: members that an integrator has to treat so, and that erasure
//! removes.

use serde_json::{Value, json};

const CUSTOMERS: &[&str] = &["customer_ref", "comment", "compliment", "contact"];
const PERSONAL: &[(&[&str], &[&str])] = &[
    (&["Feedback", "NewFeedback", "PublicFeedback", "ImportedFeedback", "SharedComment"], CUSTOMERS),
    (&["SurveyLink", "IssuedSurveyLink", "NewSurveyLink", "CustomerErasure"], CUSTOMERS),
    (&["Commitment", "NewCommitment", "ImportedCommitment", "Correction"], CUSTOMERS),
    (&["Contact"], &["name", "email", "phone"]),
    (&["Answer", "GivenAnswer"], &["text"]),
    (&["FollowUp", "FollowUpContact", "FollowUpEnd"], &["note"]),
    (&["ActionSignature", "ActionAbandonment"], &["name"]),
    (&["Attendee"], &["name"]),
    (&["Attestation", "Attested"], &["name", "position", "statement"]),
    (&["Person", "NewPerson", "PersonChange", "NewPersonRow"], &["name", "email", "phone", "reachable"]),
    (&["Me", "User", "NewUser", "UserChange", "Invitation", "NewInvitation"], &["name", "email"]),
];

pub fn mark(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    for (name, member) in PERSONAL.iter().flat_map(|(names, members)| {
        names.iter().flat_map(move |name| members.iter().map(move |member| (*name, *member)))
    }) {
        if let Some(member) = schemas[name]["properties"].get_mut(member).and_then(Value::as_object_mut) {
            member.insert("x-personal-data".to_owned(), json!(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_about_people_are_marked() {
        let mut document = json!({"components": {"schemas": {
            "Feedback": {"properties": {"comment": {"type": "string"}, "status": {"type": "string"}}},
        }}});
        mark(&mut document);
        let members = &document["components"]["schemas"]["Feedback"]["properties"];
        assert_eq!(members["comment"]["x-personal-data"], true);
        assert_eq!(members["status"].get("x-personal-data"), None);
    }
}
