"""What the document cannot say of bodies and queries: rules that hold between members, and what must exist."""

import re

import negotiated as so_far
from rows import (
    CALENDAR,
    CRITERIA,
    JUDGED,
    PERIOD,
    QUESTION,
    action_terms,
    invitation,
    present_now,
    questionnaire,
    supplier,
    survey,
)
from server import PASSWORD, email, names, owner, sign_in

UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
EXTERNAL_ID = re.compile(r"^[A-Za-z0-9._:-]{1,128}$")
SUPPLIER_ROLES = ("supplier_admin", "supplier_user")


def well_formed(value):
    return isinstance(value, str) and UUID.match(value)


def is_text(value, longest=254):
    return isinstance(value, str) and 0 < len(value) <= longest


def place(body):
    """Supplier roles have a supplier, staff has none."""
    if body.get("role") in SUPPLIER_ROLES:
        body["supplier_id"] = supplier()
    elif well_formed(body.get("supplier_id")):
        del body["supplier_id"]


def keep_the_rules(operation, body):
    """Of members that may stand beside others that are wrong on purpose."""
    external_id = body.get("external_id")
    if isinstance(external_id, str) and EXTERNAL_ID.match(external_id):
        body["external_id"] = f"{external_id[:100]}.{next(names)}"
    if well_formed(body.get("parent_id")):
        body["parent_id"] = supplier()
    dates = [body.get(name) for name in ("valid_from", "valid_to")]
    if all(isinstance(date, str) for date in dates) and dates[1] < dates[0]:
        body["valid_from"], body["valid_to"] = reversed(dates)
    if operation in ("createUser", "createInvitation"):
        place(body)
        if is_text(body.get("email")) and "@" in body["email"]:
            body["email"] = email()
    # The password stays what it is: the next calls sign in with it.
    for name in ("password", "current_password", "new_password"):
        shortest = 1 if name == "current_password" else 12
        if operation != "login" and is_text(body.get(name), 128) and len(body[name]) >= shortest:
            body[name] = PASSWORD
    if operation in ("createApiKey", "updateApiKey"):
        if well_formed(body.get("supplier_id")):
            del body["supplier_id"]
        if isinstance(body.get("expires_at"), str):
            body["expires_at"] = "2099-12-31T23:59:59.000Z"
        if isinstance(body.get("allowed_cidrs"), list) and all(is_text(net, 50) for net in body["allowed_cidrs"]):
            body["allowed_cidrs"] = ["0.0.0.0/0", "::/0"]
    if operation == "rotateApiKey" and isinstance(body.get("overlap"), str) and body["overlap"].startswith("P"):
        body["overlap"] = "PT1H"
    if operation in ("updateOrganization", "createCalendar", "updateCalendar") and is_text(body.get("time_zone"), 50):
        body["time_zone"] = "Europe/Berlin"
    if operation == "refreshToken" and is_text(body.get("refresh_token"), 200):
        body["refresh_token"] = sign_in()["refresh_token"]
    if operation == "acceptInvitation" and is_text(body.get("token"), 200):
        body["token"] = invitation()["accept_token"]


def identities(body):
    """An identity belongs to one supplier; some schemes have rules of their own."""
    for identity in body.get("legal_ids") or []:
        identity.update(scheme="ERP", value=next(names))


def replace(body, **values):
    """Puts possible values in place of those that are given."""
    body.update({name: value for name, value in values.items() if body.get(name) is not None})


def drop(body, *members):
    for member in members:
        body.pop(member, None)


def terms(body):
    drop(body, "calendar_id", "renewal_months", "owner_id", "copy_from")
    replace(body, reviewer_ids=[], template="field-service", cadence=so_far.CADENCE, renewal="none")
    replace(body, starts_on=so_far.LONG_AGO, ends_on=so_far.END, notice="P90D")


def new_agreement(body):
    terms(body)
    body["supplier_id"] = so_far.partner()


MEASURE = ("metric", "comparison", "target", "target_duration", "unit", "reliability")


def measure(body, others=None):
    """A measure is given as a whole or not at all."""
    metric = body.get("metric", "none")
    drop(body, *MEASURE)
    if metric is None:
        body.update(dict.fromkeys(MEASURE))
    elif metric != "none":
        body.update((others or {}) | so_far.DURATION)


def new_clause(body):
    measure(body)
    replace(body, depends_on=[])


def clause_change(body):
    measure(body, {"target": None, "unit": None})
    replace(body, depends_on=[])


def promise_terms(body, effective_from):
    measure(body)
    drop(body, "calendar_id")
    replace(body, grace="PT1H", effective_from=effective_from, approval=so_far.APPROVAL)


def new_promise(body):
    promise_terms(body, so_far.MADE)
    body.update(so_far.new_promise())


def new_commitment(body):
    drop(body, "promise_external_id", "person_id", "value")
    replace(body, made_at=so_far.MADE, fulfilled_at=so_far.FULFILLED, due_at=so_far.FULFILLED)
    body |= {"promise_id": so_far.published(), "made_at": so_far.MADE}


def fulfilment(body):
    drop(body, "value")
    replace(body, fulfilled_at=so_far.FULFILLED)


def correction(body):
    drop(body, "value", "person_id", "is_unfulfilled", "made_at", "due_at")
    replace(body, fulfilled_at=so_far.FULFILLED)
    body["note"] = "This is how it was."


def signature(body):
    drop(body, "content_hash")
    if body.get("on_paper"):
        drop(body, "title")
        body["on_paper"]["signed_on"] = str(so_far.TODAY)


def excuse(body):
    body["cause"] = body["cause"].replace("us", "customer", body["cause"] == "us")


def asked(body):
    """What a survey asks fits together, and its instrument."""
    replace(body, instrument="csat5")
    if body.get("terms") is not None:
        body["terms"] = owner.get("/v1/survey-instruments")["data"][0]["terms"]


def questioned(body):
    """What a questionnaire asks fits together, and is said once."""
    if body.get("terms") is not None:
        drop(body, "template")
        body["terms"] = owner.get("/v1/questionnaire-templates")["data"][0]["terms"]


def new_questionnaire(body):
    questioned(body)
    if "terms" not in body:
        body["template"] = "service_excellence"


def assignment(body):
    """A questionnaire that is published, a supplier, days that are to come."""
    body |= {"questionnaire_id": questionnaire("publishedQuestionnaire"), "supplier_ids": [supplier()], **PERIOD}


def said_of_answers(body):
    body["verdicts"] = [{"question": QUESTION, "verdict": "confirmed"}]


def yes_or_no(body):
    """The question is one of yes or no, applies to everybody and asks for no files."""
    drop(body, "not_applicable_reason", "evidence")
    replace(body, given={"yes": True})


def survey_link(body):
    drop(body, "agreement_id", "person_id", "customer_ref", "language", "expires_at")
    body |= {"survey_id": survey("createSurveyLink"), "supplier_id": supplier()}


def answer(body):
    """What fits a survey of one question, and is about a supplier."""
    drop(body, "agreement_id", "person_id", "complimented_id", "importance", "answered_at")
    replace(body, answers=[{"item": "satisfaction", "value": 4}])
    body |= {"survey_id": survey("createSurveyLink"), "supplier_id": supplier()}
    body["answers"] = [{"item": "satisfaction", "value": 4}]


def said(body):
    drop(body, "importance")
    body |= {"answers": [{"item": "satisfaction", "value": 4}], "customer_ref": f"C-{next(names)}"}


def new_action(body):
    counter_action(body)
    body["agreement_id"] = so_far.in_force()["agreement_id"]


def counter_action(body):
    """Who answers for it is of the side that has to do it, and a metric has what it needs."""
    drop(body, "person_id")
    terms = action_terms()
    body |= {name: terms[name] for name in ("side", "owner_id", "due_on", "metric")}


def action_change(body):
    drop(body, "side", "owner_id", "person_id", "metric")
    replace(body, due_on="2099-12-31")


def action_signature(body):
    drop(body, "person_id")
    signature(body)


def called(body):
    """A review of an agreement in force, of days that are over."""
    drop(body, "attendees")
    body |= {"agreement_id": so_far.in_force()["agreement_id"], "scheduled_on": "2099-12-31"}
    body |= {"period_from": "2026-01-01", "period_to": "2026-01-31"}


def rated(body):
    drop(body, "reason")
    body["ratings"] = [{"criterion": criterion, "score": 4} for criterion in CRITERIA]


def clause_verdict(body):
    drop(body, "proposal")
    body["verdict"] = "confirmed"


def made_of(**members):
    """These members are always so."""
    return lambda body: body.update(members)


def with_replaced(**members):
    return lambda body: replace(body, **members)


# What makes a body possible that matches the document.
POSSIBLE = {
    "createCalendar": with_replaced(hours=CALENDAR["hours"], holidays=[{"on": so_far.NEXT_YEAR, "name": "Off"}]),
    "updateCalendar": with_replaced(hours=CALENDAR["hours"], holidays=[{"on": so_far.NEXT_YEAR, "name": "Off"}]),
    "createSupplier": identities,
    "updateFile": with_replaced(effective_from="2026-01-01", effective_to="2028-12-31"),
    "updateSupplier": identities,
    "createAgreement": new_agreement,
    "updateAgreement": terms,
    "updateAgreementVersion": terms,
    "agreeAgreement": made_of(accept_all=True, on_paper=True),
    "signAgreement": signature,
    "activateAgreement": with_replaced(effective_on=str(so_far.TODAY)),
    "terminateAgreement": made_of(effective_on=so_far.NEXT_YEAR),
    "renewAgreement": made_of(ends_on=so_far.AFTER_THE_END),
    "createExpectation": new_clause,
    "updateExpectation": clause_change,
    "confirmExpectation": with_replaced(review_by=so_far.NEXT_YEAR),
    "createPromise": new_promise,
    "createPromiseVersion": lambda body: promise_terms(body, f"{so_far.NEXT_YEAR}T00:00:00Z"),
    "publishPromise": made_of(approval=so_far.APPROVAL),
    "resumePromise": made_of(approval=so_far.APPROVAL),
    "putUnderpinning": made_of(**so_far.UNDERPINNING),
    "createCommitment": new_commitment,
    "fulfilCommitment": fulfilment,
    "correctCommitment": correction,
    "askExcuse": excuse,
    "createSurvey": asked,
    "updateSurvey": asked,
    "createQuestionnaire": new_questionnaire,
    "updateQuestionnaire": questioned,
    "assignAssessments": assignment,
    "updateAssessmentAnswer": yes_or_no,
    "verifyAssessmentAnswers": said_of_answers,
    "extendAssessment": made_of(due_on="2100-12-31"),
    "createAction": new_action,
    "counterAction": counter_action,
    "updateAction": action_change,
    "signAction": action_signature,
    "abandonAction": action_signature,
    "claimAction": made_of(effective_from=str(so_far.TODAY)),
    "verifyAction": made_of(**JUDGED),
    "createReview": called,
    "updateReview": lambda body: (drop(body, "attendees"), replace(body, scheduled_on="2099-12-30")),
    "holdReview": lambda body: (drop(body, "held_on"), body.update(present=present_now())),
    "rateReview": rated,
    "respondToReview": made_of(text="As it was."),
    "putReviewExpectation": clause_verdict,
    "createEarlyWarning": lambda body: body.update(agreement_id=so_far.in_force()["agreement_id"]),
    "createSurveyLink": survey_link,
    "createFeedback": answer,
    "submitFeedback": said,
    "ownFollowUp": lambda body: drop(body, "owner_id"),
    "contactFollowUp": lambda body: drop(body, "contacted_at"),
    "proposeExpectation": made_of(dimension="empathy"),
    "createExport": lambda body: drop(body, "filter"),
}
HOLIDAYS = {
    "text/csv": "date,name\n2027-01-01,New Year\n",
    "text/calendar": "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270101\r\nSUMMARY:New Year\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
}


def ask_what_is_possible(operation, query):
    """Windows end after they begin and are not too long; a rate is always of something."""
    charts = ("getGapChart", "getNpsChart", "getDistributionChart")
    if operation in ("getKeptRate", "getFeedbackNumbers", *charts):
        drop(query, "window", "as_of")
        query["service_line"] = so_far.TERMS["service_line"]
    if operation == "getFeedbackNumbers":
        drop(query, "by")
    if operation in ("getKeptRate", "getFeedbackNumbers", *charts, "getAlignment", "listWatermelons", "getCapability", "getReciprocity", "getKeptRateChart"):
        drop(query, "target")
        replace(query, **{"from": so_far.LONG_AGO, "to": str(so_far.TODAY)})
    if operation == "diffAgreementVersions":
        replace(query, against=1)
    if operation in ("listExpectations", "getExpectation", "getAgreementDocument"):
        replace(query, version=1)
    if operation == "createFile":
        drop(query, "supplier_id", "effective_from", "effective_to")
        replace(query, filename=f"proof-{next(names)}.pdf")
    if operation == "getReviewCalendar":
        replace(query, token=owner.post("/v1/me/calendar-feed", None)["url"].rpartition("=")[2])
    if operation == "getCalendarDue":
        replace(query, duration="PT48H")
    if operation == "getCalendarDue" or operation == "getCalendarElapsed":
        replace(query, **{"from": so_far.MADE, "to": so_far.FULFILLED})
