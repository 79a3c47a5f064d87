"""kill -9 under load, many times: every acknowledged write is there afterwards, whole and once."""

import asyncio
import random

from load import Load, Mix, missing
from place import Place, sign_in


def check(options, database, report):
    with Place(options.accord, database) as place:
        owner = place.owner()
        server = place.serve()
        mix = Mix(server.base, sign_in(server.base, owner))
        acknowledged, unanswered, starts, wrong = {}, 0, [], []
        for _ in range(options.times):
            load = Load(mix, [server.port], options.clients, writes=0.8)

            async def kill(load):
                await asyncio.sleep(random.uniform(0.3, 1.2))
                await asyncio.to_thread(server.kill)
                load.running = False

            load.run(kill)
            acknowledged |= load.acknowledged
            unanswered += load.lost
            wrong += [f"answered {said}" for said in load.errors]
            server = place.serve()
            starts.append(server.start_took)
            mix.token = sign_in(server.base, owner)
            wrong += missing(place, server.base, mix.token, load.acknowledged, again=10)
        wrong += missing(place, server.base, mix.token, acknowledged)
        if not place.cluster:
            wrong += [f"integrity: {row}" for row in place.rows("PRAGMA integrity_check") if row != ("ok",)]
        report.say(f"killed {options.times} times; {len(acknowledged)} writes acknowledged, {unanswered} requests cut off")
        report.say(f"ready again after {sorted(starts)[len(starts) // 2]:.2f} s (median), {max(starts):.2f} s (worst)")
        report.must(not wrong, f"everything acknowledged is there, once, with its history; tallies and seals agree {wrong[:3] or ''}")
