"""Three times as many requests as are taken at once, all the time; and a caller over its rate."""

import time

from load import Load, Mix, missing, percentile
from place import Place, call, sign_in

AT_ONCE = 1024


def one_after_the_other(base, token, supplier, count):
    took = []
    for _ in range(count):
        start = time.monotonic()
        status, *_ = call(base, "GET", f"/v1/suppliers/{supplier}", token=token)
        took.append((time.monotonic() - start, status))
    return took


def check(options, database, report):
    with Place(options.accord, database) as place:
        owner = place.owner()
        server = place.serve()
        mix = Mix(server.base, sign_in(server.base, owner))
        one_after_the_other(server.base, mix.token, mix.supplier, 20)
        before = percentile([took for took, _ in one_after_the_other(server.base, mix.token, mix.supplier, 100)], 0.9)
        memory = server.memory()
        load = Load(mix, [server.port], 3 * AT_ONCE, writes=0.5)
        load.for_seconds(options.seconds)
        ended = time.monotonic()
        report.say(f"{3 * AT_ONCE} connections for {options.seconds:g} s: {load.said()}, {load.lost} cut off; p99 {load.p(0.99):.0f} ms")
        report.say(f"memory {memory:.0f} MiB before, {server.memory():.0f} MiB after")
        report.must(load.sheds > 0, f"it sheds: {load.sheds} × 503 or 429")
        report.must(not load.without_retry_after, "each of these has Retry-After")
        report.must(not load.errors, f"no other error {dict(load.errors.most_common(3)) or ''}")
        while True:
            took = one_after_the_other(server.base, mix.token, mix.supplier, 20)
            if all(status == 200 for _, status in took) and percentile([t for t, _ in took], 0.9) <= 3 * before + 0.005:
                break
            if time.monotonic() - ended > 60:
                break
        recovery = time.monotonic() - ended
        report.must(recovery <= 5, f"as fast as before {recovery:.1f} s after the last request")
        wrong = missing(place, server.base, mix.token, load.acknowledged)
        report.must(load.acknowledged and not wrong, f"all {len(load.acknowledged)} acknowledged writes are there {wrong or ''}")

        limited = place.serve(ACCORD_RATE_LIMITS="on")
        statuses = {}
        for _ in range(700):
            status, found, _ = call(limited.base, "GET", "/v1/me", token=mix.token)
            statuses[status] = statuses.get(status, 0) + 1
            if status == 429:
                wait = int(found.get("retry-after", 0))
                break
        report.must(statuses.get(429) == 1 and wait > 0, f"a caller over its rate: {statuses}, told to wait {wait if 429 in statuses else '-'} s")
