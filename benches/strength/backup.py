"""A backup taken under load, restored elsewhere: whole, with everything acknowledged before it began."""

import asyncio
import os
import shutil
import time

from load import Load, Mix, missing
from place import Place, call, sign_in


def check(options, database, report):
    with Place(options.accord, database) as place, Place(options.accord, database) as elsewhere:
        owner = place.owner()
        server = place.serve()
        mix = Mix(server.base, sign_in(server.base, owner))
        load = Load(mix, [server.port], options.clients, writes=0.8)
        copy = os.path.join(place.folder, "pg" if place.cluster else "", "copy")
        before, took = {}, 0.0

        async def back_up(load):
            nonlocal before, took
            await asyncio.sleep(options.seconds / 2)
            before, start = dict(load.acknowledged), time.monotonic()
            if place.cluster:
                dump = ["--host", place.cluster.folder, "--username", "postgres", "--format=custom", "--file", copy, "accord"]
                await asyncio.to_thread(place.cluster.run, "pg_dump", *dump)
            else:
                await asyncio.to_thread(place.command, "backup", copy)
            took = time.monotonic() - start
            await asyncio.sleep(options.seconds / 2)

        load.run(back_up)
        report.say(f"under load ({load.said()}, {load.lost} cut off); the copy took {took:.2f} s and has {os.path.getsize(copy) / 1e6:.1f} MB")
        report.must(set(load.statuses) <= {200, 201}, "nobody was refused meanwhile")
        server.kill()
        if place.cluster:
            there = elsewhere.cluster.folder
            shutil.copy(copy, there)
            os.chmod(os.path.join(there, "copy"), 0o644)
            target = ["--host", there, "--username", "postgres", "--dbname", "accord"]
            elsewhere.cluster.run("pg_restore", *target, "--exit-on-error", os.path.join(there, "copy"))
        else:
            os.mkdir(elsewhere.data)
            shutil.copy(copy, os.path.join(elsewhere.data, "accord.db"))
        restored = elsewhere.serve()
        token = sign_in(restored.base, owner)
        wrong = missing(elsewhere, restored.base, token, before)
        report.must(before and not wrong, f"restored, all {len(before)} writes acknowledged before it began are there {wrong or ''}")
        status, *_ = call(restored.base, "GET", "/v1/me", token=mix.token)
        report.must(status == 200, f"with the same secret a token of before still holds ({status})")
        mix.token = token
        again = Load(mix, [restored.port], options.clients)
        again.for_seconds(2)
        report.must(set(again.statuses) <= {200, 201}, f"and it works on: {again.said()}")
