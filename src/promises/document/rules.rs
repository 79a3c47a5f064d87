//! An agreement in words. Pure: no HTTP, no SQL.

use super::page::{Clause, Document, Promised, Signed, Term};
use crate::agreements::{
    Agreement, AgreementStatus, AgreementVersion, CodeItemKind, Direction, Expectation, Renewal, Side, VersionStatus,
};
use crate::promises::types::{Precision, Promise, PromiseStatus};
use crate::promises::words::{amount, duration, measure};
use crate::shared::id::CalendarId;
use crate::shared::words::{date, percent};
use chrono::NaiveDate;
use std::collections::HashMap;

/// Where a version stands, and what is stamped on it.
pub fn standing(version: VersionStatus, agreement: AgreementStatus) -> (&'static str, Option<&'static str>) {
    match (version, agreement) {
        (VersionStatus::Open, _) => ("Being negotiated", Some("DRAFT")),
        (VersionStatus::Agreed, _) => ("Agreed, not yet in force", Some("FOR SIGNATURE")),
        (VersionStatus::Superseded, _) => ("Superseded by a later version", Some("SUPERSEDED")),
        (VersionStatus::Withdrawn, _) => ("Withdrawn", Some("WITHDRAWN")),
        (VersionStatus::InForce, AgreementStatus::Expired) => ("Expired", Some("EXPIRED")),
        (VersionStatus::InForce, AgreementStatus::Terminated) => ("Terminated", Some("TERMINATED")),
        (VersionStatus::InForce, AgreementStatus::Renewed) => ("Continued by another agreement", Some("ENDED")),
        (VersionStatus::InForce, _) => ("In force", None),
    }
}

/// What was read.
pub struct Content {
    pub organization: String,
    pub supplier: String,
    pub agreement: Agreement,
    pub version: AgreementVersion,
    pub promises: Vec<Promise>,
    pub calendars: HashMap<CalendarId, String>,
    pub today: NaiveDate,
}

/// The page of what was read.
pub fn document(content: &Content) -> Document {
    let (version, hash) = (&content.version, &content.version.summary.content_hash);
    let (status, stamp) = standing(version.summary.status, content.agreement.status);
    let owed = |direction| {
        let clauses = version.clauses.iter().filter(move |clause| clause.direction == direction);
        clauses.map(|clause| content.clause(clause)).collect()
    };
    let code = |kind| {
        let items = version.terms.service_code.iter().filter(move |item| item.kind == kind);
        items.map(|item| item.text.clone()).collect()
    };
    Document {
        title: version.terms.title.clone(),
        version: version.summary.version,
        status: status.to_owned(),
        stamp: stamp.map(str::to_owned),
        organization: content.organization.clone(),
        supplier: content.supplier.clone(),
        terms: content.terms(),
        owed_to_us: owed(Direction::SupplierToUs),
        owed_by_us: owed(Direction::UsToSupplier),
        owed_to_customers: owed(Direction::SupplierToCustomer),
        to_do: code(CodeItemKind::Do),
        not_to_do: code(CodeItemKind::Dont),
        signatures: content.signatures(hash.as_ref()),
        content_hash: hash.clone(),
        printed_at: date(content.today),
    }
}

impl Content {
    fn terms(&self) -> Vec<Term> {
        let terms = &self.version.terms;
        let line = terms.service_line.iter().chain(&terms.customer_segment).cloned().collect::<Vec<_>>().join(", for ");
        let calendar = match terms.calendar_id.and_then(|id| self.calendars.get(&id)) {
            Some(name) => name.clone(),
            None => "The organisation's usual one".to_owned(),
        };
        let cadence = terms.cadence.as_ref().map_or("Not agreed yet".to_owned(), ToString::to_string);
        let lines = [
            ("Term", self.term()),
            ("Notice", amount(terms.notice.seconds() / 86_400, "day")),
            ("Renewal", self.renewal()),
            ("Service line", line),
            ("Calendar", calendar),
            ("Reviews", cadence),
            ("Customer target", format!("{} of customers are satisfied", percent(terms.customer_target))),
        ];
        lines.into_iter().filter(|line| !line.1.is_empty()).map(|(name, value)| Term { name, value }).collect()
    }

    fn term(&self) -> String {
        let terms = &self.version.terms;
        let signed = match terms.ends_on {
            Some(end) => format!("{} to {}", date(terms.starts_on), date(end)),
            None => format!("From {} until somebody leaves", date(terms.starts_on)),
        };
        let agreement = &self.agreement;
        let is_own = agreement.version_in_force == Some(self.version.summary.version);
        match (agreement.terminates_on, agreement.terms.ends_on) {
            (Some(end), _) if is_own => format!("{signed}; terminated as of {}", date(end)),
            (None, Some(end)) if is_own && terms.ends_on != Some(end) => {
                format!("{signed}; prolonged to {}", date(end))
            }
            _ => signed,
        }
    }

    fn renewal(&self) -> String {
        match (self.version.terms.renewal, self.version.terms.renewal_months) {
            (Renewal::None, _) => "None".to_owned(),
            (Renewal::Automatic, Some(months)) => format!("Automatic, by {}", amount(months, "month")),
            (Renewal::Automatic, None) => "Automatic".to_owned(),
        }
    }

    fn clause(&self, clause: &Expectation) -> Clause {
        let target = clause.target_duration.map(|target| target.seconds() as f64).or(clause.target);
        let measured = clause.metric.zip(clause.comparison).zip(target.zip(clause.reliability));
        let needed = self.version.clauses.iter().filter(|other| clause.depends_on.contains(&other.id));
        let needed: Vec<_> = needed.map(|other| other.position.to_string()).collect();
        let promises = self.promises.iter().filter(|promise| promise.expectation_id == clause.id);
        Clause {
            number: clause.position,
            dimension: clause.dimension.name(),
            text: clause.text.clone(),
            measure: measured.map(|((metric, comparison), (target, reliability))| {
                measure(metric, comparison, target, clause.unit.as_deref(), "", reliability)
            }),
            is_gate: clause.is_gate,
            depends_on: (!needed.is_empty()).then(|| needed.join(", ")),
            promises: promises.map(|promise| self.promised(promise)).collect(),
        }
    }

    fn promised(&self, promise: &Promise) -> Promised {
        let terms = &promise.terms;
        let target = terms.target_duration.map(|target| target.seconds() as f64).or(terms.target).unwrap_or_default();
        let clock = terms.calendar_id.and_then(|id| self.calendars.get(&id));
        let clock = clock.map(|name| format!(" of working time in {name}")).unwrap_or_default();
        let unit = terms.unit.as_deref();
        let said = measure(terms.metric, terms.comparison, target, unit, &clock, terms.reliability);
        let grace = terms.grace.seconds();
        let grace = if grace > 0 { format!(", with {} of grace", duration(grace)) } else { String::new() };
        let by_the_day = if terms.precision == Precision::Day { ", judged by the day" } else { "" };
        Promised {
            wording: terms.wording.clone(),
            measure: format!("{said}{grace}{by_the_day}"),
            status: if promise.status == PromiseStatus::Paused { "paused" } else { "published" },
        }
    }

    /// Who signed; and a line to sign on for each side that has not, as long as it can.
    fn signatures(&self, hash: Option<&String>) -> Vec<Signed> {
        let name = |side| if side == Side::Us { self.organization.clone() } else { self.supplier.clone() };
        let given = self.version.signatures.iter().map(|signature| Signed {
            side: name(signature.side),
            name: Some(signature.name.clone()),
            title: signature.title.clone(),
            date: Some(date(signature.signed_on)),
            is_on_paper: signature.is_on_paper,
            hash: hash.cloned(),
        });
        let missing = |side: &Side| !self.version.signatures.iter().any(|signature| signature.side == *side);
        let is_open = matches!(self.version.summary.status, VersionStatus::Open | VersionStatus::Agreed);
        let lines = [Side::Us, Side::Supplier].into_iter().filter(|side| is_open && missing(side));
        given.chain(lines.map(|side| Signed { side: name(side), ..Signed::default() })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSIONS: [VersionStatus; 5] = [
        VersionStatus::Open,
        VersionStatus::Agreed,
        VersionStatus::InForce,
        VersionStatus::Superseded,
        VersionStatus::Withdrawn,
    ];
    const AGREEMENTS: [AgreementStatus; 6] = [
        AgreementStatus::Active,
        AgreementStatus::Amending,
        AgreementStatus::Expiring,
        AgreementStatus::Expired,
        AgreementStatus::Renewed,
        AgreementStatus::Terminated,
    ];

    #[test]
    fn only_what_is_in_force_has_no_stamp() {
        for version in VERSIONS {
            for agreement in AGREEMENTS {
                let (_, stamp) = standing(version, agreement);
                let is_over = [AgreementStatus::Expired, AgreementStatus::Terminated, AgreementStatus::Renewed];
                let is_valid = version == VersionStatus::InForce && !is_over.contains(&agreement);
                assert_eq!(stamp.is_none(), is_valid, "{version:?} of {agreement:?}");
            }
        }
        assert_eq!(standing(VersionStatus::Open, AgreementStatus::Amending).1, Some("DRAFT"));
    }
}
