"""A throw-away installation: database, processes of Accord, and somebody who is signed in."""

import contextlib
import glob
import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse
import uuid

SECRET = "strength " * 5


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(what, ready, seconds=30):
    """Until `ready()` is true; how long that took."""
    start = time.monotonic()
    while not ready():
        if time.monotonic() - start > seconds:
            raise TimeoutError(f"{what}: not after {seconds} s")
        time.sleep(0.01)
    return time.monotonic() - start


def text(value):
    """As PostgreSQL would print it; SQLite keeps ids as 16 bytes."""
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) and len(value) == 16 else str(value)


class Cluster:
    """A PostgreSQL of our own with its usual durability, on a socket in its folder."""

    def __init__(self, folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"), key=lambda path: int(path.split("/")[4]))
        program = shutil.which("pg_ctl") or (found and found[-1])
        if not program:
            raise SystemExit("pg_ctl is neither in PATH nor in /usr/lib/postgresql/*/bin")
        self.programs, self.folder = os.path.dirname(program), folder
        self.data = os.path.join(folder, "data")
        self.account = {}
        os.mkdir(self.data)
        if os.getuid() == 0:  # PostgreSQL does not run as root.
            account = pwd.getpwnam("postgres")
            self.account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            for path in (folder, self.data):
                os.chown(path, account.pw_uid, account.pw_gid)
        self.run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--pgdata", self.data)
        self.start()

    def run(self, program, *arguments, input=None, check=True, env=None):
        beside = os.path.join(self.programs, program)
        command = [beside if os.path.exists(beside) else program, *arguments]
        done = subprocess.run(
            command, input=input, capture_output=True, cwd=self.folder, env=env or os.environ, **self.account
        )
        if check and done.returncode:
            raise RuntimeError(f"{command}: {done.stderr.decode()}")
        return done.stdout

    def start(self):
        options = f"-p 5432 -c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=200"
        command = [os.path.join(self.programs, "pg_ctl"), "start", "--silent", "--wait", "--pgdata", self.data]
        command += ["--log", os.path.join(self.folder, "log"), "--options", options]
        # Not through a pipe: the server would keep it open.
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **self.account)

    def stop(self, mode="fast"):
        self.run("pg_ctl", "stop", "--mode", mode, "--pgdata", self.data, check=False)

    def postmaster(self):
        with open(os.path.join(self.data, "postmaster.pid")) as file:
            return int(file.readline())

    def children(self):
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.postmaster())], capture_output=True, text=True)
        return [int(pid) for pid in listed.stdout.split()]

    def kill(self):
        """SIGKILL, everything at once, as if the machine's power went."""
        for pid in [self.postmaster(), *self.children()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
        # As after a boot: the number in them is nobody's.
        for left in (os.path.join(self.data, "postmaster.pid"), os.path.join(self.folder, ".s.PGSQL.5432.lock")):
            os.remove(left)

    def kill_backend(self):
        """SIGKILL for one connection's process: PostgreSQL ends all others and recovers."""
        found = self.rows("SELECT pid FROM pg_stat_activity WHERE application_name = 'accord' LIMIT 1", "accord")
        for (pid,) in found:
            os.kill(int(pid), signal.SIGKILL)

    def rows(self, sql, database):
        arguments = ["--host", self.folder, "--username", "postgres", "--dbname", database]
        out = self.run("psql", *arguments, "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator=\t", "-c", sql)
        return [line.split("\t") for line in out.decode().splitlines() if line]

    def url(self, database):
        return f"postgres://postgres@{urllib.parse.quote(self.folder, safe='')}:5432/{database}?sslmode=disable"


class Server:
    """A process of Accord."""

    def __init__(self, place, binary, settings, wrapper=()):
        port = free_port()
        self.base, self.port = f"http://127.0.0.1:{port}", port
        env = {**place.env, "ACCORD_LISTEN": f"127.0.0.1:{port}", **settings}
        place.logs += 1
        self.log = os.path.join(place.folder, f"server-{place.logs}.log")
        with open(self.log, "wb") as log:
            # Python ignores SIGXFSZ, and so does what it starts: a file that may not grow is an error, not the end.
            self.process = subprocess.Popen(
                [*wrapper, binary, "serve"], env=env, stdout=log, stderr=log, restore_signals=False
            )

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.said()}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return call(self.base, "GET", "/readyz", timeout=2)[0] == 200
        return False

    def said(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit code and how long it took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40), time.monotonic() - start

    def memory(self):
        """Resident, in MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            line = next(line for line in status if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def handles(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def call(base, method, path, body=None, token=None, headers=(), timeout=60):
    """Status, headers and body (JSON where it is) of one request."""
    host = urllib.parse.urlsplit(base).netloc
    connection = http.client.HTTPConnection(host, timeout=timeout)
    head = dict(headers)
    if token:
        head["Authorization"] = f"Bearer {token}"
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        head.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, path, body, head)
        answer = connection.getresponse()
        raw = answer.read()
    finally:
        connection.close()
    names = {name.lower(): value for name, value in answer.getheaders()}
    is_json = names.get("content-type", "").startswith(("application/json", "application/problem+json"))
    return answer.status, names, json.loads(raw) if is_json and raw else raw


class Place:
    """Folder, database and settings; everything is stopped and removed in the end."""

    def __init__(self, binary, database="sqlite", folder=None):
        # A socket's path may have about a hundred bytes.
        self.folder = folder or tempfile.mkdtemp(prefix="accord-strength-", dir="/tmp")
        self.binary, self.database, self.cluster = os.path.abspath(binary), database, None
        self.servers, self.logs = [], 0
        self.data = os.path.join(self.folder, "accord")
        plain = {name: value for name, value in os.environ.items() if not name.startswith("ACCORD_")}
        self.env = {**plain, "ACCORD_DATA_DIR": self.data, "ACCORD_RATE_LIMITS": "off", "ACCORD_ACCESS_LOG": "off"}
        self.env |= {"ACCORD_LOG": "warn", "ACCORD_SECRET": SECRET}
        if database == "postgresql":
            inner = os.path.join(self.folder, "pg")
            os.mkdir(inner)
            os.chmod(self.folder, 0o755)
            self.cluster = Cluster(inner)
            try:
                self.cluster.rows("CREATE DATABASE accord", "postgres")
            except BaseException:
                self.__exit__()
                raise
            self.env["ACCORD_DATABASE_URL"] = self.cluster.url("accord")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            if server.process.poll() is None:
                server.kill()
        if self.cluster:
            self.cluster.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def serve(self, binary=None, wrapper=(), wait=True, **settings):
        server = Server(self, binary or self.binary, settings, wrapper)
        self.servers.append(server)
        if wait:
            server.start_took = wait_for("the server", server.is_ready)
        return server

    def command(self, *arguments, binary=None, check=True):
        """A command of the program with the settings of this place; what it printed."""
        done = subprocess.run([binary or self.binary, *arguments], env=self.env, capture_output=True, text=True)
        if check and done.returncode:
            raise RuntimeError(f"accord {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def owner(self, binary=None, email="owner@example.com"):
        said = self.command("user", "create", "--email", email, "--role", "owner", binary=binary)
        return email, said.split("shown only now:")[1].strip()

    def rows(self, sql):
        """Rows of texts, read beside the program."""
        if self.cluster:
            return [tuple(row) for row in self.cluster.rows(sql, "accord")]
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/accord.db?mode=ro", uri=True, timeout=30)) as db:
            return [tuple(map(text, row)) for row in db.execute(sql)]


def sign_in(base, who):
    status, _, body = call(base, "POST", "/v1/auth/login", {"email": who[0], "password": who[1]})
    if status != 200:
        raise RuntimeError(f"sign-in: {status} {body}")
    return body["access_token"]
