"""Where the time goes: the processor is looked at a thousand times a second (`perf`), and each look is put down to
the code it met. In the kernel that is the call that led there, so that waiting and waking stand apart from files."""

import collections
import re
import subprocess
import threading
import time
from load import wrk
from parts import HALF, say

# The first that fits. In the kernel every frame is looked at, outside only the innermost.
KERNEL = [
    ("kernel: network", r"sock|tcp_|inet|epoll|skb|net_|recv|send|writev"),
    ("kernel: to the disk and back to durable", r"fsync|fdatasync|sync_file|submit_bio|blk_|virtio"),
    ("kernel: files written and read", r"vfs_write|vfs_read|pwrite|pread|ext[234]_|filemap|page_cache|fault"),
    ("kernel: threads wait and wake", r"futex|schedule|switch|ttwu|wake"),
]
PROGRAM = [
    ("memory: taken, given back, copied", r"\b_?mi_|^operator|mem(move|set|cpy|cmp)|malloc|calloc|realloc|free$|libc"),
    ("SQLite", r"sqlite3|[Bb]tree|pcache|pager|[Vv]dbe|moveTo|getPage|fetchPayload|unix(Read|Write|Lock|Shm|Sync)|"
               r"^wal[A-Z]|[cC]ell|balance|zeroPage|allocateSpace|columnMem|accessPayload|getAndInit|releasePage|saveCursor|"
               r"valueNew|whereLoop|exprAnalyze|sumStep|subjournal|freeSpace|pageFindSlot|yy_|fts5|applyAffinity|"
               r"invokeBusy|rebuildPage|pageInsert"),
    ("sqlx and sea-orm: statements out, rows in", r"sqlx|sea_orm|sea_query|flume"),
    ("JSON and text, in and out", r"serde|itoa|ryu|zmij|uuid|chrono|core::(fmt|str|num)|float"),
    ("HTTP and tasks: poem, hyper, tokio", r"poem|hyper|tokio|\bhttp|h2::|futures|tower|regex|percent|httparse"),
    ("signatures and digests", r"aws_lc|sha(1|256|512)|hmac|argon|blake"),
    ("Accord and its caches", r"accord|quick_cache"),
]
KINDS = [*(kind for kind, _ in PROGRAM), *(kind for kind, _ in KERNEL), "kernel: other", "other"]


def kind(frames):
    """`frames` from the innermost: pairs of a symbol and whether it is the kernel's."""
    in_kernel = [symbol for symbol, is_kernel in frames if is_kernel]
    chain = " ".join(in_kernel) if in_kernel else frames[0][0]
    fitting = (name for name, pattern in (KERNEL if in_kernel else PROGRAM) if re.search(pattern, chain))
    return next(fitting, "kernel: other" if in_kernel else "other")


def looks(recorded):
    """The stacks of a recording."""
    command = ["perf", "script", "-i", recorded, "-F", "ip,sym,dso"]
    output = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout
    for stack in output.split("\n\n"):
        frames = [line.strip().partition(" ")[2].rpartition(" (") for line in stack.splitlines() if line.strip()]
        if frames:
            yield [(symbol, "kernel" in dso) for symbol, _, dso in frames]


def watch(server, seconds, work):
    """Shares of the server's own CPU time while `work` is done, in percent, of how many looks."""
    recorded = server.folder / "perf.data"
    command = ["perf", "record", "-q", "-F", "999", "-g", "-o", recorded, "-p", ",".join(map(str, server.process.tree())),
               "--", "sleep", seconds]
    begun = threading.Timer(1, lambda: subprocess.run([str(part) for part in command], check=True, capture_output=True))
    begun.start()
    work()
    begun.join()
    seen = collections.Counter(map(kind, looks(recorded)))
    recorded.unlink()
    return {name: seen[name] * 100 / seen.total() for name in KINDS if seen[name]}, seen.total()


def profile(server, options, results):
    """The reads and writes under their load, and an import."""
    for name in [*HALF, "import"]:
        server.sign_in()
        seconds = max(8, options.seconds)
        work = {"import": lambda: server.load(options.import_rows, f"I{time.time_ns():x}")}.get(
            name, lambda: wrk(server, server.request(name), seconds))
        shares, count = watch(server, seconds - 2, work)
        results.profile.append((server.name, name, shares, count))
        say(f"  profile {name:<15} {server.name:<34} {count} looks, {shares.get('other', 0):.0f} % at unknown places")
