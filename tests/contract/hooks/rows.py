"""Rows that exist, in the state that an operation asks for."""

import time
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import requests
from negotiated import active_supplier, agreement, commitment, forget, in_force, other_side, partner, promise
from server import PASSWORD, Caller, email, names, owner, sign_in

BELOW = {
    "note_id": ("notes", {"text": "A note."}),
    "person_id": ("people", {"name": "A person"}),
    "credential_id": ("credentials", {"type": "iso-9001", "number": "1", "issuer": "A certifier"}),
}
# What leads to the state from which an operation is allowed.
BEFORE = {
    "qualifySupplier": ["nominate"],
    "rejectSupplier": ["nominate"],
    "activateSupplier": ["nominate", "qualify"],
    "suspendSupplier": ["nominate", "qualify"],
    "reinstateSupplier": ["nominate", "qualify", "suspend"],
    "exitSupplier": ["nominate", "qualify", "activate"],
    "completeSupplierExit": ["nominate", "qualify", "activate", "exit"],
    "revokeCredential": ["verify"],
}
CALENDAR = {
    "name": "Office",
    "time_zone": "UTC",
    "hours": [{"weekday": "monday", "from": "09:00", "to": "17:00"}],
}


QUESTION = "deadlines_measured"
ONE_QUESTION = {
    "title": "Deadlines",
    "sections": [
        {
            "key": "deadlines",
            "title": "Deadlines",
            "questions": [{"key": QUESTION, "kind": "yes_no", "wording": "Do you measure them?"}],
        }
    ],
}
PERIOD = {"period_from": "2027-01-01", "period_to": "2027-12-31", "due_on": "2099-12-31"}


def supplier():
    return owner.create("/v1/suppliers", {"kind": "company", "name": f"Supplier {next(names)}"})


def invitation():
    return owner.post("/v1/invitations", {"email": email(), "role": "agent"})


def user():
    return owner.create("/v1/users", {"email": email(), "name": "A user", "role": "agent", "password": PASSWORD})


def ended(path):
    """Waits until the job of an import or export is over."""
    for _ in range(100):
        if owner.get(path)["finished_at"]:
            break
        time.sleep(0.1)
    return path.rsplit("/", 1)[-1]


def ended_import():
    csv = {"data": "kind,name\r\ncompany,\r\n", "headers": {"Content-Type": "text/csv"}}
    return ended(f"/v1/imports/{owner.send('POST', '/v1/imports?kind=suppliers', **csv)['import_id']}")


def ended_export():
    ordered = owner.post("/v1/exports", {"kind": "suppliers", "format": "csv"})
    return ended(f"/v1/exports/{ordered['export_id']}")


def file():
    pdf = {"data": "%PDF-1.7\n", "headers": {"Content-Type": "application/octet-stream"}}
    return owner.send("POST", "/v1/files?filename=proof.pdf", **pdf)["id"]


def job():
    ended_import()
    return owner.get("/v1/jobs")["data"][0]["id"]


ALONE = {
    "user_id": user,
    "session_id": lambda: sign_in()["session_id"],
    "invitation_id": lambda: invitation()["id"],
    "calendar_id": lambda: owner.create("/v1/calendars", CALENDAR),
    "api_key_id": lambda: owner.create("/v1/api-keys", {"name": "A key", "scopes": ["suppliers:read"]}),
    "file_id": file,
    "import_id": ended_import,
    "export_id": ended_export,
    "job_id": job,
    "template": lambda: "suppliers.csv",
    "template_key": lambda: "field-service",
}


def survey(operation=""):
    made = owner.create("/v1/surveys", {"name": f"Survey {next(names)}", "instrument": "csat5"})
    if operation in ("reviseSurvey", "retireSurvey", "createSurveyLink"):
        owner.post(f"/v1/surveys/{made}/publish", None)
    return made


def questionnaire(operation=""):
    made = owner.create("/v1/questionnaires", {"name": f"Questionnaire {next(names)}", "template": "service_excellence"})
    if operation in ("reviseQuestionnaire", "retireQuestionnaire", "publishedQuestionnaire"):
        owner.post(f"/v1/questionnaires/{made}/publish", None)
    return made


def admin_of(supplier):
    """Somebody who signs in for the supplier."""
    new = {"email": email(), "role": "supplier_admin", "supplier_id": supplier}
    token = owner.post("/v1/invitations", new)["accept_token"]
    owner.post("/v1/invitations/accept", {"token": token, "name": "An administrator", "password": PASSWORD})
    return Caller(new["email"])


def assessment(operation=""):
    """One in the state that the operation asks for, handed in by somebody of the supplier."""
    asked = owner.create("/v1/questionnaires", {"name": f"Questionnaire {next(names)}", "terms": ONE_QUESTION})
    owner.post(f"/v1/questionnaires/{asked}/publish", None)
    new = {"questionnaire_id": asked, "supplier_ids": [supplier()], **PERIOD}
    if operation == "stopRepeatingAssessment":
        new["repeats_every_months"] = 12
    made = owner.post("/v1/assessments", new)["assessments"][0]
    path = f"/v1/assessments/{made['id']}"
    steps = {
        "startAssessmentReview": 1,
        "verifyAssessmentAnswers": 2,
        "requestAssessmentChanges": 2,
        "acceptAssessment": 3,
        "reopenAssessment": 4,
    }.get(operation, 0)
    if steps:
        supplier_side = admin_of(made["supplier_id"])
        said = {"json": {"given": {"yes": True}}, "headers": {"If-Match": '"0"'}}
        supplier_side.send("PATCH", f"{path}/answers/{QUESTION}", **said)
        supplier_side.post(f"{path}/submit", {"name": "Mia Berg", "position": "Director"})
    confirmed = {"verdicts": [{"question": QUESTION, "verdict": "confirmed"}]}
    for step, body in [("start-review", None), ("verify", confirmed), ("accept", None)][: max(steps - 1, 0)]:
        owner.post(f"{path}/{step}", body)
    return made["id"]


@cache
def manager():
    """Somebody of the staff besides the owner."""
    new = {"email": email(), "role": "manager"}
    token = owner.post("/v1/invitations", new)["accept_token"]
    owner.post("/v1/invitations/accept", {"token": token, "name": "A manager", "password": PASSWORD})
    return Caller(new["email"])


def action_terms(side="us"):
    terms = {"title": "Train everybody", "description": "All of them.", "side": side, "due_on": "2099-12-31"}
    terms["metric"] = {"kind": "judgement"}
    if side == "us":
        return terms | {"owner_id": owner.get("/v1/me")["id"]}
    return terms | {"person_id": contact()}


def contact():
    """A main employee contact of the supplier whose agreement is in force."""
    new = {"name": "A contact", "roles": ["main_employee_contact"]}
    return owner.create(f"/v1/suppliers/{partner()}/people", new)


JUDGED = {"judgement": {"effective": False, "text": "Nothing changed."}}


def action(operation=""):
    """One in the state that the operation asks for; what is verified was done by the supplier."""
    side = "supplier" if operation == "verifyAction" else "us"
    terms = action_terms(side)
    made = owner.create("/v1/actions", terms | {"agreement_id": in_force()["agreement_id"]})
    path = f"/v1/actions/{made}"
    if operation == "counterAction":
        other_side().post(f"{path}/counter", terms)
    steps = {"startAction": 1, "abandonAction": 1, "claimAction": 2, "verifyAction": 3, "resumeAction": 4}.get(operation, 0)
    doer = other_side() if side == "supplier" else owner
    if steps:
        owner.post(f"{path}/sign", {})
        other_side().post(f"{path}/sign", {"person_id": contact()})
    if steps > 1:
        doer.post(f"{path}/start", None)
    if steps > 2:
        doer.post(f"{path}/claim", {"note": "Done.", "effective_from": owner.get(path)["accepted_on"]})
    if steps > 3:
        manager().post(f"{path}/verify", JUDGED)
    return made


def survey_link():
    return owner.create("/v1/survey-links", {"survey_id": survey("createSurveyLink"), "supplier_id": supplier()})


def followed_up():
    """A survey of which low answers are followed up."""
    terms = owner.get("/v1/survey-instruments")["data"][0]["terms"]
    terms["follow_up"] = {"item": "satisfaction", "threshold": 2, "within": "P1D"}
    made = owner.create("/v1/surveys", {"name": f"Survey {next(names)}", "instrument": "csat5", "terms": terms})
    owner.post(f"/v1/surveys/{made}/publish", None)
    return made


def follow_up(operation):
    answers = [{"item": "satisfaction", "value": 1}]
    owner.create("/v1/feedback", {"survey_id": followed_up(), "supplier_id": supplier(), "answers": answers})
    made = owner.get("/v1/follow-ups?status=required&limit=100")["data"][-1]["id"]
    before = {
        "contactFollowUp": ["own"],
        "markFollowUpUnreachable": ["own"],
        "resolveFollowUp": ["own", "contact"],
    }
    for step in before.get(operation, []):
        owner.post(f"/v1/follow-ups/{made}/{step}", {})
    return made


def feedback(operation=""):
    answers = [{"item": "satisfaction", "value": 2}]
    new = {"survey_id": survey("createSurveyLink"), "supplier_id": supplier(), "answers": answers}
    made = owner.create("/v1/feedback", new)
    for step in {"releaseFeedback": ["quarantine"], "showFeedback": ["hide"]}.get(operation, []):
        owner.post(f"/v1/feedback/{made}/{step}", {"reason": "To get there."})
    return made


def today():
    """The day where the organisation is."""
    return datetime.now(ZoneInfo(owner.get("/v1/organization")["time_zone"])).date().isoformat()


def colleague():
    """Somebody of the staff who has no part in anything else."""
    new = {"email": email(), "role": "manager"}
    token = owner.post("/v1/invitations", new)["accept_token"]
    owner.post("/v1/invitations/accept", {"token": token, "name": "A colleague", "password": PASSWORD})
    return Caller(new["email"])


def present(caller, supplier_id):
    """The caller and a main employee contact of the supplier."""
    contact = {"name": "Mia Berg", "roles": ["main_employee_contact"]}
    person = owner.create(f"/v1/suppliers/{supplier_id}/people", contact)
    return [{"account_id": caller.get("/v1/me")["id"]}, {"person_id": person}]


def present_now():
    """At the review that is to be held, which may be older than what is shared by now."""
    return present(owner, owner.get(f"/v1/reviews/{path_for('holdReview', ['review_id'])['review_id']}")["supplier_id"])


CRITERIA = ("reliability", "quality", "responsiveness", "communication", "problem_solving", "value")
# How many steps a review has taken before the operation.
TAKEN = {
    "readyReview": 0,
    "updateReview": 0,
    "missReview": 0,
    "cancelReview": 0,
    "rateReview": 2,
    "sayWhetherToUseAgain": 2,
    "lockReviewRatings": 5,
    "respondToReview": 6,
    "decideReview": 7,
    "finaliseReview": 8,
    "commitReview": 9,
    "closeReview": 10,
}


def review(operation=""):
    """One in the state that the operation asks for, and a clause it is about."""
    # Nothing of anybody else waits under an agreement of its own.
    agreed = agreement("getAgreement") if operation in ("commitReview", "closeReview") else in_force()
    rater, supplier_side = colleague(), other_side()
    if operation == "respondToReview":
        alone = active_supplier()
        agreed, supplier_side = agreement("getAgreement", alone), admin_of(alone)
    # Nothing is missed before its day.
    day = today() if operation == "missReview" else "2099-12-31"
    new = {"agreement_id": agreed["agreement_id"], "scheduled_on": day}
    made = rater.create("/v1/reviews", new | {"period_from": "2026-01-01", "period_to": "2026-01-31"})
    ratings = [{"criterion": criterion, "score": 4} for criterion in CRITERIA]
    disagrees = {"kind": "disagree", "text": "It was better."}
    steps = [
        (rater, "ready", None),
        (rater, "hold", lambda: {"present": present(rater, rater.get(f"/v1/reviews/{made}")["supplier_id"])}),
        (rater, "rate", {"ratings": ratings}),
        (supplier_side, "rate", {"ratings": ratings}),
        (rater, "would-use-again", {"would_use_again": True, "reason": "Good."}),
        (rater, "lock-ratings", None),
        (supplier_side, "respond", disagrees),
        (owner, "decide", {"outcome": "upheld", "reason": "It stands."}),
        (owner, "finalise", None),
        (owner, "commit", None),
    ]
    for caller, verb, body in steps[: TAKEN.get(operation, 1)]:
        caller.post(f"/v1/reviews/{made}/{verb}", body() if callable(body) else body)
    if operation == "respondToReview":
        # Staff responds when nobody can sign in for the supplier any more.
        owner.post(f"/v1/users/{supplier_side.get('/v1/me')['id']}/disable", None)
    return {"review_id": made, "expectation_id": agreed["expectation_id"]}


def early_warning():
    return owner.create("/v1/early-warnings", {"agreement_id": in_force()["agreement_id"], "text": "Parts run out."})


def below_supplier(operation, names):
    path = {"supplier_id": supplier()}
    own = f"/v1/suppliers/{path['supplier_id']}"
    for name, (collection, body) in BELOW.items():
        if name in names:
            path[name] = owner.create(f"{own}/{collection}", body)
    if "credential_id" in path:
        own = f"{own}/credentials/{path['credential_id']}"
    for step in BEFORE.get(operation, []):
        owner.post(f"{own}/{step}", {"reason": "To get there."} if step == "suspend" else None)
    return path


def make(operation, names):
    made = {name: ALONE[name]() for name in names if name in ALONE}
    if "supplier_id" in names:
        made |= below_supplier(operation, names)
    if "agreement_id" in names:
        made |= agreement(operation)
    if "survey_id" in names:
        made |= {"survey_id": survey(operation), "version": 1}
    if "questionnaire_id" in names:
        made |= {"questionnaire_id": questionnaire(operation), "version": 1}
    if "assessment_id" in names:
        made |= {"assessment_id": assessment(operation), "question": QUESTION}
    if "action_id" in names:
        made["action_id"] = action(operation)
    if "review_id" in names:
        made |= review(operation)
    if "early_warning_id" in names:
        made["early_warning_id"] = early_warning()
    if "survey_link_id" in names:
        made["survey_link_id"] = survey_link()
    if "follow_up_id" in names:
        made["follow_up_id"] = follow_up(operation)
    if "feedback_id" in names:
        made["feedback_id"] = feedback(operation)
    if "promise_id" in names:
        made["promise_id"] = promise(operation)
    if "commitment_id" in names:
        made["commitment_id"] = commitment(operation)
    return {name: made[name] for name in names if name in made}


kept = {}


def path_for(operation, names):
    """Values of the path. They serve until a call has changed what they name."""
    if operation not in kept:
        try:
            kept[operation] = make(operation, names)
        except requests.HTTPError:
            forget()
            kept[operation] = make(operation, names)
    return kept[operation]


def called(operation, path, method, status):
    """A refusal of what the call says leaves everything as it was."""
    is_unchanged = status in (400, 401, 406, 412, 413, 415, 422, 428) or (method == "GET" and status < 400)
    if not is_unchanged and path and kept.get(operation, {}).items() <= path.items():
        kept.pop(operation, None)
