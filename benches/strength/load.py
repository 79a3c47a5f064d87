"""Mixed load from one process, and what it was answered. Every write has a key of its own."""

import asyncio
import collections
import itertools
import json
import random
import time

from place import call

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Lost(Exception):
    """The connection ended before the answer had come."""


class Connection:
    """HTTP/1.1, one request after the other."""

    def __init__(self, port, tls=None):
        self.port, self.tls, self.reader, self.writer = port, tls, None, None

    async def send(self, method, path, body=b"", headers=""):
        try:
            if self.writer is None or self.reader.at_eof():
                self.close()
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self.tls)
            head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
            self.writer.write(head.encode() + body)
            raw = await self.reader.readuntil(b"\r\n\r\n")
            lines = raw.decode("latin-1").split("\r\n")
            found = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            content = await self.reader.readexactly(int(found.get("content-length", 0)))
            if found.get("connection") == "close":
                self.close()
            return int(lines[0].split(" ")[1]), found, content
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError) as error:
            self.close()
            raise Lost(str(error)) from error

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


class Mix:
    """What the load is about: one supplier to read, one survey to answer."""

    def __init__(self, base, token):
        self.token = token
        self.supplier = self.make(base, "/v1/suppliers", {"kind": "company", "name": "Read Me"})
        self.survey = self.make(base, "/v1/surveys", {"name": "Visit", "instrument": "csat5"})
        self.make(base, f"/v1/surveys/{self.survey}/publish", None)

    def make(self, base, path, body):
        status, _, answer = call(base, "POST", path, body, self.token)
        if status not in (200, 201):
            raise RuntimeError(f"{path}: {status} {answer}")
        return answer["id"]

    def read(self):
        paths = [f"/v1/suppliers/{self.supplier}"] * 5 + ["/v1/suppliers?limit=50", "/v1/me"]
        paths += [f"/v1/feedback-numbers?supplier_id={self.supplier}", "/v1/audit-events?limit=20"]
        return random.choice(paths)

    def write(self, key):
        """Path and body: a supplier of a name like no other, or an answer of a customer."""
        if hash(key) % 3 == 0:
            name = "".join(random.choices(LETTERS, k=12))
            return "/v1/suppliers", {"kind": "company", "name": name, "external_id": key}
        answers = [{"item": "satisfaction", "value": random.randint(1, 5)}]
        body = {"survey_id": self.survey, "supplier_id": self.supplier, "external_id": key, "answers": answers}
        return "/v1/feedback", body


class Load:
    """`clients` connections that send one request after the other, `pause` seconds apart."""

    numbers = itertools.count()

    def __init__(self, mix, ports, clients=16, writes=0.5, pause=0.0, tls=None):
        self.mix, self.ports, self.clients, self.writes, self.pause = mix, list(ports), clients, writes, pause
        self.tls = tls
        self.statuses, self.lost = collections.Counter(), 0
        self.acknowledged = {}  # key of a write → (path, body, id)
        self.took = []  # (moment, seconds, whether it was a write)
        self.without_retry_after = self.sheds = 0
        self.errors = collections.Counter()  # what 5xx other than 503 said
        self.running = True

    async def client(self, number):
        connections = [Connection(port, self.tls) for port in self.ports]
        turn = number
        await asyncio.sleep(self.pause * random.random())
        while self.running:
            connection = connections[turn % len(connections)]
            key = f"load-{next(Load.numbers)}" if random.random() < self.writes else None
            head = f"Authorization: Bearer {self.mix.token}\r\n"
            start = time.monotonic()
            try:
                if key:
                    path, body = self.mix.write(key)
                    head += f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\n"
                    status, found, content = await connection.send("POST", path, json.dumps(body).encode(), head)
                    if status in (200, 201):
                        self.acknowledged[key] = (path, body, json.loads(content)["id"])
                else:
                    status, found, content = await connection.send("GET", self.mix.read(), headers=head)
            except Lost:
                self.lost += 1
                turn += 1
                await asyncio.sleep(0.02)
                continue
            self.took.append((start, time.monotonic() - start, bool(key)))
            self.count(status, found, content)
            if self.pause or status in (429, 503):
                await asyncio.sleep(max(self.pause, 0.05 if status in (429, 503) else 0))
        for connection in connections:
            connection.close()

    def count(self, status, found, content):
        self.statuses[status] += 1
        if status in (429, 503):
            self.sheds += 1
            self.without_retry_after += "retry-after" not in found
        elif status >= 400:
            self.errors[content.decode(errors="replace")[:300]] += 1

    async def during(self, work):
        """Loads while `work` runs, which gets this load."""
        tasks = [asyncio.create_task(self.client(number)) for number in range(self.clients)]
        try:
            return await work(self)
        finally:
            self.running = False
            done, late = await asyncio.wait(tasks, timeout=45)
            for task in late:
                task.cancel()
            for task in done:
                task.result()

    def run(self, work):
        return asyncio.run(self.during(work))

    def for_seconds(self, seconds):
        async def wait(_):
            await asyncio.sleep(seconds)

        self.run(wait)

    def p(self, part, writes=None, since=0.0, until=float("inf")):
        """Milliseconds."""
        chosen = [took for at, took, write in self.took if since <= at < until and writes in (None, write)]
        return 1000 * percentile(chosen, part)

    def said(self):
        return ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items()))


def missing(place, base, token, acknowledged, again=50):
    """What was acknowledged and is not there, whole and once, in sentences."""
    wrong = []
    tables = {"/v1/suppliers": "supplier", "/v1/feedback": "feedback"}
    for path, table in tables.items():
        there = dict(place.rows(f"SELECT id, external_id FROM {table} WHERE external_id LIKE 'load-%'"))
        noted = {row[0] for row in place.rows(f"SELECT resource_id FROM history WHERE action = '{table}.create'")}
        wanted = {answer: key for key, (to, _, answer) in acknowledged.items() if to == path}
        lost = [key for answer, key in wanted.items() if there.get(answer) != key]
        if lost:
            wrong.append(f"{len(lost)} acknowledged rows of {table} are gone, such as {lost[0]}")
        unnoted = [key for answer, key in there.items() if answer not in noted]
        if unnoted:
            wrong.append(f"{len(unnoted)} rows of {table} have no entry in the history")
    differ = []
    for key, (path, body, answer) in random.sample(sorted(acknowledged.items()), min(again, len(acknowledged))):
        status, found, told = call(base, "POST", path, body, token, {"Idempotency-Key": key})
        if status not in (200, 201) or told["id"] != answer or "idempotency-replayed" not in found:
            differ.append(f"{key}: {status} {told.get('id') or told.get('code')}, first {answer}")
    if differ:
        wrong.append(f"{len(differ)} of {min(again, len(acknowledged))} sent again were answered otherwise, such as {differ[0]}")
    try:
        place.command("tallies", "verify")
    except RuntimeError as error:
        wrong.append(str(error))
    for _ in range(600):
        status, _, report = call(base, "GET", "/v1/audit-events/verify", token=token)
        if status != 200 or not report["is_intact"]:
            wrong.append(f"the audit trail: {status} {report}")
            break
        if report["unsealed"] == 0:
            break
        time.sleep(0.1)
    else:
        wrong.append("the audit trail is not sealed after a minute")
    return wrong
