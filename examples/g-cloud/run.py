#!/usr/bin/env python3
"""The declaration that suppliers make to be on G-Cloud 12, as a questionnaire, and two suppliers that answer it.

    python3 run.py g-cloud-12-declaration.json URL EMAIL < password

What was read from the file is counted, and compared with what Accord stored; what its rules make of the answers is
worked out from the file, and compared with what Accord says of every question. See README.md.
"""

import base64
import datetime
import hashlib
import html
import io
import json
import re
import secrets
import sys
import urllib.request
import zipfile
from collections import Counter

KINDS = {
    "boolean": "yes_no",
    "radios": "single",
    "checkboxes": "multi",
    "text": "text",
    "textbox_large": "text",
    "upload": "file",
}
ALWAYS_REQUIRED = ("boolean", "radios", "checkboxes", "text")
ODT = "application/vnd.oasis.opendocument.text"
# What the second supplier has to say yes to. Of the first of these the file leaves nothing to discretion.
BRIBED, EVADED = "corruptionBribery", "taxEvasion"


class Accord:
    def __init__(self, url, email, password):
        self.url = url.rstrip("/")
        self.token = None
        self.token = self.post("/v1/auth/login", {"email": email, "password": password})["access_token"]

    def call(self, method, path, body=None, **headers):
        headers = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.url + path, method=method, data=body, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None):
        return self.call("POST", path, json.dumps(body).encode() if body is not None else b"")

    def answer(self, path, change):
        """The first answer to a question."""
        return self.call("PATCH", path, json.dumps(change).encode(), If_Match='"0"')

    def upload(self, name, media_type, content):
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
        return self.call("POST", f"/v1/files?filename={name}", content, Content_Type=media_type, Repr_Digest=digest)["id"]


class Declaration:
    """What the file says, in our terms."""

    def __init__(self, sections):
        self.sections = sections
        asked = every(sections)
        self.names = {question["id"]: question["name"] for question in asked}
        # Which answers to another question each one waits for.
        self.awaited = {}
        for question in asked:
            for dependent, values in question.get("followup", {}).items():
                words = [word(question, value) for value in values]
                self.awaited.setdefault(dependent, []).append({"question": question["id"], "is_in": words})

    def plain(self, text):
        """Text without HTML; other questions are named instead of numbered."""
        text = re.sub(r"\[\[(\w+)\]\]", lambda found: f"“{self.names[found[1]]}”", text or "")
        text = text.replace("<li>", "- ")
        text = html.unescape(re.sub(r"</?[a-z][^>]*>", "", text)).replace("\u00a0", " ")
        return re.sub(r"\n\s*\n\s*", "\n\n", text).strip() or None

    def terms(self, title):
        sections = [self.section(section) for section in self.sections]
        return {"title": title, "language": "en", "sections": sections}

    def section(self, section):
        groups = [question["question"] for question in section["questions"] if question["type"] == "multiquestion"]
        texts = [self.plain(text) for text in [section["description"], *groups]]
        return {
            "key": section["slug"],
            "title": self.plain(section["name"]),
            "description": "\n\n".join(filter(None, texts)) or None,
            "questions": [self.question(section, question) for _, question in parts(section)],
        }

    def question(self, section, question):
        awaited = self.awaited.get(question["id"], [])
        return {
            "key": question["id"],
            "kind": KINDS[question["type"]],
            "title": self.plain(question["name"]),
            "wording": self.plain(question["question"]),
            "hint": self.plain(question.get("hint")),
            "is_required": is_required(question),
            "choices": [
                {"key": f"option-{number}", "label": self.plain(option["label"])}
                for number, option in enumerate(question.get("options", []), 1)
            ],
            "pass_rule": pass_rule(question),
            "is_prefilled": section["prefill"],
            "condition": {"any": awaited} if len(awaited) > 1 else next(iter(awaited), None),
        }


def parts(section):
    """The questions of a section with the parts of those that hold others, instead of these."""
    for question in section["questions"]:
        for part in question.get("questions", [question]):
            yield question, part


def every(sections):
    return [part for section in sections for _, part in parts(section)]


def is_required(question):
    """Long texts explain other answers: when they have to be there is said in their words only, not in the data."""
    must = any(rule["name"] == "answer_required" for rule in question.get("validations", []))
    return question["type"] in ALWAYS_REQUIRED or (question["type"] == "upload" and must)


def word(question, value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    labels = [option["label"] for option in question["options"]]
    return f"option-{labels.index(value) + 1}"


def pass_rule(question):
    rule = question.get("assessment")
    if not rule:
        return None
    words = [word(question, value) for value in rule["passIfIn"]]
    return {"must_be_in": words, "is_discretionary": rule.get("discretionary", False)}


def counted_in_source(sections):
    """Counted in the file as it is, by its own words."""
    nodes, waiting = [], []

    def look(value):
        if isinstance(value, dict):
            if "type" in value and "id" in value:
                nodes.append(value)
            waiting.extend(value.get("followup", {}))
            value = list(value.values())
        for below in value if isinstance(value, list) else []:
            look(below)

    look(sections)
    asked = [node for node in nodes if node["type"] != "multiquestion"]
    rules = [node["assessment"] for node in asked if "passIfIn" in node.get("assessment", {})]
    one = lambda value: [rule for rule in rules if rule["passIfIn"] == [value]]
    prefilled = [section for section in sections if section["prefill"]]
    return {
        "sections": len(sections),
        "questions": len(asked),
        **{f"of kind {ours}": 0 for ours in KINDS.values()},
        **Counter(f"of kind {KINDS[node['type']]}" for node in asked),
        "pass rules": len(rules),
        "must be yes": len(one(True)),
        "must be no": len(one(False)),
        "discretionary": sum(rule.get("discretionary") is True for rule in rules),
        "with a condition": len(set(waiting)),
        "prefilled": sum(len(list(parts(section))) for section in prefilled),
        "choices": sum(len(node.get("options", [])) for node in asked),
    }


def counted_in_terms(terms):
    """Counted in what Accord tells."""
    asked = [question for section in terms["sections"] for question in section["questions"]]
    rules = [question["pass_rule"] for question in asked if question["pass_rule"]]
    return {
        "sections": len(terms["sections"]),
        "questions": len(asked),
        **{f"of kind {kind}": 0 for kind in KINDS.values()},
        **Counter(f"of kind {question['kind']}" for question in asked),
        "pass rules": len(rules),
        "must be yes": sum(rule["must_be_in"] == ["yes"] for rule in rules),
        "must be no": sum(rule["must_be_in"] == ["no"] for rule in rules),
        "discretionary": sum(rule["is_discretionary"] for rule in rules),
        "with a condition": sum(question["condition"] is not None for question in asked),
        "prefilled": sum(question["is_prefilled"] for question in asked),
        "choices": sum(len(question["choices"]) for question in asked),
    }


def is_asked(sections, question, answers):
    """Nothing waits for it, or one of the answers that it waits for was given to a question that is asked itself."""
    waits_for = [other for other in every(sections) if question["id"] in other.get("followup", {})]
    return not waits_for or any(
        is_asked(sections, other, answers) and answers.get(other["id"]) in other["followup"][question["id"]]
        for other in waits_for
    )


def passing(question):
    """An answer that passes, in the words of the file; what may be left out is left out."""
    if not is_required(question):
        return None
    if "passIfIn" in question.get("assessment", {}):
        return question["assessment"]["passIfIn"][0]
    if question["type"] == "checkboxes":
        return [question["options"][0]["label"]]
    return {"boolean": True, "upload": "statement.odt"}.get(question["type"], "Robin Bell")


def answers_of(sections, differently):
    """To everything that is asked: what passes, but for what is answered differently."""
    answers = {question["id"]: passing(question) for question in every(sections)}
    answers.update(differently)
    return {one["id"]: answers[one["id"]] for one in every(sections) if is_asked(sections, one, answers)}


def outcome(question, answer):
    """What the rule in the file makes of an answer."""
    rule = question.get("assessment")
    if answer is None:
        return "unanswered"
    if not rule:
        return "no_rule"
    if answer in rule["passIfIn"]:
        return "pass"
    return "discretionary" if rule.get("discretionary") else "knock_out"


def document(text):
    """A text as an OpenDocument file, which is what the declaration asks for."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:text="{space}:text:1.0" office:version="1.2">'
        f"<office:body><office:text><text:p>{text}</text:p></office:text></office:body></office:document-content>"
    )
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODT}"/>'
    entry += '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    manifest = f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0" manifest:version="1.2">{entry}</manifest:manifest>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        members.writestr("mimetype", ODT)
        members.writestr("content.xml", content)
        members.writestr("META-INF/manifest.xml", manifest)
    return file.getvalue()


def joined(accord, name):
    """A supplier, and the one who answers for it."""
    supplier = accord.post("/v1/suppliers", {"kind": "company", "name": name})["id"]
    email, password = f"{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(18)
    invitation = {"email": email, "role": "supplier_admin", "supplier_id": supplier}
    token = accord.post("/v1/invitations", invitation)["accept_token"]
    accord.post("/v1/invitations/accept", {"token": token, "name": "Robin Bell", "password": password})
    return supplier, Accord(accord.url, email, password)


def declare(supplier, path, sections, answers):
    """Answers one by one, and submits."""
    for question in every(sections):
        answer = answers.get(question["id"])
        if answer is None:
            continue
        if question["type"] == "upload":
            change = {"evidence": [supplier.upload(answer, ODT, document("We pay everybody who works for us."))]}
        elif question["type"] == "boolean":
            change = {"given": {"yes": answer}}
        elif "options" in question:
            chosen = answer if isinstance(answer, list) else [answer]
            change = {"given": {"choices": [word(question, label) for label in chosen]}}
        else:
            change = {"given": {"text": answer}}
        supplier.answer(f"{path}/answers/{question['id']}", change)
    return supplier.post(f"{path}/submit", {"name": "Robin Bell", "position": "Director"})


def judged(accord, path):
    """What Accord says: of every question, and in all."""
    said = {answer["question"]: answer["outcome"] for answer in accord.get(f"{path}/answers")["data"]}
    scores = accord.get(f"{path}/scores")
    keys = lambda found: [one["question"] for one in scores[found]]
    return said, keys("knock_outs"), keys("discretionary"), scores["passes"]


def judged_here(sections, answers):
    """The same, by the file."""
    asked = [question for question in every(sections) if question["id"] in answers]
    made = {question["id"]: outcome(question, answers[question["id"]]) for question in asked}
    those = lambda which: [key for key, one in made.items() if one == which]
    all_pass = all(made[question["id"]] == "pass" for question in asked if "assessment" in question)
    passes = False if those("knock_out") else True if all_pass else None
    return made, those("knock_out"), those("discretionary"), passes


def declarations(accord, sections, questionnaire):
    """Two suppliers declare; what Accord makes of it has to be what the file says."""
    answers = {
        "Good Clouds Ltd": answers_of(sections, {}),
        # Too small for the Modern Slavery Act, which leads to another question.
        "Grey Clouds Ltd": answers_of(
            sections,
            {
                BRIBED: True,
                EVADED: True,
                "mitigatingFactors": "We paid the tax, and the director left.",
                "modernSlaveryTurnover": False,
            },
        ),
    }
    people = {name: joined(accord, name) for name in answers}
    today = datetime.date.today()
    year_on = today + datetime.timedelta(days=365)
    assignment = {
        "questionnaire_id": questionnaire,
        "supplier_ids": [supplier for supplier, _ in people.values()],
        "period_from": str(today),
        "period_to": str(year_on),
        "due_on": str(today + datetime.timedelta(days=14)),
    }
    assigned = accord.post("/v1/assessments", assignment)["assessments"]
    paths = {one["supplier_id"]: f"/v1/assessments/{one['id']}" for one in assigned}
    told, expected = {}, {}
    for name, (supplier, caller) in people.items():
        submitted = declare(caller, paths[supplier], sections, answers[name])
        told[name], expected[name] = judged(accord, paths[supplier]), judged_here(sections, answers[name])
        if submitted["status"] != "submitted" or judged(caller, paths[supplier]) != told[name]:
            sys.exit(f"{name} does not read what staff read.")

    print(f"\n{'':<48}{''.join(f'{name:<18}' for name in answers)}".rstrip())
    for question in every(sections):
        made = [told[name][0].get(question["id"], "(not asked)") for name in answers]
        print(f"{question['id']:<48}{made[0]:<18}{made[1]}")
    for name, (said, knock_outs, discretionary, passes) in told.items():
        counts = ", ".join(f"{count} {made}" for made, count in Counter(said.values()).items())
        print(f"\n{name}: {len(said)} asked: {counts}")
        print(f"  knock-outs {knock_outs}, discretionary {discretionary}, passes: {json.dumps(passes)}")
    for name in answers:
        if told[name] != expected[name] or list(told[name][0]) != list(expected[name][0]):
            sys.exit(f"What Accord makes of {name} is not what the file says: {expected[name]}")
    print("All of it is what the rules in the file make of these answers.")


def main(path, url, email):
    with open(path, encoding="utf-8") as file:
        sections = json.load(file)["sections"]
    accord = Accord(url, email, sys.stdin.read().strip())
    terms = Declaration(sections).terms("G-Cloud 12 declaration")
    made = accord.post("/v1/questionnaires", {"name": "G-Cloud 12 declaration", "terms": terms})["id"]
    accord.post(f"/v1/questionnaires/{made}/publish")
    stored = accord.get(f"/v1/questionnaires/{made}/versions/1")

    in_file = [question for section in sections for question in section["questions"]]
    below = sum(len(question.get("questions", [])) for question in in_file)
    print(f"{len(in_file)} questions in the file, {len(in_file) + below} with the {below} parts of the one that holds others")
    print(f"{'':<18}file Accord")
    source, told = counted_in_source(sections), counted_in_terms(stored["terms"])
    for name, count in source.items():
        print(f"{name:<18}{count:>4}{told.get(name, 0):>6}")
    if source != told:
        sys.exit("What Accord stored is not what stands in the file.")
    # It can be taken along: what was read makes the same questionnaire again.
    again = accord.post("/v1/questionnaires", {"name": "Copy", "terms": stored["terms"]})
    if again["terms"] != stored["terms"]:
        sys.exit("What Accord told is not what it stores when it is sent again.")
    print(f"Published as {made}, version {stored['version']}; all of it agrees with the file, and with its copy.")
    declarations(accord, sections, made)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
