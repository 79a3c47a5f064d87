"""A PostgreSQL of the bench's own, with the settings it comes with: what was committed is on disk."""

import os
import pwd
import signal
import subprocess
import time
from pathlib import Path
from processes import Process, free_port


def programs():
    """The folder of the server's programs: in PATH, else the highest version Debian installed."""
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    folders = [*map(Path, os.environ["PATH"].split(os.pathsep)),
               *sorted(installed, key=lambda path: float(path.parts[-2]), reverse=True)]
    whole = (folder for folder in folders
             if all((folder / name).exists() for name in ["initdb", "postgres", "psql", "pg_isready"]))
    return next(whole, None)


class Postgres:
    def __init__(self, log):
        self.log, self.port, self.process = log, free_port(), None

    def _account(self):
        # PostgreSQL refuses to run as root.
        return pwd.getpwnam("postgres") if os.geteuid() == 0 else None

    def start(self, data):
        account = self._account()
        user = {"user": account.pw_uid, "group": account.pw_gid} if account else {}
        if not (data / "PG_VERSION").exists():
            data.mkdir(mode=0o700)
            if account:
                os.chown(data, account.pw_uid, account.pw_gid)
            subprocess.run([programs() / "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8",
                            "--locale=C", "--pgdata", data], check=True, stdout=subprocess.DEVNULL, cwd="/",
                           **user, **({"extra_groups": []} if account else {}))
        command = [programs() / "postgres", "-D", data, "-p", self.port, "-c", "listen_addresses=127.0.0.1",
                   "-c", "unix_socket_directories="]
        self.process = Process(command, self.log, folder="/", **user)
        begin = time.monotonic()
        while subprocess.run([programs() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode:
            if self.process.popen.poll() is not None or time.monotonic() - begin > 60:
                raise RuntimeError(f"PostgreSQL does not start; see {self.log}")
            time.sleep(0.05)

    def psql(self, database, *commands, stdin=None):
        arguments = [argument for command in commands for argument in ("-c", command)]
        subprocess.run([programs() / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                        str(self.port), "-U", "postgres", "-d", database, *arguments], check=True, stdin=stdin)

    def url(self, database):
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def version(self):
        told = subprocess.run([programs() / "postgres", "--version"], capture_output=True, text=True).stdout
        return told.strip().removeprefix("postgres (PostgreSQL) ")

    def stop(self):
        if self.process:
            self.process.stop(signal.SIGINT)
            self.process = None
