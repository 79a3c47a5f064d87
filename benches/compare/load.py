"""The load: wrk on its own core, one operation at a time."""

import http.client
import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from processes import Cores, quiet

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass
class Request:
    """One operation of one server; `{v}` stands for one of the values, `{run}-{n}` for what was never sent before."""
    method: str
    path: str
    values: list = field(default_factory=lambda: ["-"])
    body: str = ""
    status: int = 200
    headers: dict = field(default_factory=dict)

    def filled(self, place=0):
        """Path and body of one of them."""
        fill = lambda template: template.replace("{v}", self.values[place]).replace("{n}", "0")
        return fill(self.path), fill(self.of_run())

    def of_run(self):
        """The body with a word in place of `{run}` that no other run has."""
        return self.body.replace("{run}", f"W{time.time_ns():x}")


@dataclass
class Figures:
    """What one round saw."""
    requests: int
    rate: float
    p50: float
    p99: float
    cpu: float  # microseconds a request
    database_cpu: float
    failed: int


def call(port, method, path, body=None, headers=None, timeout=600):
    """One request by hand: status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def done(port, method, path, body=None, headers=None):
    """One request by hand that has to succeed: its JSON."""
    if body is not None and not isinstance(body, (bytes, str)) and not hasattr(body, "read"):
        body, headers = json.dumps(body), {"Content-Type": "application/json", **(headers or {})}
    status, answer = call(port, method, path, body, headers)
    if status >= 300:
        raise RuntimeError(f"{method} {path} answered {status}: {answer[:500].decode(errors='replace')}")
    return json.loads(answer) if answer else None


def warm(folder):
    """Reads all files below once: some kernels drop pages of files that nobody reads for a while, and whom that hits
    between two rounds is chance."""
    for file in folder.rglob("*"):
        try:
            with open(file, "rb") as content:
                while content.read(1 << 22):
                    pass
        except OSError:
            continue


def wrk(server, request, seconds, connections=32, pause=0):
    """One run of wrk; CPU is counted until the server is quiet again."""
    values = server.folder / "values"
    values.write_text("".join(f"{value}\n" for value in request.values))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-s", SCRIPT]
    for name, value in request.headers.items():
        command += ["-H", f"{name}: {value}"]
    command += [f"http://127.0.0.1:{server.port}", "--", request.method, request.path,
                request.of_run(), values, pause]
    warm(server.folder)
    before = quiet(server.processes())
    output = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                            preexec_fn=lambda: os.sched_setaffinity(0, {Cores.load}))
    after = quiet(server.processes())
    line = next((line for line in output.stdout.splitlines() if line.startswith("FIGURES ")), None)
    if line is None:
        raise RuntimeError(f"wrk said: {output.stdout}{output.stderr}")
    seen = json.loads(line.removeprefix("FIGURES "))
    requests = max(1, seen["requests"])
    cpu = [(end - begin) * 1e6 / requests for begin, end in zip(before, after)]
    return Figures(seen["requests"], seen["requests"] / seen["seconds"], seen["p50"], seen["p99"], cpu[0], sum(cpu[1:]),
                   seen["failed"] + seen["timeouts"] + (seen["requests"] == 0))
