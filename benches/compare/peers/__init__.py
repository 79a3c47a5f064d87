"""What is compared. Every server makes its data once, serves a copy of it, and tells how each operation is asked."""

import shutil
import subprocess
from pathlib import Path
from load import done
from processes import free_port

EMAIL = "bench@accord.example"
PASSWORD = "correct horse of the bench"
# get       one supplier, any of 10,000
# list      50 suppliers by name, any of 100 pages
# numbers   what customers said about a supplier in six months
# kept      how often a promise was kept in six months
# feedback  one answer, durable; "alone" from one client, "hot" about one supplier
# login     a password checked, a token made
OPERATIONS = ["get", "list", "numbers", "kept", "feedback", "feedback-alone", "feedback-hot", "login"]
PAGES = 100


class Server:
    name = ""
    slug = ""
    durable = ""

    def __init__(self, options):
        self.options = options
        self.made = options.folder / "made" / f"{self.slug}-{options.rows}"
        self.folder = options.folder / "live" / self.slug
        self.port, self.process, self.headers = free_port(), None, {}
        self.log = options.folder / f"{self.slug}.log"

    def prepare(self):
        """Makes the data, unless it was made before."""
        done_before = self.made / "complete"
        if not done_before.exists():
            shutil.rmtree(self.made, ignore_errors=True)
            self.made.mkdir(parents=True)
            self.folder = self.made
            self.make()
            self.stop()
            done_before.touch()
        self.folder = self.options.folder / "live" / self.slug

    def renew(self):
        """A fresh copy of the data, which may be written to."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", "--reflink=auto", self.made, self.folder], check=True)

    def processes(self):
        """The server's process and those of a database beside it."""
        return [self.process]

    def stop(self):
        if self.process:
            self.process.stop()
            self.process = None

    def call(self, method, path, body=None, headers=None):
        return done(self.port, method, path, body, {**self.headers, **(headers or {})})

    def memory(self):
        return [process.memory() for process in self.processes()]

    # What each of them says:

    def make(self):
        """Fills the folder."""
        raise NotImplementedError

    def start(self):
        """Starts, and says how many seconds passed until the first 200."""
        raise NotImplementedError

    def sign_in(self):
        """Tokens of an hour or less are renewed between rounds."""
        raise NotImplementedError

    def request(self, operation):
        """How the operation is asked; None: it cannot be."""
        raise NotImplementedError

    def facts(self, operation, answer):
        """What the answer says, in words all have in common."""
        raise NotImplementedError

    def load(self, rows, prefix):
        """Brings in rows as users would, and says how many seconds that took; None: it cannot."""
        return None

    def size(self):
        """MiB on disk."""
        raise NotImplementedError

    def version(self):
        raise NotImplementedError


def mib(path):
    path = Path(path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1024 / 1024
