"""Mixed load for a long time: no errors, no growth of memory or handles, answer times stay flat."""

import asyncio
import gc
import time

from load import Load, Mix, missing
from place import Place, call, sign_in

PARTS = 10


def check(options, database, report):
    with Place(options.accord, database) as place:
        owner = place.owner()
        server = place.serve()
        mix = Mix(server.base, sign_in(server.base, owner))
        probe = Load(mix, [server.port], options.clients, writes=0.2)
        probe.for_seconds(5)
        most = len(probe.took) / 5
        # 70 % of what these connections reach without a pause.
        pause = options.clients / (0.7 * most) - sum(took for _, took, _ in probe.took) / len(probe.took)
        load = Load(mix, [server.port], options.clients, writes=0.2, pause=max(pause, 0.001))
        # Looking through millions of answers that are kept would stop this client, not the server.
        gc.disable()
        seen = []

        async def watch(load):
            for _ in range(PARTS):
                start, until = time.monotonic(), time.monotonic() + options.minutes * 60 / PARTS
                while time.monotonic() < until:
                    await asyncio.sleep(min(600, until - time.monotonic() + 0.01))
                    # An access token is good for a quarter of an hour.
                    mix.token = await asyncio.to_thread(sign_in, server.base, owner)
                seen.append((start, time.monotonic(), server.memory(), server.handles()))

        load.run(watch)
        report.say(f"{len(load.took)} requests in {options.minutes:g} minutes ({most:.0f}/s possible): {load.said()}")
        for number, (start, end, memory, handles) in enumerate(seen, 1):
            reads, writes = load.p(0.99, False, start, end), load.p(0.99, True, start, end)
            report.say(f"part {number}: p99 {reads:.1f} ms reads, {writes:.1f} ms writes; {memory:.0f} MiB, {handles} handles")
        report.must(set(load.statuses) <= {200, 201} and not load.lost, f"no errors ({load.lost} cut off)")
        # The first part fills caches and pools.
        memory, handles = [part[2] for part in seen], [part[3] for part in seen]
        report.must(memory[-1] <= 1.25 * memory[1] + 8, f"memory does not grow: {memory[1]:.0f} then {memory[-1]:.0f} MiB")
        report.must(handles[-1] <= max(handles[:3]) + 8, f"handles do not grow: {handles[1]} then {handles[-1]}")
        for writes, what, noise in [(False, "reads", 5), (True, "writes", 15)]:
            late = [load.p(0.99, writes, start, end) for start, end, *_ in seen]
            report.must(max(late[-3:]) <= 2 * max(late[1:4]) + noise, f"p99 of {what} stays flat")
        wrong = missing(place, server.base, mix.token, load.acknowledged)
        report.must(load.acknowledged and not wrong, f"all {len(load.acknowledged)} acknowledged writes are there {wrong or ''}")
        report.must(call(server.base, "GET", "/readyz")[0] == 200, "ready afterwards")
