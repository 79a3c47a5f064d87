#!/usr/bin/env python3
"""The declaration that suppliers make to be on G-Cloud 12, as a questionnaire.

    python3 run.py g-cloud-12-declaration.json URL EMAIL < password

What was read from the file is counted, and compared with what Accord stored. See README.md.
"""

import html
import json
import re
import sys
import urllib.request
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


class Accord:
    def __init__(self, url, email, password):
        self.url = url.rstrip("/")
        self.token = None
        self.token = self.post("/v1/auth/login", {"email": email, "password": password})["access_token"]

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.url + path, method=method, data=body, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None):
        return self.call("POST", path, json.dumps(body).encode() if body is not None else b"")


class Declaration:
    """What the file says, in our terms."""

    def __init__(self, sections):
        self.sections = sections
        asked = [question for section in sections for _, question in parts(section)]
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


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
