"""Accord on SQLite and on PostgreSQL. Its data comes through its own imports over HTTP."""

import json
import subprocess
import time
from urllib.parse import quote
import data
from load import Request, call
from peers import EMAIL, PAGES, PASSWORD, Server, mib
from peers.postgres import Postgres
from processes import Process

# A file of an import holds 256 MiB at most.
ROWS_A_FILE = 500_000
SURVEY = {"name": "Your visit", "instrument": "custom", "terms": {
    "languages": ["en"], "title": {"en": "Your visit"}, "items": [
        {"key": "satisfaction", "kind": "scale", "wording": {"en": "How satisfied are you?"}, "measure": "csat"},
        {"key": "recommend", "kind": "scale", "wording": {"en": "Would you recommend us?"}, "measure": "nps"}]}}
CLAUSE = {"direction": "supplier_to_us", "dimension": "reliability", "text": "Within two days.", "metric": "duration",
          "comparison": "at_most", "target_duration": "PT48H", "reliability": 0.8}


class Accord(Server):
    name, slug = "Accord on SQLite", "accord-sqlite"
    durable = "WAL, synchronous=FULL"
    access_log = "off"

    def environment(self):
        return {"ACCORD_DATA_DIR": str(self.folder / "data"), "ACCORD_LISTEN": f"127.0.0.1:{self.port}",
                "ACCORD_RATE_LIMITS": "off", "ACCORD_ACCESS_LOG": self.access_log, "ACCORD_LOG": "warn",
                "MIMALLOC_PURGE_DELAY": "10"}

    def start(self):
        self.process = Process([self.options.accord, "serve"], self.log, self.environment(), folder=self.folder)
        return self.process.ready(self.port, "/healthz")

    def sign_in(self):
        self.headers = {}
        pair = self.call("POST", "/v1/auth/login", {"email": EMAIL, "password": PASSWORD})
        self.headers = {"Authorization": f"Bearer {pair['access_token']}"}

    def first_owner(self):
        command = [self.options.accord, "user", "create", "--email", EMAIL, "--role", "owner", "--password-stdin"]
        subprocess.run(command, input=PASSWORD, text=True, check=True, env=self.environment(), cwd=self.folder,
                       stdout=subprocess.DEVNULL)

    def make(self):
        self.first_owner()
        self.start()
        self.sign_in()
        self.import_rows("suppliers", map(data.supplier, range(data.SUPPLIERS)))
        survey = self.survey()
        promises = [self.promise(number) for number in range(data.PROMISES)]
        self.import_rows("feedback", (self.row(survey, answer) for answer in data.answers(self.options.rows)))
        kept = data.commitments(data.commitments_beside(self.options.rows))
        self.import_rows("commitments", ({
            "promise_external_id": f"P-{one.promise}", "external_id": one.key, "made_at": data.text(one.made_at),
            "fulfilled_at": data.text(one.fulfilled_at)} for one in kept))
        ids = {one["external_id"]: one["id"] for one in self.walk("/v1/suppliers?limit=100")}
        told = {"survey": survey, "promises": promises,
                "suppliers": [ids[data.key(number)] for number in range(data.SUPPLIERS)]}
        (self.made / "ids.json").write_text(json.dumps(told))

    def survey(self):
        survey = self.call("POST", "/v1/surveys", SURVEY)["id"]
        self.call("POST", f"/v1/surveys/{survey}/publish", {})
        return survey

    def promise(self, number):
        """A supplier in service, an agreement in force, a promise under it."""
        supplier = self.call("GET", f"/v1/suppliers?external_id={data.key(number)}")["data"][0]["id"]
        for verb in ["nominate", "qualify", "activate"]:
            self.call("POST", f"/v1/suppliers/{supplier}/{verb}", {})
        agreement = self.call("POST", "/v1/agreements", {"supplier_id": supplier, "title": "Deliveries",
                              "template": "goods-supplier", "starts_on": "2024-12-01"})["id"]
        path = f"/v1/agreements/{agreement}"
        clause = self.call("POST", f"{path}/expectations", CLAUSE)["id"]
        signature = {"side": "supplier", "name": "Jo Example", "signed_on": "2024-12-01"}
        for verb, body in [("propose", {}), ("agree", {"on_paper": True}), ("sign", {}),
                           ("sign", {"on_paper": signature}), ("activate", {})]:
            self.call("POST", f"{path}/{verb}", body)
        return self.call("POST", "/v1/promises", {
            "agreement_id": agreement, "expectation_id": clause, "wording": "Within two days.",
            "external_id": f"P-{number}", "effective_from": "2024-12-01T00:00:00Z"})["id"]

    def row(self, survey, answer, **more):
        return {"survey_id": survey, "supplier_external_id": data.key(answer.supplier), "external_id": answer.key,
                "answered_at": data.text(answer.at), "job_ref": answer.job, "customer_ref": answer.customer,
                "values": {"satisfaction": answer.satisfaction, "recommend": answer.recommend}, **more}

    def import_rows(self, kind, rows):
        """Sends the rows, a file after the other, and says how many seconds that took without writing the files."""
        rows, took = iter(rows), 0
        file = self.folder / "rows.ndjson"
        while True:
            count = 0
            with open(file, "w") as lines:
                for row in rows:
                    lines.write(json.dumps(row, separators=(",", ":")) + "\n")
                    count += 1
                    if count == ROWS_A_FILE:
                        break
            if not count:
                file.unlink()
                return took
            took += self.send(kind, file, count)
            self.sign_in()

    def send(self, kind, file, count):
        begin = time.perf_counter()
        with open(file, "rb") as body:
            job = self.call("POST", f"/v1/imports?kind={kind}&mode=create", body,
                            {"Content-Type": "application/x-ndjson", "Content-Length": str(file.stat().st_size)})
        path = f"/v1/jobs/{job['id']}"
        asked = time.perf_counter()
        while job["status"] in ("queued", "running"):
            time.sleep(0.1)
            if time.perf_counter() - asked > 600:
                self.sign_in()
                asked = time.perf_counter()
            job = self.call("GET", path)
        if job["status"] != "succeeded" or job["result"]["created"] != count:
            raise RuntimeError(f"{self.name}: the import of {kind} {job['status']}: {job['error'] or job['result']}")
        return time.perf_counter() - begin

    def walk(self, path):
        cursor = ""
        while cursor is not None:
            page = self.call("GET", f"{path}&cursor={quote(cursor)}" if cursor else path)
            yield from page["data"]
            cursor = page["next_cursor"]

    def ids(self):
        return json.loads((self.folder / "ids.json").read_text())

    def request(self, operation):
        ids = self.ids()
        window = f"from={data.WINDOW[0]}&to={data.WINDOW[1]}"
        with_body = {**self.headers, "Content-Type": "application/json"}
        match operation:
            case "get":
                return Request("GET", "/v1/suppliers/{v}", ids["suppliers"], headers=self.headers)
            case "list":
                return Request("GET", "/v1/suppliers?limit=50{v}", self.pages(), headers=self.headers)
            case "numbers":
                path = "/v1/feedback-numbers?supplier_id={v}&" + window
                return Request("GET", path, ids["suppliers"], headers=self.headers)
            case "kept":
                return Request("GET", "/v1/kept-rate?promise_id={v}&" + window, ids["promises"], headers=self.headers)
            case "feedback" | "feedback-alone" | "feedback-hot":
                body = json.dumps({
                    "survey_id": ids["survey"], "supplier_id": "{v}", "job_ref": "{run}-{n}", "customer_ref": "{run}-{n}",
                    "answers": [{"item": "satisfaction", "value": 4}, {"item": "recommend", "value": 9}]})
                about = ids["suppliers"][:1] if operation == "feedback-hot" else ids["suppliers"]
                return Request("POST", "/v1/feedback", about, body, 201, with_body)
            case "login":
                body = json.dumps({"email": EMAIL, "password": PASSWORD})
                return Request("POST", "/v1/auth/login", body=body, headers={"Content-Type": "application/json"})

    def pages(self):
        """How pages of the list are asked for, the first one first."""
        asked = [""]
        while len(asked) < PAGES:
            page = self.call("GET", f"/v1/suppliers?limit=50{asked[-1]}")
            asked.append(f"&cursor={quote(page['next_cursor'])}")
        return asked

    def facts(self, operation, answer):
        match operation:
            case "get":
                return answer["external_id"], answer["name"], answer["address"]["city"]
            case "list":
                return [one["name"] for one in answer["data"]]
            case "numbers":
                if not answer["answers"]:
                    return 0, None
                item = next(one for one in answer["items"] if one["item"] == "satisfaction")
                total = sum(part["count"] * part["from"] for part in item["distribution"])
                return answer["answers"], total / answer["answers"]
            case "kept":
                return answer["rate"]["n"], answer["rate"]["k"]
            case "feedback" | "feedback-alone" | "feedback-hot":
                return answer["answers"][0]["value"], answer["status"] == "counted"
            case "login":
                return bool(answer["access_token"])

    def load(self, rows, prefix):
        survey = self.ids()["survey"]
        return self.import_rows("feedback", (self.row(survey, answer) for answer in data.answers(rows, prefix)))

    def size(self):
        return mib(self.options.accord)

    def version(self):
        told = subprocess.run([self.options.accord, "--version"], capture_output=True, text=True).stdout.strip()
        return told.replace("accord", "Accord")


class AccordOnPostgres(Accord):
    name, slug = "Accord on PostgreSQL", "accord-postgres"
    durable = "synchronous_commit=on"

    def __init__(self, options):
        super().__init__(options)
        self.postgres = Postgres(options.folder / "postgres.log")

    def environment(self):
        return {**super().environment(), "ACCORD_DATABASE_URL": self.postgres.url("accord"),
                "ACCORD_SECRET": "a secret of the bench, long enough to be one"}

    def database(self):
        if not self.postgres.process:
            is_new = not (self.folder / "postgres").exists()
            self.postgres.start(self.folder / "postgres")
            if is_new:
                self.postgres.psql("postgres", "CREATE DATABASE accord")

    def first_owner(self):
        self.database()
        super().first_owner()

    def make(self):
        super().make()
        self.postgres.psql("accord", "VACUUM ANALYZE")

    def start(self):
        self.database()
        return super().start()

    def processes(self):
        return [self.process, self.postgres.process]

    def stop(self):
        super().stop()
        self.postgres.stop()

    def version(self):
        return f"PostgreSQL {self.postgres.version()}"


class Limit(Server):
    """Accord's own answers from memory, behind Accord's shell."""
    name, slug = "limit: the same bytes from memory", "limit"
    durable = "nothing is kept"
    of = None

    def prepare(self):
        pass

    def renew(self):
        """Takes the answers from Accord, which runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for operation in ["get", "list", "numbers", "kept", "feedback"]:
            request = self.of.request(operation)
            path, body = request.filled()
            status, answer = call(self.of.port, request.method, path, body or None, request.headers)
            if status != request.status:
                raise RuntimeError(f"{path} answered {status}")
            (self.folder / f"{operation}.json").write_bytes(answer)

    def start(self):
        command = [self.options.limit, f"127.0.0.1:{self.port}", self.folder]
        self.process = Process(command, self.log, folder=self.folder)
        return self.process.ready(self.port, "/healthz")

    def sign_in(self):
        pass

    def request(self, operation):
        return None if operation == "login" else self.of.request(operation)

    def facts(self, operation, answer):
        return self.of.facts(operation, answer)

    def size(self):
        return mib(self.options.limit)

    def version(self):
        return ""


class Raw(Limit):
    """A supplier read from Accord's PostgreSQL by sqlx alone, and answered from memory."""
    name, slug = "sqlx alone on PostgreSQL", "raw-postgres"

    def start(self):
        url = self.of.postgres.url("accord")
        command = [self.options.limit, f"127.0.0.1:{self.port}", self.folder, url]
        self.process = Process(command, self.log, folder=self.folder)
        return self.process.ready(self.port, "/healthz")

    def processes(self):
        return [self.process, self.of.postgres.process]

    def request(self, operation):
        return self.of.request(operation) if operation == "get" else None
