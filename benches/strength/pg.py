"""PostgreSQL under load: restarted, one connection's process killed, all of it killed."""

import asyncio
import time

from load import Load, Mix, missing
from place import Place, call, sign_in, wait_for


def restart(cluster):
    cluster.stop("fast")
    cluster.start()


def kill(cluster):
    cluster.kill()
    cluster.start()


WAYS = [("restarted", restart), ("one backend killed", lambda cluster: cluster.kill_backend()), ("killed", kill)]


def check(options, _, report):
    with Place(options.accord, "postgresql") as place:
        owner = place.owner()
        server = place.serve()
        mix = Mix(server.base, sign_in(server.base, owner))
        acknowledged, wrong, errors = {}, [], {}
        for way, act in WAYS:
            away, statuses, cut = [], {}, 0
            for _ in range(options.times):
                load = Load(mix, [server.port], options.clients, writes=0.7)

                async def disturb(_):
                    await asyncio.sleep(0.5)
                    await asyncio.to_thread(act, place.cluster)
                    there = time.monotonic()
                    usable = lambda: call(server.base, "GET", "/v1/me", token=mix.token)[0] == 200
                    await asyncio.to_thread(wait_for, "PostgreSQL seen again", usable, 30)
                    away.append(time.monotonic() - there)
                    await asyncio.sleep(0.5)

                load.run(disturb)
                acknowledged |= load.acknowledged
                cut += load.lost
                for status, count in load.statuses.items():
                    statuses[status] = statuses.get(status, 0) + count
                for said, count in load.errors.items():
                    said = said.split('"detail":"')[-1].split('"')[0]
                    errors[said] = errors.get(said, 0) + count
                wrong += missing(place, server.base, mix.token, load.acknowledged, again=10)
                mix.token = sign_in(server.base, owner)
            told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
            report.say(f"{way}, {options.times} times: {told}, {cut} cut off; used again {max(away):.2f} s after it is there (worst)")
        if errors:
            report.say(f"what 5xx other than 503 said: {errors}")
        wrong += missing(place, server.base, mix.token, acknowledged)
        report.must(acknowledged and not wrong, f"all {len(acknowledged)} acknowledged writes are there {wrong[:3] or ''}")
        unknown = "The database went away: whether the request was carried out is not known."
        report.must(not set(errors) - {unknown}, "refused with 503, or told that the outcome is not known; never anything else")
