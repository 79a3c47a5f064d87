"""What the document cannot say of made-up data.

Ids in paths and references are valid by their form, but a made-up one names nothing: three of four
calls are made on rows that exist, in the state that the operation asks for, so that they reach what is
behind. Data that is wrong on purpose is left as it is.
"""

import itertools
import os
import re
import uuid

import requests
import schemathesis

URL, TOKEN = os.environ["ACCORD_URL"], os.environ["ACCORD_TOKEN"]
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
BELOW = {
    "note_id": ("notes", {"text": "A note."}),
    "person_id": ("people", {"name": "A person"}),
    "credential_id": ("credentials", {"type": "iso-9001", "number": "1", "issuer": "A certifier"}),
}
# What leads to the state from which an operation is allowed.
BEFORE = {
    "qualify": ["nominate"],
    "reject": ["nominate"],
    "activate": ["nominate", "qualify"],
    "suspend": ["nominate", "qualify"],
    "reinstate": ["nominate", "qualify", "suspend"],
    "exit": ["nominate", "qualify", "activate"],
    "complete-exit": ["nominate", "qualify", "activate", "exit"],
    "revoke": ["verify"],
}
# The account in the document's example of signing in.
EMAIL, PASSWORD = "owner@example.com", "correct horse battery staple"
SUPPLIER_ROLES = ("supplier_admin", "supplier_user")
calls, names = itertools.count(), itertools.count()
session = requests.Session()
session.headers["Authorization"] = f"Bearer {TOKEN}"


def create(path, body):
    answer = session.post(f"{URL}{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()["id"]


def supplier():
    return create("/v1/suppliers", {"kind": "company", "name": f"Supplier {next(names)}"})


def email():
    return f"made{next(names)}@example.com"


def pair():
    """Another session of the owner."""
    answer = requests.post(f"{URL}/v1/auth/login", json={"email": EMAIL, "password": PASSWORD}, timeout=30)
    answer.raise_for_status()
    return answer.json()


def invitation():
    answer = session.post(f"{URL}/v1/invitations", json={"email": email(), "role": "agent"}, timeout=10)
    answer.raise_for_status()
    return answer.json()


CALENDAR = {
    "name": "Office",
    "time_zone": "UTC",
    "hours": [{"weekday": "monday", "from": "09:00", "to": "17:00"}],
}
ALONE = {
    "user_id": lambda: create(
        "/v1/users", {"email": email(), "name": "A user", "role": "agent", "password": PASSWORD}
    ),
    "session_id": lambda: pair()["session_id"],
    "invitation_id": lambda: invitation()["id"],
    "calendar_id": lambda: create("/v1/calendars", CALENDAR),
    "api_key_id": lambda: create("/v1/api-keys", {"name": "A key", "scopes": ["suppliers:read"]}),
}


def well_formed(value):
    return isinstance(value, str) and UUID.match(value)


def act(path, verb):
    body = {"reason": "To get there."} if verb in ("reject", "suspend", "revoke") else None
    session.post(f"{URL}{path}/{verb}", json=body, timeout=10).raise_for_status()


def use_rows_that_exist(path, verb):
    if not path or not all(well_formed(value) for value in path.values()):
        return
    for name in path:
        if name in ALONE:
            path[name] = ALONE[name]()
    if "job_id" in path:
        jobs = session.get(f"{URL}/v1/jobs", timeout=10).json()["data"]
        path["job_id"] = jobs[0]["id"] if jobs else path["job_id"]
    if "supplier_id" in path:
        path["supplier_id"] = supplier()
        for name, (collection, body) in BELOW.items():
            if name in path:
                path[name] = create(f"/v1/suppliers/{path['supplier_id']}/{collection}", body)
        own = f"/v1/suppliers/{path['supplier_id']}"
        if "credential_id" in path:
            own = f"{own}/credentials/{path['credential_id']}"
        for step in BEFORE.get(verb, []):
            if not (verb == "reject" and "credential_id" in path):
                act(own, step)


def stay_signed_in(path):
    """Ids that answers gave are used again: never those of the run's own account and session."""
    for name in ("user_id", "session_id"):
        if well_formed(path.get(name)):
            path[name] = str(uuid.uuid4())


KEY = re.compile(r"^[!-~]{1,255}$")
EXTERNAL_ID = re.compile(r"^[A-Za-z0-9._:-]{1,100}$")


def hold(headers):
    """A new key for a new request, and the revision that is there."""
    for name in list(headers):
        value = headers[name]
        if name.lower() == "idempotency-key" and isinstance(value, str) and KEY.match(value):
            headers[name] = f"key-{next(names)}"
        if name.lower() == "if-match" and isinstance(value, str) and len(value) <= 400:
            headers[name] = "*"


def is_text(value, longest=254):
    return isinstance(value, str) and 0 < len(value) <= longest


def place(body):
    """Supplier roles have a supplier, staff has none."""
    if body.get("role") in SUPPLIER_ROLES:
        body["supplier_id"] = supplier()
    elif well_formed(body.get("supplier_id")):
        del body["supplier_id"]


def keep_the_rules(operation, body):
    external_id = body.get("external_id")
    if isinstance(external_id, str) and EXTERNAL_ID.match(external_id):
        body["external_id"] = f"{external_id}.{next(names)}"
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
        body["refresh_token"] = pair()["refresh_token"]
    if operation == "acceptInvitation" and is_text(body.get("token"), 200):
        body["token"] = invitation()["accept_token"]


@schemathesis.hook
def before_call(context, case, kwargs):
    query, operation = case.query, case.operation.definition.raw.get("operationId")
    # A cursor that the server did not give is refused (400 invalid_cursor), whatever it looks like.
    # Cursors that break the document's own bounds are kept.
    cursor = query.get("cursor") if isinstance(query, dict) else None
    if isinstance(cursor, str) and len(cursor) <= 512 and "\0" not in cursor:
        del query["cursor"]
    is_rewritten = next(calls) % 4
    if not is_rewritten and isinstance(case.path_parameters, dict):
        stay_signed_in(case.path_parameters)
    if is_rewritten:
        if isinstance(case.path_parameters, dict):
            use_rows_that_exist(case.path_parameters, case.operation.path.rsplit("/", 1)[-1])
        scenario = getattr(case.meta.phase.data, "parameter", None) if case.meta else None
        if case.headers and scenario != "Authorization":
            hold(case.headers)
        if isinstance(case.body, dict):
            keep_the_rules(operation, case.body)
