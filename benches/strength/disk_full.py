"""The disk is full: writes are refused, reads go on, nothing acknowledged is lost, and writing goes on when there is room.

The database lies on a small tmpfs where mounting is allowed; elsewhere a limit on the size of files (`RLIMIT_FSIZE`) does it.
"""

import os
import resource
import signal
import subprocess

from load import Load, Mix, missing
from place import Place, call, sign_in

# SQLite's write-ahead log may take 64 MiB beside the file before it begins anew.
SIZE = 128 * 1024 * 1024


def check(options, _, report):
    with Place(options.accord, "sqlite") as place:
        os.mkdir(place.data)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place.data]
        mounted = os.getuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
        try:
            fill(options, place, report, mounted)
        finally:
            for server in place.servers:
                server.kill()
            if mounted:
                subprocess.run(["umount", place.data], check=True)


def fill(options, place, report, mounted):
    owner = place.owner()
    server = place.serve()
    mix = Mix(server.base, sign_in(server.base, owner))
    ballast = os.path.join(place.data, "ballast")
    if mounted:
        left = os.statvfs(place.data)
        with open(ballast, "wb") as file:
            file.write(bytes(max(0, left.f_bavail * left.f_frsize - 2 * 1024 * 1024)))
    else:
        limit = os.path.getsize(f"{place.data}/accord.db-wal") + 2 * 1024 * 1024
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    report.say("a tmpfs with 2 MiB left" if mounted else "files may grow by 2 MiB (RLIMIT_FSIZE; nothing can be mounted here)")
    load = Load(mix, [server.port], options.clients, writes=0.8)
    load.for_seconds(min(options.seconds, 10))
    said = {text.split('"detail":"')[-1].split('"')[0] for text in load.errors}
    report.say(f"until and while it is full: {load.said()}; {len(load.acknowledged)} writes acknowledged; refused with {sorted(said)}")
    report.must(server.process.poll() is None, "the process lives")
    report.must(any(status >= 500 for status in load.statuses), "it was full")
    status, *_ = call(server.base, "GET", f"/v1/suppliers/{mix.supplier}", token=mix.token)
    report.must(status == 200, f"reading goes on ({status})")
    if mounted:
        os.remove(ballast)
    else:
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
    again = Load(mix, [server.port], options.clients, writes=0.8)
    again.for_seconds(2)
    report.must(set(again.statuses) <= {200, 201}, f"with room again, without a restart: {again.said()}")
    wrong = missing(place, server.base, mix.token, load.acknowledged | again.acknowledged)
    report.must(load.acknowledged and not wrong, f"all acknowledged writes are there {wrong or ''}")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    broken = [row for row in place.rows("PRAGMA integrity_check") if row != ("ok",)]
    report.must(not broken, f"the file is whole {broken or ''}")
