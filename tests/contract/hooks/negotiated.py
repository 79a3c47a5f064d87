"""Agreements, promises and commitments, in the state that an operation asks for."""

from datetime import date, datetime, timedelta, timezone
from functools import cache

from server import PASSWORD, Caller, email, names, owner

TODAY = date.today()
LONG_AGO, NEXT_YEAR, END = (str(TODAY + timedelta(days=days)) for days in (-400, 400, 1500))
AFTER_THE_END = str(TODAY + timedelta(days=3000))


def instant(**ago):
    return (datetime.now(timezone.utc) - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


MADE, FULFILLED = instant(hours=1), instant(minutes=30)
CADENCE = {"unit": "quarter", "every": 1, "day": 1}
APPROVAL = {"reason": "To get there.", "recheck_on": NEXT_YEAR}
DURATION = {"metric": "duration", "comparison": "at_most", "target_duration": "PT48H", "reliability": 0.95}
TERMS = {"title": "Deliveries", "service_line": "Deliveries", "starts_on": LONG_AGO, "ends_on": END, "cadence": CADENCE}
CLAUSES = ("supplier_to_us", "us_to_supplier", "supplier_to_customer")
WHY = {"reason": "To get there."}


def active_supplier():
    made = owner.create("/v1/suppliers", {"kind": "company", "name": f"Partner {next(names)}"})
    for verb in ("nominate", "qualify", "activate"):
        owner.post(f"/v1/suppliers/{made}/{verb}")
    return made


@cache
def partner():
    """An active supplier."""
    return active_supplier()


@cache
def other_side():
    """The administrator of that supplier."""
    new = {"email": email(), "role": "supplier_admin", "supplier_id": partner()}
    token = owner.post("/v1/invitations", new)["accept_token"]
    owner.post("/v1/invitations/accept", {"token": token, "name": "A partner", "password": PASSWORD})
    return Caller(new["email"])


PROPOSED = [("propose", {})]
AGREED = PROPOSED + [("agree", {"accept_all": True, "on_paper": True})]
ON_PAPER = {"on_paper": {"side": "supplier", "name": "Somebody", "signed_on": str(TODAY)}}
SIGNED = AGREED + [("sign", {}), ("sign", ON_PAPER)]
IN_FORCE = SIGNED + [("activate", {})]
STEPS = {
    "agreeAgreement": PROPOSED,
    "counterAgreement": PROPOSED,
    "signAgreement": AGREED,
    "activateAgreement": SIGNED,
    "amendAgreement": IN_FORCE,
    "terminateAgreement": IN_FORCE,
    "renewAgreement": IN_FORCE,
    "confirmExpectation": IN_FORCE,
}


def agreement(operation, supplier=None):
    """An agreement with a clause in every direction, as the values of the path."""
    made = owner.create("/v1/agreements", TERMS | {"supplier_id": supplier or partner()})
    path = f"/v1/agreements/{made}"
    clause = {"dimension": "reliability", "text": "Everything comes within two days."} | DURATION
    clauses = [owner.create(f"{path}/expectations", clause | {"direction": direction}) for direction in CLAUSES]
    is_read = operation.startswith(("get", "list", "diff"))
    for verb, body in STEPS.get(operation, IN_FORCE if is_read else []):
        owner.post(f"{path}/{verb}", body)
    if operation == "counterAgreement":
        other_side().post(f"{path}/counter", {})
    return {"agreement_id": made, "expectation_id": clauses[0], "version": 1, "clauses": clauses}


@cache
def in_force():
    return agreement("getAgreement")


def new_promise():
    """What is promised to customers is ours to decide; so there any numbers are possible."""
    agreed = in_force()
    return {"agreement_id": agreed["agreement_id"], "expectation_id": agreed["clauses"][2]}


LIFE = {"checkPromise": [], "publishPromise": ["check"], "resumePromise": ["check", "publish", "pause"]}
DRAFTS = ("updatePromise", "deletePromise", "createPromiseVersion", "getUnderpinning", "putUnderpinning")
UNDERPINNING = {"tree": {"kind": "estimate", "name": "A link", "reliability": 0.99, "target_duration": "PT4H"}}


def promise(operation):
    made = owner.create("/v1/promises", new_promise() | {"wording": "Two days.", "effective_from": f"{LONG_AGO}T00:00:00Z"})
    path = f"/v1/promises/{made}"
    bodies = {"publish": {"approval": APPROVAL}, "pause": WHY}
    for verb in LIFE.get(operation, [] if operation in DRAFTS else ["check", "publish"]):
        owner.post(f"{path}/{verb}", bodies.get(verb))
    if operation == "getUnderpinning":
        owner.send("PUT", f"{path}/underpinning", json=UNDERPINNING)
    return made


@cache
def published():
    return promise("getPromise")


def commitment(operation):
    """Open for what is done to open ones, otherwise broken; perhaps somebody else asks for an excuse."""
    new = {"promise_id": published(), "made_at": MADE}
    if operation not in ("fulfilCommitment", "withdrawCommitment"):
        new["due_at"] = FULFILLED
    made = owner.create("/v1/commitments", new)
    if operation in ("grantExcuse", "refuseExcuse"):
        other_side().post(f"/v1/commitments/{made}/ask-excuse", WHY | {"cause": "customer"})
    return made


def is_shared(value):
    """Whether calls rely on it staying as it is. Asks only for what there is already."""
    shared = [one() for one in (partner, in_force, published) if one.cache_info().currsize]
    return any(value == one or isinstance(one, dict) and value in (one["agreement_id"], *one["clauses"]) for one in shared)


def forget():
    """Something shared was changed all the same."""
    for one in (partner, other_side, in_force, published):
        one.cache_clear()
