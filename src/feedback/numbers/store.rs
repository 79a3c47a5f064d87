//! Numbers are read from tallies: they cost days and months, not answers.

use super::super::entity::{month, tally};
use super::super::rules::Added;
use super::super::tallies::stage;
use super::rules::{Counted, Span};
use super::types::AnswersQuery;
use crate::agreements::{Entity as Agreements, in_service_line, seen_by};
use crate::shared::auth::{By, Scope};
use crate::shared::db::sum;
use crate::shared::error::Result;
use crate::shared::id::{PersonId, SurveyId};
use crate::suppliers::Entity as Suppliers;
use crate::surveys::RespondentKind;
use chrono::NaiveDate;
use sea_orm::sea_query::{Alias, Expr, Func, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult};
use tally::Column;

/// Whose answers are counted.
#[derive(Clone, Debug)]
pub struct Subjects {
    /// The agreements, and the supplier for what belongs to none.
    pub bases: SelectStatement,
    /// One person's part in them.
    pub person: Option<PersonId>,
}

/// Everything that is asked for and that the caller sees.
pub fn wanted(by: &By, query: &AnswersQuery) -> Subjects {
    type Agreement = <Agreements as EntityTrait>::Column;
    type Supplier = <Suppliers as EntityTrait>::Column;
    let agreements = Condition::all()
        .add(seen_by(by, Agreement::Id))
        .add_option(query.agreement_id.map(|id| Agreement::Id.eq(id)))
        .add_option(query.supplier_id.map(|id| Agreement::SupplierId.eq(id)))
        .add_option(query.service_line.as_ref().map(|line| in_service_line(line, Agreement::Id)));
    let mut bases = Query::select().column(Agreement::Id).from(Agreements).cond_where(agreements).to_owned();
    // What is about no agreement is about a supplier, and not for those whom agreements are assigned to.
    let is_narrow = query.agreement_id.is_some() || query.service_line.is_some() || sees_agreements_only(by);
    if !is_narrow {
        let seen =
            Condition::all().add(by.scope.on(Supplier::Id)).add_option(query.supplier_id.map(|id| Supplier::Id.eq(id)));
        let suppliers = Query::select().column(Supplier::Id).from(Suppliers).cond_where(seen).to_owned();
        bases.union(UnionType::All, suppliers);
    }
    Subjects { bases, person: query.person_id }
}

fn sees_agreements_only(by: &By) -> bool {
    by.scope == Scope::Everything && by.caller.is(crate::shared::permission::Role::Reviewer)
}

#[derive(FromQueryResult)]
struct Sums {
    survey_id: SurveyId,
    item: String,
    first: NaiveDate,
    n: i64,
    total: i64,
    squares: i64,
    expected: i64,
    lived: i64,
    c0: i64,
    c1: i64,
    c2: i64,
    c3: i64,
    c4: i64,
    c5: i64,
    c6: i64,
    c7: i64,
    c8: i64,
    c9: i64,
    c10: i64,
}

impl From<Sums> for Counted {
    fn from(sums: Sums) -> Self {
        let counts =
            [sums.c0, sums.c1, sums.c2, sums.c3, sums.c4, sums.c5, sums.c6, sums.c7, sums.c8, sums.c9, sums.c10];
        let Sums { survey_id, item, first, n, total, squares, expected, lived, .. } = sums;
        Self { survey: survey_id, item, day: first, added: Added { n, total, squares, expected, lived, counts } }
    }
}

/// How answers are grouped, besides by survey and item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// Not at all.
    Whole,
    /// By day, or by month where whole months are read.
    Time,
    /// By month and base, as they are published to suppliers: groups that are too small are left out.
    Published,
}

/// What was answered within the spans.
pub async fn counted(
    db: &impl ConnectionTrait,
    of: &Subjects,
    query: &AnswersQuery,
    spans: &[Span],
    grouping: Grouping,
) -> Result<Vec<Counted>> {
    let mut each = spans.iter().map(|span| match grouping {
        Grouping::Published => published(of, query, *span),
        _ => of_span(of, query, *span, grouping),
    });
    let Some(mut all) = each.next() else {
        return Ok(Vec::new());
    };
    for more in each {
        all.union(UnionType::All, more);
    }
    let found = Sums::find_by_statement(db.get_database_backend().build(&all)).all(db).await?;
    Ok(found.into_iter().map(Counted::from).collect())
}

fn of_span(of: &Subjects, query: &AnswersQuery, span: Span, grouping: Grouping) -> SelectStatement {
    let mut select = Query::select();
    select.column(Column::SurveyId).column(Column::Item).from(tally::Entity);
    match grouping {
        Grouping::Whole => select.expr_as(Func::min(Expr::col(Column::Day)), Alias::new("first")),
        _ => select.expr_as(Expr::col(Column::Day), Alias::new("first")),
    };
    for column in tally::COUNTED {
        select.expr_as(sum(column), Alias::new(sea_orm::IdenStatic::as_str(&column)));
    }
    let kind = query.respondent_kind.map(|kind| Column::IsInternal.eq(kind == RespondentKind::InternalCustomer));
    let subjects = match of.person {
        Some(person) => {
            Condition::all().add(Column::SubjectId.eq(person.0)).add(Column::BaseId.in_subquery(of.bases.clone()))
        }
        None => Condition::all().add(Column::SubjectId.in_subquery(of.bases.clone())),
    };
    let matching = subjects
        .add(Column::IsMonth.eq(span.is_month))
        .add(Column::Day.between(span.from, span.to))
        .add_option(query.survey_id.map(|id| Column::SurveyId.eq(id)))
        .add_option(query.stage.map(|asked| Column::Stage.eq(stage(Some(asked)))))
        .add_option(kind);
    select.cond_where(matching).group_by_columns([Column::SurveyId, Column::Item]);
    if grouping != Grouping::Whole {
        select.group_by_col(Column::Day);
    }
    select
}

fn published(of: &Subjects, query: &AnswersQuery, span: Span) -> SelectStatement {
    use month::Column::{BaseId, Day, Item, SurveyId};
    let wanted = Condition::all()
        .add(BaseId.in_subquery(of.bases.clone()))
        .add(Day.between(span.from, span.to))
        .add_option(query.survey_id.map(|id| SurveyId.eq(id)));
    let mut select = Query::select();
    select.columns([SurveyId, Item]).expr_as(Expr::col(Day), Alias::new("first"));
    select.columns(month::COUNTED);
    select.from(month::Entity).cond_where(wanted).to_owned()
}
