"""The program of the release before and this one over one database, while the new one migrates it."""

import asyncio
import os

from load import Load, Mix, missing
from place import Place, sign_in


def check(options, database, report):
    if not options.old:
        report.must(False, "`--old` names the program of the release before; nothing was tried")
        return
    old = os.path.abspath(options.old)
    with Place(options.accord, database) as place:
        owner = place.owner(binary=old)
        first = place.serve(binary=old)
        mix = Mix(first.base, sign_in(first.base, owner))
        missing_steps = place.command("migrate", "status", check=False).split()
        report.say(f"steps the new program applies: {sum(word.startswith('m20') for word in missing_steps)}")
        load, both = Load(mix, [first.port], options.clients), None

        async def upgrade(_):
            nonlocal both
            await asyncio.sleep(options.seconds / 4)
            new = await asyncio.to_thread(place.serve)
            await asyncio.sleep(options.seconds / 4)
            both = Load(mix, [first.port, new.port], options.clients)

            async def wait(_):
                await asyncio.sleep(options.seconds / 2)

            await both.during(wait)

        load.run(upgrade)
        new = place.servers[-1]
        report.say(f"new program ready after {new.start_took:.2f} s, with the old one under load")
        report.must(set(load.statuses) <= {200, 201} and not load.lost, f"the old one meanwhile: {load.said()}, {load.lost} cut off")
        # Both loads draw keys from one counter, each connection takes turns between old and new.
        report.must(set(both.statuses) <= {200, 201} and not both.lost, f"old and new together: {both.said()}, {both.lost} cut off")
        alone = Load(mix, [new.port], options.clients)
        code, took = first.stop()
        alone.for_seconds(options.seconds / 4)
        report.must(code == 0 and set(alone.statuses) <= {200, 201}, f"the new one alone: {alone.said()}")
        for said, count in (load.errors + both.errors + alone.errors).most_common(3):
            report.say(f"{count} × {said}")
        wrong = missing(place, new.base, mix.token, load.acknowledged | both.acknowledged | alone.acknowledged)
        report.must(load.acknowledged and not wrong, f"all acknowledged writes are there {wrong or ''}")
