//! Reception: all rooms' operations in one service, and the document it generates.

use crate::shared::app::App;
use crate::{
    agreements, alignment, assessments, audit, calendars, exports, feedback, files, imports, jobs, me, operations,
    organization, promises, questionnaires, reviews, suppliers, surveys, users,
};
use poem_openapi::{OpenApi, OpenApiService};

/// Every operation of Accord. A tuple holds at most 16; nest when there are more.
pub fn service(app: &App) -> OpenApiService<impl OpenApi + 'static, ()> {
    let app = || app.clone();
    let suppliers = (
        suppliers::api::SuppliersApi { app: app() },
        suppliers::api::LifecycleApi { app: app() },
        suppliers::people::api::PeopleApi { app: app() },
        suppliers::credentials::api::CredentialsApi { app: app() },
        suppliers::credentials::api::DecisionsApi { app: app() },
        suppliers::notes::api::NotesApi { app: app() },
        files::api::FilesApi { app: app() },
        files::api::ContentApi { app: app() },
    );
    let commitments = (
        promises::commitments::api::CommitmentsApi { app: app() },
        promises::commitments::api::OutcomesApi { app: app() },
        promises::commitments::excuses::api::ExcusesApi { app: app() },
        promises::numbers::api::NumbersApi { app: app() },
    );
    let running = (
        imports::api::ImportsApi { app: app() },
        exports::api::ExportsApi { app: app() },
        jobs::api::JobsApi { app: app() },
        audit::api::AuditApi { app: app() },
        operations::api::OperationsApi { app: app() },
    );
    let access = (
        users::sign_in::api::AuthApi { app: app() },
        me::api::MeApi { app: app() },
        users::sessions::api::SessionsApi { app: app() },
        users::api::UsersApi { app: app() },
        users::api_keys::api::ApiKeysApi { app: app() },
        organization::api::OrganizationApi { app: app() },
        users::passwords::api::PasswordsApi { app: app() },
        users::invitations::api::InvitationsApi { app: app() },
    );
    let agreements = (
        calendars::api::CalendarsApi { app: app() },
        calendars::api::ArithmeticApi { app: app() },
        agreements::api::AgreementsApi { app: app() },
        agreements::api::VersionsApi { app: app() },
        agreements::api::StepsApi { app: app() },
        agreements::api::ConclusionApi { app: app() },
        agreements::api::DiffApi { app: app() },
        agreements::expectations::api::ExpectationsApi { app: app() },
        agreements::expectations::api::MarksApi { app: app() },
        agreements::templates::api::TemplatesApi,
    );
    let promises = (
        promises::api::PromisesApi { app: app() },
        promises::api::VersionsApi { app: app() },
        promises::api::LifecycleApi { app: app() },
        promises::capability::api::CapabilityApi { app: app() },
        promises::underpinning::api::UnderpinningApi { app: app() },
        promises::reciprocity::api::ReciprocityApi { app: app() },
        promises::chart::api::ChartApi { app: app() },
        promises::document::api::DocumentApi { app: app() },
    );
    let surveys = (
        surveys::api::SurveysApi { app: app() },
        surveys::api::LifecycleApi { app: app() },
        surveys::api::VersionsApi { app: app() },
        surveys::links::api::LinksApi { app: app() },
        surveys::answering::api::AnsweringApi { app: app() },
    );
    let feedback = (
        feedback::api::FeedbackApi { app: app() },
        feedback::api::ModerationApi { app: app() },
        feedback::api::PublicFeedbackApi { app: app() },
        feedback::numbers::api::FeedbackNumbersApi { app: app() },
        feedback::charts::api::FeedbackChartsApi { app: app() },
        feedback::comments::api::CommentsApi { app: app() },
        feedback::follow_ups::api::FollowUpsApi { app: app() },
        alignment::api::AlignmentApi { app: app() },
    );
    let questionnaires = (
        questionnaires::api::QuestionnairesApi { app: app() },
        questionnaires::api::LifecycleApi { app: app() },
        questionnaires::api::VersionsApi { app: app() },
        assessments::api::AssessmentsApi { app: app() },
        assessments::api::AnswersApi { app: app() },
        assessments::api::StepsApi { app: app() },
        assessments::api::ScoresApi { app: app() },
    );
    let reviews = (
        reviews::api::ReviewsApi { app: app() },
        reviews::api::StepsApi { app: app() },
        reviews::api::FindingsApi { app: app() },
        reviews::api::EvidenceApi { app: app() },
        reviews::warnings::api::EarlyWarningsApi { app: app() },
        reviews::calendar::api::CalendarApi { app: app() },
    );
    let all =
        (access, suppliers, agreements, promises, commitments, surveys, feedback, questionnaires, reviews, running);
    OpenApiService::new(all, "Accord API", env!("CARGO_PKG_VERSION"))
}
