"""FastAPI with SQLAlchemy on SQLite, served by uvicorn. Its rows are written into the file while it is stopped."""

import json
import sqlite3
import subprocess
import time
import uuid
from pathlib import Path
from urllib.parse import quote
import data
from load import Request
from peers import EMAIL, PAGES, PASSWORD, Server, mib
from processes import Process

APP = Path(__file__).with_name("fastapi_app")
LOT = 2_000
FILL = """
import main, sys
main.Base.metadata.create_all(main.engine)
with main.new_session() as db:
    db.add(main.User(email=sys.argv[1], password_hash=main.hasher.hash(sys.argv[2])))
    db.commit()
"""


def stamp(moment):
    """As SQLAlchemy writes them."""
    return f"{moment:%Y-%m-%d %H:%M:%S}.000000"


def id_of(number):
    return str(uuid.uuid5(uuid.NAMESPACE_OID, data.key(number)))


class FastApi(Server):
    name, slug = "FastAPI + SQLAlchemy", "fastapi"
    durable = "WAL, synchronous=FULL"

    def python(self):
        return self.options.venv / "bin" / "python"

    def environment(self):
        return {"BENCH_DATABASE": str(self.folder / "bench.db"), "PYTHONDONTWRITEBYTECODE": "1"}

    def start(self):
        command = [self.python(), "-m", "uvicorn", "main:app", "--app-dir", APP, "--port", self.port, "--workers", "1",
                   "--no-access-log", "--log-level", "warning"]
        self.process = Process(command, self.log, self.environment(), folder=self.folder)
        return self.process.ready(self.port, "/health")

    def sign_in(self):
        self.headers = {}
        answer = self.call("POST", "/login", {"email": EMAIL, "password": PASSWORD})
        self.headers = {"Authorization": f"Bearer {answer['access_token']}"}

    def make(self):
        subprocess.run([self.python(), "-c", FILL, EMAIL, PASSWORD], check=True, env=self.environment(), cwd=APP)
        base = sqlite3.connect(self.folder / "bench.db")
        ids, now = [id_of(number) for number in range(data.SUPPLIERS)], stamp(data.FIRST)

        def insert(table, columns, rows):
            marks = ", ".join("?" * len(columns.split(", ")))
            base.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

        insert("suppliers", "id, external_id, kind, name, status, legal_ids, categories, regions, address,"
               " customer_facing, parent_id, revision, created_at, updated_at", (
                   (ids[number], one["external_id"], one["kind"], one["name"], "prospect", "[]",
                    json.dumps(one["categories"]), json.dumps(one["regions"]), json.dumps(one["address"]),
                    one["customer_facing"], None, 1, now, now)
                   for number, one in ((number, data.supplier(number)) for number in range(data.SUPPLIERS))))
        insert("feedback", "id, external_id, supplier_id, answered_at, job_ref, customer_ref, satisfaction, recommend,"
               " created_at", (
                   (str(uuid.UUID(int=number)), one.key, ids[one.supplier], stamp(one.at), one.job, one.customer,
                    one.satisfaction, one.recommend, now) for number, one in enumerate(data.answers(self.options.rows))))
        insert("commitments", "id, promise_id, made_at, due_at, fulfilled_at, kept", (
            (one.key, one.promise, stamp(one.made_at), stamp(one.due_at), stamp(one.fulfilled_at), one.is_kept)
            for one in data.commitments(data.commitments_beside(self.options.rows))))
        base.commit()
        base.close()

    def request(self, operation):
        suppliers = [id_of(number) for number in range(data.SUPPLIERS)]
        window = f"since={data.WINDOW[0]}&until={data.WINDOW[1]}"
        with_body = {**self.headers, "Content-Type": "application/json"}
        match operation:
            case "get":
                return Request("GET", "/suppliers/{v}", suppliers, headers=self.headers)
            case "list":
                return Request("GET", "/suppliers?limit=50{v}", self.pages(), headers=self.headers)
            case "numbers":
                return Request("GET", "/feedback-numbers?supplier_id={v}&" + window, suppliers, headers=self.headers)
            case "kept":
                promises = [str(number) for number in range(data.PROMISES)]
                return Request("GET", "/kept-rate?promise_id={v}&" + window, promises, headers=self.headers)
            case "feedback" | "feedback-alone" | "feedback-hot":
                body = json.dumps({"supplier_id": "{v}", "satisfaction": 4, "recommend": 9, "job_ref": "{run}-{n}",
                                   "customer_ref": "{run}-{n}"})
                about = suppliers[:1] if operation == "feedback-hot" else suppliers
                return Request("POST", "/feedback", about, body, 201, with_body)
            case "login":
                body = json.dumps({"email": EMAIL, "password": PASSWORD})
                return Request("POST", "/login", body=body, headers={"Content-Type": "application/json"})

    def pages(self):
        asked = [""]
        while len(asked) < PAGES:
            page = self.call("GET", f"/suppliers?limit=50{asked[-1]}")
            asked.append(f"&after={quote(page['after'])}")
        return asked

    def facts(self, operation, answer):
        match operation:
            case "get":
                return answer["external_id"], answer["name"], answer["address"]["city"]
            case "list":
                return [one["name"] for one in answer["data"]]
            case "numbers":
                return answer["answers"], answer["mean"]
            case "kept":
                return answer["n"], answer["k"]
            case "feedback" | "feedback-alone" | "feedback-hot":
                return answer["satisfaction"], bool(answer["id"])
            case "login":
                return bool(answer["access_token"])

    def load(self, rows, prefix):
        """Lots of rows, one transaction each, as somebody would write it."""
        took, lot, ids = 0, [], [id_of(number) for number in range(data.SUPPLIERS)]
        for one in data.answers(rows, prefix):
            lot.append({"external_id": one.key, "supplier_id": ids[one.supplier], "answered_at": data.text(one.at)[:-1],
                        "job_ref": one.job, "customer_ref": one.customer, "satisfaction": one.satisfaction,
                        "recommend": one.recommend})
            if len(lot) == LOT:
                took += self.lot(lot)
                lot = []
        return took + self.lot(lot) if lot else took

    def lot(self, lot):
        body = json.dumps(lot)
        begin = time.perf_counter()
        self.call("POST", "/feedback/lots", body, {"Content-Type": "application/json"})
        return time.perf_counter() - begin

    def size(self):
        return mib(self.options.venv / "lib")

    def version(self):
        named = [f"{name} {self.options.packages[name.lower()]}" for name in ["FastAPI", "SQLAlchemy", "uvicorn"]]
        return ", ".join(named)
