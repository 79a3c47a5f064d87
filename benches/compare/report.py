"""Tables in Markdown. Of several rounds the median is shown."""

import datetime
import platform
import statistics
import subprocess
from pathlib import Path
from parts import HALF, connections
from peers import OPERATIONS
from shares import KINDS

WORDS = {
    "get": "GET one supplier, any of 10,000",
    "list": "List 50 suppliers by name, any of 100 pages",
    "numbers": "Numbers from customers about one supplier, any of 10,000, over six months",
    "kept": "How often one of 16 promises was kept, over six months",
    "feedback": "POST one answer of a customer",
    "feedback-alone": "POST one answer, one client",
    "feedback-hot": "POST one answer, all about the same supplier",
    "login": "Sign in with a password",
}
NOTES = {
    "get": "Accord on SQLite has suppliers in memory once they were read, until one of them changes. On PostgreSQL, where"
           " others write too, it asks the database.",
    "list": "Accord on SQLite takes ids from an index and suppliers from the same memory. The peers and Accord on PostgreSQL"
            " read and decode 50 rows.",
    "numbers": "PocketBase answers from a view collection by month, whose rows the caller still has to add up; FastAPI"
               " counts what the index finds. Accord adds intervals, distribution and net score of two items.",
    "kept": "PocketBase and FastAPI count all commitments of the promise in the window; Accord reads tallies.",
    "feedback": "Accord moves tallies, looks for double and own answers, and seals what was done in its audit trail, all"
                " of it counted; the peers store a row. What is on disk when the answer comes stands in the first table.",
    "login": "Accord and FastAPI: Argon2id, 19 MiB, 2 passes. PocketBase: bcrypt, cost 10. Slow on purpose: more"
             " is not better.",
}


def median(figures, member):
    return statistics.median(getattr(one, member) for one in figures)


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def short(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def times(one, other):
    return f"{one / other:.1f}" if one and other else "-"


def whole(one):
    """All the CPU of a request, the database's as well."""
    return median(one, "cpu") + median(one, "database_cpu")


def sound(rounds):
    """The rounds, unless a request failed in one of them."""
    return rounds and not any(one.failed for one in rounds) and rounds


def operation(name, servers, results):
    measured = {server.slug: results.rounds.get((name, server.slug)) for server in servers}
    peer, limit = (sound(measured.get(slug)) for slug in ("pocketbase", "limit"))
    rows = []
    for server in servers:
        rounds = measured[server.slug]
        if not rounds:
            continue
        if not sound(rounds):
            rows.append([server.name, f"failed: {sum(one.failed for one in rounds):,} requests", *["-"] * 6])
            continue
        cpu = short(median(rounds, "cpu"))
        if len(server.processes()) > 1:
            cpu += f" + {short(median(rounds, 'database_cpu'))}"
        rates = "/".join(f"{one.rate:.0f}" for one in rounds)
        rows.append([server.name, f"{short(median(rounds, 'rate'))} ({rates})", short(median(rounds, "p50")),
                     short(median(rounds, "p99")), cpu, times(peer and whole(peer), whole(rounds)),
                     times(whole(rounds), limit and whole(limit)),
                     times(median(rounds, "rate"), peer and median(peer, "rate"))])
    if not rows:
        return ""
    head = ["", "requests/s (rounds)", "p50 ms", "p99 ms", "CPU µs/request", "CPU: × less than PocketBase",
            "CPU: × the limit", "requests/s: × PocketBase"]
    note = f"\n\n{NOTES[name]}" if name in NOTES else ""
    return f"### {WORDS[name]} (`{name}`, {connections(name)} connections)\n\n{table(head, rows)}{note}\n"


def brief(results):
    """What README.md shows, line by line."""
    rows = []
    for name in OPERATIONS:
        slugs = ["accord-sqlite", "accord-postgres", "pocketbase", "fastapi"]
        sqlite, postgres, pocketbase, fastapi = (sound(results.rounds.get((name, slug))) for slug in slugs)
        half = results.half.get((name, "accord-sqlite"))
        if sqlite and postgres and pocketbase and fastapi:
            rows.append([WORDS[name], short(median(sqlite, "rate")), short(whole(sqlite)),
                         times(whole(pocketbase), whole(sqlite)), times(whole(fastapi), whole(sqlite)),
                         short(median(half, "p99")) if half else "-", short(median(postgres, "rate"))])
    if not rows:
        return ""
    head = ["", "requests/s", "CPU µs/request", "× less than PocketBase", "× less than FastAPI", "p99 ms at half the load",
            "requests/s on PostgreSQL"]
    return f"## In short: Accord on SQLite\n\n{table(head, rows)}\n\n## All of it\n"


def served(servers, results):
    started = {server.slug: figures for server, *figures in results.starts}
    rows = []
    for server in servers:
        took, idle, size = started.get(server.slug, [None, None, None])
        together = lambda held: " + ".join(f"{part:.0f}" for part in held) if held else "-"
        rows.append([server.name, server.version() or "-", server.durable, f"{took:.0f}" if took else "-", together(idle),
                     together(results.loaded.get(server.slug)), f"{size:.0f}" if size else "-"])
    head = ["", "version", "what an answered write survives", "start to first 200, ms", "MiB idle", "MiB after the load",
            "MiB on disk"]
    note = ("Where there are two figures, the second is PostgreSQL's. On disk: the program; of FastAPI its packages"
            " without Python.")
    return f"{table(head, rows)}\n\n{note}\n"


def half(servers, results):
    rows = []
    for name in HALF:
        for server in servers:
            rounds = results.half.get((name, server.slug))
            if rounds:
                failed = sum(one.failed for one in rounds)
                rows.append([name, server.name, short(median(rounds, "rate")), short(median(rounds, "p50")),
                             f"failed: {failed}" if failed else short(median(rounds, "p99"))])
    if not rows:
        return ""
    return ("### At half the load (`half`)\n\n128 clients that pause at random, so long on average that half of the above"
            f" comes together.\n\n{table(['', '', 'requests/s', 'p50 ms', 'p99 ms'], rows)}\n")


def imports(results):
    if not results.imports:
        return ""
    names = list(dict.fromkeys(name for name, *_ in results.imports))
    middle = {name: [statistics.median(column) for column in zip(*(figures for other, *figures in results.imports
                                                                   if other == name))] for name in names}
    rate = {name: figures[0] / figures[1] for name, figures in middle.items()}
    rows = []
    for name, (rows_each, _, cpu, database_cpu, peak) in middle.items():
        base = "psql \\copy" if "PostgreSQL" in name or name == "psql \\copy" else "sqlite3 .import"
        share = f"{rate[name] / rate[base]:.0%} of `{base}`" if base in rate and base != name else "-"
        rows.append([name, short(rows_each), short(rate[name]), share, short(cpu) + (
            f" + {short(database_cpu)}" if database_cpu else ""), f"{peak:.0f}" if peak else "-"])
    head = ["", "rows", "rows/s", "", "CPU µs/row", "MiB at most"]
    note = ("Accord takes one file over HTTP, checks every row and moves tallies; seconds from the first byte sent to the"
            " end of the job. PocketBase takes 1,000 rows a batch, FastAPI 2,000 a request. `sqlite3` and `psql` write"
            " CSV into one table with two indexes, unchecked but for PostgreSQL's foreign key, on the server's core.")
    return f"### Import of answers (`import`)\n\n{table(head, rows)}\n\n{note}\n"


def log(results):
    if not results.log:
        return ""
    off, on = ([figures for state, figures in results.log if state == word] for word in ("off", "on"))
    cost = median(on, "cpu") / median(off, "cpu") - 1
    rows = [[word, short(median(rounds, "rate")), short(median(rounds, "cpu"))]
            for word, rounds in (("off", off), ("on", on))]
    return (f"### Accord's access log (`log`)\n\n{table(['', 'requests/s of get', 'CPU µs/request'], rows)}\n\n"
            f"One JSON line a request into a file costs {cost:.0%} of CPU.\n")


def growth(results):
    if not results.growth:
        return ""
    rows = []
    for name in dict.fromkeys(name for name, *_ in results.growth):
        sizes = list(dict.fromkeys(size for other, size, _ in results.growth if other == name))
        p50 = [statistics.median(one.p50 for other, of, one in results.growth if (other, of) == (name, size))
               for size in sizes]
        rows.extend([name, f"{size:,}", f"{value:.3f}", f"{value / p50[0]:.2f}"] for size, value in zip(sizes, p50))
    return f"### Numbers as rows grow (`growth`, one client)\n\n{table(['', 'rows', 'p50 ms', 'ratio'], rows)}\n"


def profile(results):
    tables = []
    for server in dict.fromkeys(server for server, *_ in results.profile):
        seen = [rest for name, *rest in results.profile if name == server]
        rows = [[kind, *(f"{shares[kind]:.0f}" if kind in shares else "-" for _, shares, _ in seen)]
                for kind in KINDS if any(kind in shares for _, shares, _ in seen)]
        rows.append(["looks", *(f"{count:,}" for *_, count in seen)])
        tables.append(f"### Where the time of {server} goes (`profile`)\n\nPercent of its CPU, without PostgreSQL's.\n\n"
                      f"{table(['', *(operation for operation, *_ in seen)], rows)}\n")
    return "\n".join(tables)


def computer():
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    return f"{cpu}, Linux {platform.release()}, Python {platform.python_version()}"


def disk(folder):
    """On which kind of file system: in memory nothing is durable, and writing is quick."""
    return subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True).stdout.strip()


def wrk_version():
    told = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout
    return told.splitlines()[0].partition(" Copyright")[0]


def report(servers, options, results):
    today = datetime.date.today().isoformat()
    wrong = "".join(f"- **failed**: {failure}\n" for failure in results.failures)
    head = f"""# Figures of {today}

Printed by `{options.command}` on {computer()}, {wrk_version()}, data on {disk(options.folder)}.
Interleaved rounds: {options.rounds}, {options.seconds} s each, medians shown. {options.rows:,} answers about 10,000 suppliers.
Servers on core {options.server_core}, PostgreSQL with them, wrk on core {options.load_core}. Every request carries a token, at
which the limit does not look. Rate limits and logs of requests are off everywhere. CPU is user and system time of all
processes of a server, what it goes on doing afterwards counted too; where there are two figures, the second is
PostgreSQL's, and ratios add both. It is the figure to trust on a computer that does other things as well.
"""
    parts = [head, wrong, brief(results), served(servers, results), *(operation(name, servers, results) for name in OPERATIONS),
             half(servers, results), imports(results), log(results), growth(results), profile(results)]
    return "\n".join(part for part in parts if part)
