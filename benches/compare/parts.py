"""What is measured. Every part fills `Results`; report.py makes tables of them."""

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import time
from dataclasses import dataclass, field
import data
from load import call, wrk
from peers import OPERATIONS
from peers.accord import Accord, Limit
from peers.postgres import Postgres, programs
from processes import Cores, quiet

PARTS = [*OPERATIONS, "half", "import", "start", "log", "growth", "profile"]
# Not part of a whole run.
APART = ["growth", "profile"]
HALF = ["get", "list", "numbers", "kept", "feedback"]
STARTS = 7
# With fewer answers in a round the server is asked five times as long.
FEW = 200


@dataclass
class Results:
    rounds: dict = field(default_factory=dict)  # (operation, server) -> [Figures]
    half: dict = field(default_factory=dict)
    imports: list = field(default_factory=list)
    starts: list = field(default_factory=list)
    loaded: dict = field(default_factory=dict)
    log: list = field(default_factory=list)
    growth: list = field(default_factory=list)
    profile: list = field(default_factory=list)  # (server, operation, shares, looks)
    failures: list = field(default_factory=list)


def say(text):
    print(text, flush=True)


def check(server, operation, rows):
    """Whether status and body are right, for several of the values: a wrong answer is quick to give."""
    request = server.request(operation)
    places = {0} if isinstance(server, Limit) else {0, len(request.values) // 3, len(request.values) - 1}
    for place in places:
        path, body = request.filled(place)
        status, answer = call(server.port, request.method, path, body or None, request.headers)
        if status != request.status:
            return f"{path} answered {status}: {answer[:300].decode(errors='replace')}"
        found, expected = server.facts(operation, json.loads(answer)), _expected(operation, place, rows)
        if not _same(found, expected):
            return f"{path} answered {found}, expected {expected}"
        if request.headers.get("Authorization") and not isinstance(server, Limit):
            without = {name: value for name, value in request.headers.items() if name != "Authorization"}
            status, answer = call(server.port, request.method, path, body or None, without)
            if _lets_in(status, answer):
                return f"{path} answered {status} without a token"


def _lets_in(status, answer):
    """Lists of PocketBase are empty for strangers, where others say 401."""
    return status < 300 and json.loads(answer).get("items") != []


def _expected(operation, place, rows):
    match operation:
        case "get":
            one = data.supplier(place)
            return one["external_id"], one["name"], one["address"]["city"]
        case "list":
            names = sorted(data.supplier(number)["name"] for number in range(data.SUPPLIERS))
            return names[place * 50:place * 50 + 50]
        case "numbers":
            return data.expected_numbers(rows, place)
        case "kept":
            return data.expected_kept(rows, place)
        case "login":
            return True
        case _:
            return 4, True


def _same(found, expected):
    if isinstance(found, tuple):
        return all(one == other or None not in (one, other) and not isinstance(one, str) and abs(one - other) < 1e-9
                   for one, other in zip(found, expected))
    return found == expected


def operations(servers, names, options, results):
    """All operations on all servers, by turns, so that whatever else the computer does hits everybody."""
    able = {}
    for server in servers:
        server.sign_in()
        for name in names:
            if server.request(name) is None:
                continue
            wrong = check(server, name, options.rows)
            if wrong:
                results.failures.append(f"{server.name}, {name}: {wrong}")
                say(f"  {server.name}, {name}: WRONG, {wrong}")
            else:
                able[name, server.slug] = results.rounds.setdefault((name, server.slug), [])
    for number in range(options.rounds):
        for name in names:
            for server in servers:
                if (name, server.slug) not in able:
                    continue
                server.sign_in()
                figures = wrk(server, server.request(name), options.seconds, connections(name))
                if figures.requests < FEW:
                    figures = wrk(server, server.request(name), options.seconds * 5, connections(name))
                able[name, server.slug].append(figures)
                if figures.failed:
                    results.failures.append(f"{server.name}, {name}, round {number + 1}: {figures.failed} requests")
                say(f"  {number + 1}/{options.rounds} {name:<15} {server.name:<34} {figures.rate:>9.0f}/s"
                    f"  p50 {figures.p50:>8.2f} ms  p99 {figures.p99:>8.2f} ms  CPU {figures.cpu:>8.1f} µs"
                    f"{f' + {figures.database_cpu:.1f}' if len(server.processes()) > 1 else ''}"
                    f"{f'  FAILED {figures.failed}' if figures.failed else ''}")


def connections(operation):
    # Sign-ins by 32 would mostly wait for each other.
    return {"feedback-alone": 1, "login": 4}.get(operation, 32)


def half(servers, names, options, results):
    """The waiting at half the load a server can bear: 128 clients pause so long on average that it comes to that."""
    for number in range(options.rounds):
        for name in names:
            for server in servers:
                rounds = results.rounds.get((name, server.slug))
                if name not in HALF or not rounds:
                    continue
                server.sign_in()
                rate = statistics.median(one.rate for one in rounds)
                figures = wrk(server, server.request(name), options.seconds, 128, pause=128 / (rate / 2) * 1000)
                results.half.setdefault((name, server.slug), []).append(figures)
                say(f"  {number + 1}/{options.rounds} half {name:<10} {server.name:<34} {figures.rate:>9.0f}/s"
                    f"  p50 {figures.p50:>8.2f} ms  p99 {figures.p99:>8.2f} ms")


def memory(servers, results):
    results.loaded = {server.slug: server.memory() for server in servers}


def imports(servers, options, results):
    """Rows from a file into a database that has others already."""
    for number in range(options.rounds):
        for server in servers:
            # Rows of one request each in batches: the rate is the same for fewer, and nobody waits an hour.
            rows = options.import_rows if isinstance(server, Accord) else max(2_000, options.import_rows // 20)
            server.sign_in()
            for process in server.processes():
                process.forget_peak()
            before = quiet(server.processes())
            took = server.load(rows, f"I{time.time_ns():x}")
            if took is not None:
                after = quiet(server.processes())
                cpu = [(end - begin) * 1e6 / rows for begin, end in zip(before, after)]
                _imported(results, server.name, rows, took, cpu[0], sum(cpu[1:]), server.processes()[0].peak())
        if any(server.slug == "accord-sqlite" for server in servers):
            _into_sqlite(options, results)
        if any(server.slug == "accord-postgres" for server in servers):
            _into_postgres(options, results)


def _imported(results, name, *figures):
    results.imports.append((name, *figures))
    rows, took, cpu, database_cpu, peak = figures
    say(f"  import  {name:<34} {rows / took:>9.0f} rows/s  CPU {cpu:>7.1f} + {database_cpu:.1f} µs/row"
        f"  {peak:.0f} MiB at most")


TABLES = """
CREATE TABLE suppliers (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE feedback (id TEXT PRIMARY KEY, external_id TEXT UNIQUE, supplier_id TEXT NOT NULL REFERENCES suppliers,
  answered_at TEXT NOT NULL, job_ref TEXT, customer_ref TEXT, satisfaction INTEGER, recommend INTEGER);
CREATE INDEX feedback_supplier ON feedback (supplier_id, answered_at);
"""


def _write_csv(file, rows, prefix):
    with open(file, "w") as lines:
        for number, one in enumerate(data.answers(rows, prefix)):
            lines.write(f"{prefix}{number:031x},{one.key},{data.key(one.supplier)},{data.text(one.at)},{one.job},"
                        f"{one.customer},{one.satisfaction},{one.recommend}\n")


def _suppliers(file):
    file.write_text("".join(f"{data.key(number)},{data.supplier(number)['name']}\n" for number in range(data.SUPPLIERS)))


def _on_server_core(command):
    begin = time.perf_counter()
    before = os.times()
    subprocess.run([str(part) for part in command], check=True,
                   preexec_fn=lambda: os.sched_setaffinity(0, {Cores.server}))
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begin, cpu


def _into_sqlite(options, results):
    """What `sqlite3 .import` takes: text ids, two indexes besides, no check and no foreign key."""
    folder = options.folder / "live" / "sqlite-import"
    file, rows, name = folder / "limit.db", folder / "rows.csv", "sqlite3 .import"
    command = ["sqlite3", file, "PRAGMA synchronous=FULL", ".mode csv", f".import {rows} feedback"]
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        base = sqlite3.connect(file)
        base.executescript("PRAGMA journal_mode=WAL;" + TABLES)
        base.close()
        _write_csv(rows, options.rows, "F")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    _write_csv(rows, options.import_rows, f"I{time.time_ns():x}")
    took, cpu = _on_server_core(command)
    _imported(results, name, options.import_rows, took, cpu * 1e6 / options.import_rows, 0, 0)


def _into_postgres(options, results):
    r"""What `psql \copy` takes: two indexes besides and a foreign key."""
    folder = options.folder / "live" / "postgres-import"
    rows, postgres = folder / "rows.csv", Postgres(options.folder / "postgres-import.log")
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    postgres.start(folder / "data")
    copy = "\\copy {} FROM '" + str(rows) + "' WITH (FORMAT csv)"
    try:
        if is_new:
            postgres.psql("postgres", *filter(str.strip, TABLES.split(";")))
            _suppliers(rows)
            postgres.psql("postgres", copy.format("suppliers"))
            _write_csv(rows, options.rows, "F")
            postgres.psql("postgres", copy.format("feedback"), "VACUUM ANALYZE")
        _write_csv(rows, options.import_rows, f"I{time.time_ns():x}")
        before = quiet([postgres.process])
        command = [programs() / "psql", "-q", "-X", "-h", "127.0.0.1", "-p", postgres.port, "-U", "postgres", "-c",
                   copy.format("feedback")]
        took, cpu = _on_server_core(command)
        after = quiet([postgres.process])
        _imported(results, "psql \\copy", options.import_rows, took, cpu * 1e6 / options.import_rows,
                  (after[0] - before[0]) * 1e6 / options.import_rows, 0)
    finally:
        postgres.stop()


def starts(servers, options, results):
    """Started again with all data there: until the first 200, and what is held before the first real request."""
    for server in servers:
        took = []
        for _ in range(STARTS):
            server.process.stop()
            took.append(server.start())
        time.sleep(1)
        idle = server.memory()
        results.starts.append((server, statistics.median(took) * 1000, idle, server.size()))
        say(f"  start   {server.name:<34} {statistics.median(took) * 1000:>7.1f} ms  {idle[0]:.1f} MiB"
            f"  {server.size():.1f} MiB on disk")


def log(server, options, results):
    """What the access log costs: the same reading with it and without, by turns."""
    file = server.log
    for number in range(options.rounds * 2):
        server.access_log = "off" if number % 2 == 0 else "on"
        server.process.stop()
        if file.exists():
            os.truncate(file, 0)
        server.start()
        server.sign_in()
        figures = wrk(server, server.request("get"), options.seconds)
        results.log.append((server.access_log, figures))
        say(f"  access log {server.access_log:<4} {figures.rate:>9.0f}/s  CPU {figures.cpu:.1f} µs")
    server.access_log = "off"
    server.process.stop()
    server.start()


def growth(server, options, results):
    """Numbers about one supplier with few answers and about one with many, in one database, from one client."""
    server.folder = options.folder / "live" / f"{server.slug}-growth"
    shutil.rmtree(server.folder, ignore_errors=True)
    server.folder.mkdir(parents=True)
    server.first_owner()
    server.start()
    server.sign_in()
    server.import_rows("suppliers", map(data.supplier, range(len(options.growth))))
    survey, about = server.survey(), []
    for number, rows in enumerate(options.growth):
        of_one = (server.row(survey, one, supplier_external_id=data.key(number))
                  for one in data.answers(rows, f"G{number}", suppliers=1))
        say(f"  {rows:,} rows imported in {server.import_rows('feedback', of_one):.0f} s")
        about.append(server.call("GET", f"/v1/suppliers?external_id={data.key(number)}")["data"][0]["id"])
    if len(server.processes()) > 1:
        server.postgres.psql("accord", "VACUUM ANALYZE")
    (server.folder / "ids.json").write_text(json.dumps({"survey": survey, "suppliers": about, "promises": about}))
    for _ in range(options.rounds):
        for rows, supplier in zip(options.growth, about):
            server.sign_in()
            request = server.request("numbers")
            request.values = [supplier]
            figures = wrk(server, request, options.seconds, connections=1)
            results.growth.append((server.name, rows, figures))
            say(f"  numbers over {rows:>10,} rows  {server.name:<24} p50 {figures.p50:.3f} ms")
    server.stop()
