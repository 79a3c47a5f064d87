"""Servers as processes: started on their core, asked for their CPU and memory, stopped."""

import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


class Cores:
    """Which core serves and which one loads: one each, so that neither waits for the other."""
    server = 0
    load = 1


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Process:
    """A server with all its children."""

    def __init__(self, command, log, environment=None, user=None, group=None, folder=None):
        self.began = time.perf_counter()
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder,
                env={**os.environ, **(environment or {})}, user=user, group=group, start_new_session=True,
                extra_groups=None if user is None else [],
                preexec_fn=lambda: os.sched_setaffinity(0, {Cores.server}))
        self.log = log

    def tree(self):
        """Its own process id and those of all descendants."""
        children = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        found = [self.popen.pid]
        for process in found:
            found.extend(children.get(process, []))
        return found

    def cpu(self):
        """Seconds of user and system time so far, those of children that ended among them."""
        ticks = 0
        for process in self.tree():
            try:
                fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(int(field) for field in fields[11:15])
        return ticks / TICK

    def memory(self):
        """MiB held now. What processes share counts once."""
        return sum(_kib(process, "smaps_rollup", "Pss:") or _kib(process, "status", "VmRSS:")
                   for process in self.tree()) / 1024

    def forget_peak(self):
        for process in self.tree():
            try:
                Path(f"/proc/{process}/clear_refs").write_text("5")
            except OSError:
                pass

    def peak(self):
        """The most MiB held since; of several processes the sum of each one's most."""
        return sum(_kib(process, "status", "VmHWM:") for process in self.tree()) / 1024

    def ready(self, port, path, seconds=60):
        """Waits for the first 200 and says how long it took since the process was started."""
        while time.perf_counter() - self.began < seconds:
            if self.popen.poll() is not None:
                raise RuntimeError(f"{self.popen.args[0]} ended with {self.popen.returncode}; see {self.log}")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    return time.perf_counter() - self.began
            except OSError:
                pass
            time.sleep(0.001)
        raise RuntimeError(f"{self.popen.args[0]} does not answer; see {self.log}")

    def stop(self, how=signal.SIGTERM):
        if self.popen.poll() is None:
            self.popen.send_signal(how)
            try:
                self.popen.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.popen.pid, signal.SIGKILL)
                self.popen.wait()


def _kib(process, file, field):
    try:
        lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)


def quiet(processes, seconds=20):
    """Waits until what was started by the last request is done: background work counts to whoever caused it."""
    end, before = time.monotonic() + seconds, [process.cpu() for process in processes]
    while time.monotonic() < end:
        time.sleep(0.5)
        now = [process.cpu() for process in processes]
        if sum(now) - sum(before) <= 0.02:
            return now
        before = now
    return before
