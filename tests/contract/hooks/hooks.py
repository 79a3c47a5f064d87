"""What the document cannot say of made-up data.

Ids in paths and references are valid by their form, but a made-up one names nothing: three of four
calls are made on rows that exist, in the state that the operation asks for, so that they reach what is
behind. Data that is wrong on purpose is left as it is.
"""

import itertools
import json
import re
import uuid
from base64 import b64encode
from hashlib import sha256

import rows
import schemathesis
from bodies import HOLIDAYS, POSSIBLE, ask_what_is_possible, keep_the_rules, well_formed
from negotiated import is_shared
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation as Part
from server import TOKEN, names, owner

KEY = re.compile(r"^[!-~]{1,255}$")
PDF = b"%PDF-1.7\n"
REVISIONS = '"0", "1", "2", "3"'
calls = itertools.count()


def operation_id(case):
    return case.operation.definition.raw.get("operationId")


def matches(case, part):
    """Whether a part of the request is as the document wants it."""
    component = case.meta.components.get(part) if case.meta else None
    return component is None or component.mode.is_positive


def leave_alone(case):
    """Ids that answers gave are used again: never those of the run's own account and session, and of what is shared."""
    path = case.path_parameters or {}
    for name, value in path.items():
        if well_formed(value) and (name in ("user_id", "session_id") or is_shared(value)):
            path[name] = str(uuid.uuid4())
    # Invitations are accepted once. A token of the call before is still there when only another member is new.
    if isinstance(case.body, dict) and str(case.body.get("token")).startswith("acc_inv_"):
        case.body["token"] = rows.invitation()["accept_token"]


def hold(headers, operation):
    """A new key for a new request, and the revision that is there. An answer takes none but its own."""
    revision = REVISIONS if operation == "updateAssessmentAnswer" else "*"
    for name in list(headers):
        value = headers[name]
        if name.lower() == "idempotency-key" and isinstance(value, str) and KEY.match(value):
            headers[name] = f"key-{next(names)}"
        if name.lower() == "if-match" and isinstance(value, str) and len(value) <= 400:
            headers[name] = revision


def reach_what_is_behind(case, operation):
    is_body_right = matches(case, Part.BODY)
    # Without credentials nothing is found.
    is_signed_in = bool(case.headers) and case.headers.get("Authorization") == owner.authorization()
    if is_signed_in and case.path_parameters and matches(case, Part.PATH):
        case.path_parameters.update(rows.path_for(operation, list(case.path_parameters)))
    if matches(case, Part.QUERY) and isinstance(case.query, dict):
        ask_what_is_possible(operation, case.query)
    scenario = getattr(case.meta.phase.data, "parameter", None) if case.meta else None
    if case.headers and scenario != "Authorization":
        hold(case.headers, operation)
    if isinstance(case.body, dict):
        keep_the_rules(operation, case.body)
        if is_body_right and operation in POSSIBLE:
            POSSIBLE[operation](case.body)
    if operation == "importHolidays" and is_body_right and isinstance(case.body, str):
        case.body = HOLIDAYS[case.media_type]


def send_a_file(case):
    """A digest that was made up is never that of the file (and in place of one the coverage phase writes 0)."""
    if matches(case, Part.BODY) and not isinstance(case.body, NotSet):
        case.body = PDF
    for name in [name for name in case.headers or {} if name.lower() == "repr-digest"]:
        if matches(case, Part.HEADER):
            case.headers[name] = f"sha-256=:{b64encode(sha256(PDF).digest()).decode()}:"


def name_the_revision(case):
    """An answer is never changed without a revision."""
    if case.headers and matches(case, Part.HEADER):
        case.headers.setdefault("If-Match", REVISIONS)


@schemathesis.serializer("text/csv", "text/calendar")
def text(context, value):
    """What is on purpose of another type than text is sent as bytes that are no text."""
    value = getattr(value, "data", value)
    if isinstance(value, str):
        value = value.encode()
    return value if isinstance(value, bytes) else b"\xff" + json.dumps(value).encode()


@schemathesis.serializer("application/x-ndjson")
def line(context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"


@schemathesis.hook
def filter_case(context, case):
    """A file to be imported is read by a job: what is wrong with its rows is not known when it is sent."""
    is_file = operation_id(case) == "createImport" and not isinstance(case.body, NotSet)
    return not is_file or matches(case, Part.BODY)


@schemathesis.hook
def before_call(context, case, kwargs):
    # A cursor that the server did not give is refused (400 invalid_cursor), whatever it looks like.
    # Cursors that break the document's own bounds are kept.
    cursor = case.query.get("cursor") if isinstance(case.query, dict) else None
    if isinstance(cursor, str) and len(cursor) <= 512 and "\0" not in cursor:
        del case.query["cursor"]
    # `*` stands for whatever is there: 304 is right, and no answer that data can be compared with.
    for name in [name for name in case.headers or {} if name.lower() == "if-none-match"]:
        if case.headers[name] == "*":
            del case.headers[name]
    # The token the run began with gets old.
    if case.headers and case.headers.get("Authorization") == f"Bearer {TOKEN}":
        case.headers["Authorization"] = owner.authorization()
    if operation_id(case) == "createFile":
        send_a_file(case)
    if operation_id(case) == "updateAssessmentAnswer":
        name_the_revision(case)
    # Of an operation there is one example: it always reaches what is behind.
    is_example = case.meta is not None and case.meta.phase.name.value == "examples"
    if next(calls) % 4 or is_example:
        reach_what_is_behind(case, operation_id(case))
    else:
        leave_alone(case)


@schemathesis.hook
def after_call(context, case, response):
    rows.called(operation_id(case), case.path_parameters, case.method, response.status_code)
