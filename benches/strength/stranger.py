"""With a supplier's account: try to read, guess, count, time or cause anything of another supplier's.

The year of `accord demo` (thirty suppliers) is served without rate limits. An owner's account tells what there is; whatever
belongs to others is foreign. Each attempt is made with a foreign id and with one nobody has: the answers must not differ,
no answer may hold a foreign id or name, and nothing foreign may have changed in the end.
"""

import collections
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import time
import urllib.parse
import uuid

from place import Place, call, free_port, sign_in, wait_for

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Members that name somebody; texts everybody shares (statuses, kinds) are not among them.
NAMES = ("name", "title", "email", "external_id", "filename", "job_ref", "customer_ref", "receipt", "comment")
# What only tells which request it was.
OWN = ("request_id", "instance")


def year(place):
    """Lets `accord demo` make its year, and takes a copy of it into the data folder. The password of everybody."""
    folder, port = os.path.join(place.folder, "demo"), free_port()
    os.mkdir(folder)
    log = os.path.join(folder, "log")
    env = {**place.env, "TMPDIR": folder, "ACCORD_LISTEN": f"127.0.0.1:{port}"}
    with open(log, "wb") as out:
        demo = subprocess.Popen([place.binary, "demo"], env=env, stdout=out, stderr=out, cwd=folder)
    said = lambda: open(log).read()
    try:
        wait_for("the demo", lambda: "listens on" in said() or demo.poll() is not None, 300)
        found = next(os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("accord-demo-"))
        os.mkdir(place.data)
        place.env["ACCORD_SECRET"] = open(os.path.join(found, "secret")).read().strip()
        backup = {**place.env, "ACCORD_DATA_DIR": found}
        subprocess.run([place.binary, "backup", os.path.join(place.data, "accord.db")], env=backup, check=True, capture_output=True)
        if os.path.isdir(os.path.join(found, "files")):
            shutil.copytree(os.path.join(found, "files"), os.path.join(place.data, "files"))
        return re.search(r'password is "([^"]+)"', said()).group(1)
    finally:
        demo.terminate()
        demo.wait()


def enrich(base, owner, own):
    """What the year has not: things of other suppliers that an owner makes by hand. How many of each."""
    made = collections.Counter()

    def make(what, path, body, headers=()):
        status, _, answer = call(base, "POST", path, body, owner, headers)
        made[what] += status in (200, 201, 202)
        return answer if isinstance(answer, dict) else {}

    def first(path):
        return call(base, "GET", path + ("&" if "?" in path else "?") + "limit=3", token=owner)[2]["data"]

    form = make("questionnaire", "/v1/questionnaires", {"name": "Foreign form", "template": "service_excellence"})
    make("questionnaire", f"/v1/questionnaires/{form['id']}/publish", None)
    others = [row for row in call(base, "GET", "/v1/suppliers?status=active&limit=100", token=owner)[2]["data"] if row["id"] != own]
    for number, of in enumerate(row["id"] for row in others[:3]):
        days = {"valid_from": "2026-01-01", "valid_to": "2028-12-31"}
        make("credential", f"/v1/suppliers/{of}/credentials", {"type": "iso-9001", "number": f"FOREIGN-{number}", "issuer": "Foreign Body", **days})
        make("note", f"/v1/suppliers/{of}/notes", {"text": f"Foreign words {number} of a note"})
        make("api_key", "/v1/api-keys", {"name": f"Foreign key {number}", "scopes": ["suppliers:read"], "supplier_id": of})
        make("invitation", "/v1/invitations", {"email": f"foreign-{number}@example.com", "role": "supplier_user", "supplier_id": of})
        bytes_ = {"Content-Type": "application/octet-stream"}
        make("file", f"/v1/files?filename=foreign-{number}.txt&supplier_id={of}", b"Foreign words of a file", bytes_)
        period = {"period_from": "2027-01-01", "period_to": "2027-12-31", "due_on": "2099-12-31"}
        make("assessment", "/v1/assessments", {"questionnaire_id": form["id"], "supplier_ids": [of], **period})
        user = {"email": f"stranger-{number}@example.com", "name": f"Foreign user {number}", "role": "supplier_user", "supplier_id": of}
        make("user", "/v1/users", {**user, "password": "four quiet lanterns northward"})
        for agreement in first(f"/v1/agreements?supplier_id={of}&status=active")[:1]:
            person = first(f"/v1/suppliers/{of}/people")[0]["id"]
            action = {"title": f"Foreign action {number}", "description": "Of somebody else.", "side": "supplier", "person_id": person}
            make("action", "/v1/actions", {"agreement_id": agreement["id"], **action, "due_on": "2099-12-31", "metric": {"kind": "csat", "target": 0.9}})
            warning = {"text": f"Foreign warning {number}", "urgency": "low"}
            make("early_warning", "/v1/early-warnings", {"agreement_id": agreement["id"], **warning})
            for survey in first("/v1/surveys?status=published")[:1]:
                make("survey_link", "/v1/survey-links", {"survey_id": survey["id"], "agreement_id": agreement["id"], "job_ref": f"FOREIGN-JOB-{number}"})
    make("export", "/v1/exports", {"kind": "suppliers", "format": "csv"})
    make("import", "/v1/imports?kind=suppliers&dry_run=true", b"kind,name\ncompany,Foreign Row", {"Content-Type": "text/csv"})
    time.sleep(1)
    return made


class World:
    """Who is asking, what there is, and what of it is foreign."""

    def __init__(self, place, base, password):
        self.base = base
        self.document = json.loads(place.command("openapi"))
        self.owner = sign_in(base, ("owner@demo.example", password))
        self.callers = {who: sign_in(base, (f"{who}@supplier.example", password)) for who in ("admin", "user")}
        self.own = call(base, "GET", "/v1/me", token=self.callers["admin"])[2]["supplier_id"]
        self.made = enrich(base, self.owner, self.own)
        self.lists = [path for path, item in self.document["paths"].items() if "get" in item and self.is_list(item["get"])]
        self.rows = self.harvest(self.owner)
        seen = set(UUID.findall(json.dumps(self.harvest(self.callers["admin"]))))
        self.foreign, names = collections.defaultdict(list), set()
        for path, rows in self.rows.items():
            for row in rows:
                of = row["id"] if path == "/v1/suppliers" else row.get("supplier_id")
                # What the organisation alone has (its jobs, exports, keys) is as foreign as what another supplier has.
                of = of or path in ("/v1/jobs", "/v1/exports", "/v1/imports", "/v1/api-keys", "/v1/users", "/v1/files")
                if of and of != self.own and "id" in row and row["id"] not in seen:
                    self.foreign[self.kind(path)].append(row)
                    names |= {row[name] for name in NAMES if isinstance(row.get(name), str) and len(row[name]) > 5}
        mine = json.dumps([row for rows in self.harvest(self.callers["admin"]).values() for row in rows])
        self.ids = {row["id"] for rows in self.foreign.values() for row in rows} - seen
        self.names = {name for name in names if name not in mine}
        self.tried, self.found, self.statuses = 0, [], collections.Counter()

    def is_list(self, operation):
        # Public ones are everybody's.
        return any(parameter.get("name") == "cursor" for parameter in operation.get("parameters", []))

    def kind(self, path):
        last = path.rstrip("/").split("/")[-1]
        return {"people": "person"}.get(last, last.removesuffix("ies") + "y" if last.endswith("ies") else last.removesuffix("s")).replace("-", "_")

    def harvest(self, token):
        """Every row of every list, and of the lists below suppliers."""
        found = {}
        suppliers = [row["id"] for row in self.pages("/v1/suppliers", token)]
        for path in self.lists:
            if "{supplier_id}" in path and path.count("{") == 1:
                below = (self.pages(path.replace("{supplier_id}", supplier), token, supplier) for supplier in suppliers)
                found[path] = [row for rows in below for row in rows]
            elif "{" not in path and path not in ("/v1/audit-events", "/v1/sessions"):
                found[path] = self.pages(path, token)
        return found

    def pages(self, path, token, supplier=None):
        rows, cursor = [], None
        for _ in range(40):
            query = "?limit=100" + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else "")
            status, _, body = call(self.base, "GET", path + query, token=token)
            if status != 200:
                break
            rows += [{"supplier_id": supplier, **row} if supplier else row for row in body["data"]]
            cursor = body["next_cursor"]
            if not cursor:
                break
        return rows

    def ask(self, who, method, path, body=None, headers=(), may_echo=""):
        """What a supplier is answered; anything foreign in it is a find."""
        status, found, answer = call(self.base, method, path, body, self.callers[who], headers)
        self.tried += 1
        self.statuses[status] += 1
        told = json.dumps(answer) if isinstance(answer, (dict, list)) else answer.decode(errors="replace")
        sent = f"{path} {json.dumps(body) if isinstance(body, (dict, list)) else body} {may_echo}"
        leaks = [hit for hit in set(UUID.findall(told)) & self.ids if hit not in sent]
        leaks += [name for name in self.names if name in told and name not in sent and urllib.parse.quote(name) not in sent]
        if leaks:
            self.find(f"{who}: {method} {path} → {status} holds {leaks[:2]}")
        if status >= 500:
            self.find(f"{who}: {method} {path} → {status}")
        return status, found, answer

    def find(self, sentence):
        if sentence not in self.found:
            self.found.append(sentence)

    def alike(self, who, method, make, true, false, headers=()):
        """The same request about something foreign and about nothing: the answers must not differ."""
        answers = []
        for value in (true, false):
            path, body = make(value)
            status, found, answer = self.ask(who, method, path, body, headers)
            if isinstance(answer, dict):
                answer = {name: told for name, told in answer.items() if name not in OWN}
            elif isinstance(answer, bytes):
                answer = answer.decode(errors="replace")
            plain = re.sub(r'"as_of": "[^"]+"', '"as_of": "now"', json.dumps(answer)).replace(str(value), "IT")
            answers.append((status, sorted(set(found) - {"etag"}), "etag" in found, plain))
        if answers[0] != answers[1] and not (answers[0][0] == answers[1][0] in (200, 201) and method == "POST"):
            self.find(f"{who}: {method} {make('IT')[0]} differs: {answers[0][0]} {answers[0][3][:160]} / {answers[1][0]} {answers[1][3][:160]}")

    def example(self, operation):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        found = content.get("example") or next((one["value"] for one in content.get("examples", {}).values()), None)
        return json.loads(json.dumps(found)) if found is not None else None


def by_path(world):
    """Every operation with an id in its path, about something foreign."""
    for path, item in world.document["paths"].items():
        names = re.findall(r"{(\w+)}", path)
        for method, operation in item.items():
            if not names or method not in ("get", "post", "patch", "put", "delete") or path.startswith("/v1/auth"):
                continue
            last = names[-1].removesuffix("_id")
            rows = world.foreign.get(last) or world.foreign.get(names[0].removesuffix("_id"))
            if not rows:
                continue
            row = random.choice(rows)

            def make(value, path=path, names=names, row=row, last=last):
                for name in names:
                    is_it = name.removesuffix("_id") == last or len(names) == 1
                    other = row.get(name) or {"version": "1", "question": "q1"}.get(name) or str(uuid.uuid4())
                    chosen = value if is_it or name == names[0] and not world.foreign.get(last) else other
                    path = path.replace("{%s}" % name, str(chosen))
                return path, world.example(operation)

            if last in ("version", "question", "template", "template_key", "code"):
                make = lambda value, path=path, names=names: (
                    path.replace("{%s}" % names[0], value).replace("{version}", "1").replace("{question}", "q1"),
                    world.example(operation),
                )
            headers = {"If-Match": f'"{row.get("revision", 1)}"'} if method in ("patch", "put", "delete") else {}
            for who in world.callers:
                world.alike(who, method.upper(), make, row["id"], str(uuid.uuid4()), headers)
                # A child of another's under one's own supplier.
                if path.startswith("/v1/suppliers/{supplier_id}/") and len(names) > 1:
                    below = path.replace("{supplier_id}", world.own)
                    make_below = lambda value: (below.replace("{%s}" % names[-1], value), world.example(operation))
                    world.alike(who, method.upper(), make_below, row["id"], str(uuid.uuid4()), headers)


def by_body(world):
    """Every id that a body names, replaced by a foreign one."""
    for path, item in world.document["paths"].items():
        operation = item.get("post")
        body = operation and world.example(operation)
        if not isinstance(body, dict) or path.startswith(("/v1/auth", "/v1/public")) or "{" in path:
            continue
        for member in [name for name in body if name.endswith(("_id", "_ids"))]:
            kind = member.removesuffix("s").removesuffix("_id")
            rows = world.foreign.get(kind)
            if not rows:
                continue
            foreign = random.choice(rows)["id"]
            for who in world.callers:
                def make(value):
                    return path, {**body, member: [value] if member.endswith("_ids") else value}

                world.alike(who, "POST", make, foreign, str(uuid.uuid4()))


def by_filter(world):
    """Every filter, sort, count and cursor of every list."""
    for path in world.lists:
        operation = world.document["paths"][path]["get"]
        path = path.replace("{supplier_id}", world.own)
        if "{" in path:
            continue
        parameters = {p["name"] for p in operation["parameters"] if p.get("in") == "query"}
        some = {kind: random.choice(rows) for kind, rows in world.foreign.items()}
        values = {name: some[name.removesuffix("_id")]["id"] for name in parameters if name.removesuffix("_id") in some}
        kind = world.kind(path)
        for name in ("external_id", "email", "job_ref", "customer_ref", "receipt"):
            known = [row[name] for row in world.foreign.get(kind, []) if row.get(name)]
            if name in parameters and known:
                values[name] = random.choice(known)
        if "q" in parameters and kind in some:
            values["q"] = (some[kind].get("name") or some[kind].get("title") or "").split(" ")[0]
        for who in world.callers:
            for name, value in values.items():
                nobody = str(uuid.uuid4()) if UUID.fullmatch(value) else "nobody-at-all@example.com" if name == "email" else "qxzvwjqxzvwj"
                if name == "q" and any(value.lower() in json.dumps(row).lower() for row in world.pages(path, world.callers[who])):
                    continue
                query = lambda value: (f"{path}?count=true&{name}={urllib.parse.quote(value)}", None)
                world.alike(who, "GET", query, value, nobody)
            status, _, answer = world.ask(who, "GET", f"{path}?limit=1&count=true")
            if status == 200:
                visible = len(world.pages(path, world.callers[who]))
                if answer.get("total_count") not in (visible, None):
                    world.find(f"{who}: {path} counts {answer['total_count']}, shows {visible}")
            for sort in ("name", "-name", "-created_at", "title", "-updated_at"):
                if "sort" in parameters:
                    world.ask(who, "GET", f"{path}?sort={sort}&limit=100")
            # The cursor of somebody who sees more.
            status, _, answer = call(world.base, "GET", f"{path}?limit=1", token=world.owner)
            if status == 200 and answer["next_cursor"]:
                world.ask(who, "GET", f"{path}?limit=100&cursor={urllib.parse.quote(answer['next_cursor'])}")


def numbers(world):
    """Numbers, charts, calendars, tasks, trails and other answers that are no lists of rows."""
    foreign = {kind: random.choice(rows)["id"] for kind, rows in world.foreign.items()}
    for path, item in world.document["paths"].items():
        operation = item.get("get")
        if not operation or "{" in path or path in world.lists:
            continue
        for who in world.callers:
            world.ask(who, "GET", path)
            for parameter in operation.get("parameters", []):
                kind = parameter.get("name", "").removesuffix("_id")
                if parameter.get("in") == "query" and kind in foreign:
                    world.alike(who, "GET", lambda v: (f"{path}?{parameter['name']}={v}", None), foreign[kind], str(uuid.uuid4()))
            if "by" in {p.get("name") for p in operation.get("parameters", [])}:
                for by in ("supplier", "person", "agreement", "month"):
                    world.ask(who, "GET", f"{path}?by={by}")
    for who in world.callers:
        world.ask(who, "GET", "/v1/audit-events?limit=100")
        world.ask(who, "GET", f"/v1/suppliers/{world.own}?expand=parent")


def exports(world):
    """What suppliers may export, and exports, jobs and imports of others."""
    schema = world.document["components"]["schemas"]
    kinds = schema["NewExport"]["properties"]["kind"]["enum"]
    made = 0
    for who in world.callers:
        for kind in kinds:
            status, _, export = world.ask(who, "POST", "/v1/exports", {"kind": kind, "format": "ndjson"})
            if status != 202:
                continue
            made += 1
            of = export.get("export_id") or export["id"]
            for _ in range(100):
                status, _, content = call(world.base, "GET", f"/v1/exports/{of}/content", token=world.callers[who])
                if status == 200:
                    world.ask(who, "GET", f"/v1/exports/{of}/content")
                    break
                time.sleep(0.05)
    return made


def imports(world):
    """Rows that name something foreign: what is said of them must not differ from what is said of nothing."""
    foreign = {kind: random.choice(rows)["id"] for kind, rows in world.foreign.items()}
    for who in world.callers:
        for kind, row in [
            ("suppliers", {"kind": "company", "name": "Mine", "parent_id": "supplier"}),
            ("people", {"supplier_id": "supplier", "name": "Mine", "kind": "employee"}),
            ("commitments", {"promise_id": "promise", "made_at": "2026-10-01T09:00:00Z"}),
            ("feedback", {"survey_id": "survey", "supplier_id": "supplier"}),
        ]:
            said = []
            for pick in (lambda of: foreign.get(of, of), lambda of: str(uuid.uuid4()) if of in ("supplier", "promise", "survey") else of):
                body = json.dumps({name: pick(value) for name, value in row.items()})
                head = {"Content-Type": "application/x-ndjson"}
                status, _, job = world.ask(who, "POST", f"/v1/imports?kind={kind}&on_error=skip", body, head)
                if status != 202:
                    said.append(status)
                    continue
                for _ in range(100):
                    job = call(world.base, "GET", f"/v1/jobs/{job['id']}", token=world.callers[who])[2]
                    if job["status"] in ("succeeded", "failed"):
                        break
                    time.sleep(0.05)
                _, _, rows = world.ask(who, "GET", f"/v1/imports/{job['import_id']}/rows")
                said.append(UUID.sub("IT", json.dumps([(one.get("status"), one.get("errors")) for one in rows.get("data", [])])))
            if said[0] != said[1]:
                world.find(f"{who}: import of {kind} differs: {said}")


def keys(world):
    """Somebody else's idempotency key, ETag, refresh token, calendar feed; addresses that are taken."""
    body = {"kind": "company", "name": "Quarrel Vixen Stone"}
    key = {"Idempotency-Key": "stranger-1"}
    status, _, made = call(world.base, "POST", "/v1/suppliers", body, world.owner, key)
    world.ids.add(made["id"])
    for who in world.callers:
        status, found, _ = world.ask(who, "POST", "/v1/suppliers", body, key)
        if "idempotency-replayed" in found:
            world.find(f"{who}: the key of another caller was replayed")
        row = random.choice(world.foreign["supplier"])
        world.alike(who, "GET", lambda v: (f"/v1/suppliers/{v}", None), row["id"], str(uuid.uuid4()), {"If-None-Match": f'"{row["revision"]}"'})
        status, _, feed = world.ask(who, "POST", "/v1/me/calendar-feed")
        if status in (200, 201):
            url = next(value for value in feed.values() if isinstance(value, str) and "token=" in value)
            path = url[url.index("/v1/"):]
            world.ask(who, "GET", path)
            other = path[:-1] + ("A" if path[-1] != "A" else "B")
            if call(world.base, "GET", other)[0] == 200:
                world.find("a calendar feed opens with another token")
        for tricky in ("/v1/suppliers/{own}/../{it}", "/v1/suppliers/{own}/%2e%2e/{it}", "/v1/suppliers/{it}%00", "/v1/suppliers/{it}/", "//v1/suppliers/{it}"):
            world.alike(who, "GET", lambda v: (tricky.format(own=world.own, it=v), None), row["id"], str(uuid.uuid4()))
        world.alike(who, "GET", lambda v: (f"/v1/suppliers/{v.upper()}", None), row["id"], str(uuid.uuid4()))
        world.ask(who, "GET", "/v1/suppliers", headers={"X-HTTP-Method-Override": "POST", "X-Original-URL": f"/v1/suppliers/{row['id']}"})
    emails = [row["email"] for row in world.rows["/v1/users"] if row.get("supplier_id") != world.own]
    invite = lambda v: ("/v1/invitations", {"email": v, "role": "supplier_user", "supplier_id": world.own})
    world.alike("admin", "POST", invite, random.choice(emails), "nobody-at-all@example.com")
    for path, member in ((f"/v1/suppliers/{world.own}/people", "external_id"), ("/v1/commitments", "external_id")):
        known = [row[member] for row in world.foreign.get(world.kind(path), []) if row.get(member)]
        if known:
            base = {"name": "Somebody", "kind": "employee"} if "people" in path else {"made_at": "2026-10-01T09:00:00Z"}
            world.alike("admin", "POST", lambda v: (path, {**base, member: v}), known[0], "nobody-has-this")


def timings(world, count=400):
    """Median times of foreign ids and of ids nobody has, in any order; and how far they are apart by chance."""
    lines = []
    for what, kind, path in [("a supplier", "supplier", "/v1/suppliers/{}"), ("an agreement", "agreement", "/v1/agreements/{}"),
                             ("a filter", "supplier", "/v1/agreements?count=true&supplier_id={}"),
                             ("a review", "review", "/v1/reviews/{}"),
                             ("a commitment", "commitment", "/v1/commitments/{}"), ("an assessment", "assessment", "/v1/assessments/{}"),
                             ("a file", "file", "/v1/files/{}")]:
        rows = world.foreign.get(kind)
        if not rows:
            continue
        took = ([], [])
        # Not in turn: the server's connections to the database take turns as well.
        for which in random.sample([0, 1] * count, 2 * count):
            value = str(uuid.uuid4()) if which else random.choice(rows)["id"]
            start = time.perf_counter()
            call(world.base, "GET", path.format(value), token=world.callers["admin"])
            took[which].append(1e6 * (time.perf_counter() - start))
        both = sorted([(t, 0) for t in took[0]] + [(t, 1) for t in took[1]])
        ranks = sum(rank for rank, (_, which) in enumerate(both, 1) if which == 0)
        z = (ranks - count * (2 * count + 1) / 2) / (count * count * (2 * count + 1) / 12) ** 0.5
        foreign, nobody = map(statistics.median, took)
        lines.append((f"{what}: {foreign:.0f} µs foreign, {nobody:.0f} µs nobody's (z = {z:+.1f})", abs(foreign - nobody)))
    return lines


def check(options, _, report):
    random.seed(8)
    with Place(options.accord, "sqlite") as place:
        password = year(place)
        world = World(place, place.serve().base, password)
        counts = {kind: len(rows) for kind, rows in sorted(world.foreign.items())}
        report.say(f"made for others: {', '.join(f'{count} {kind}' for kind, count in sorted(world.made.items()))}")
        report.say(f"foreign: {', '.join(f'{count} {kind}' for kind, count in counts.items())}; {len(world.names)} names and references")
        before = world.harvest(world.owner)
        for attempt in (by_path, by_body, by_filter, numbers, exports, imports, keys):
            tried, found = world.tried, len(world.found)
            attempt(world)
            report.must(len(world.found) == found, f"{attempt.__name__.replace('_', ' ')}: {world.tried - tried} requests. {attempt.__doc__.splitlines()[0]}")
        for sentence in world.found:
            report.say(f"found: {sentence}")
        after = {row["id"]: row for rows in world.harvest(world.owner).values() for row in rows if "id" in row}
        changed = []
        for path, rows in before.items():
            for row in rows:
                if row.get("id") in world.ids and after.get(row["id"]) != row and not path.endswith(("/jobs", "/exports", "/imports")):
                    changed.append(f"{path} {row['id']}")
        report.must(not changed, f"nothing foreign has changed {changed[:3] or ''}")
        report.say(f"answers: {', '.join(f'{count} × {status}' for status, count in sorted(world.statuses.items()))}")
        for line, apart in timings(world):
            report.must(apart < 100, f"time of {line}")
