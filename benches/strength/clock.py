"""The wall clock jumps (libfaketime): tokens end and begin when they say, deadlines break once, time never runs back in ids."""

import asyncio
import glob
import os
import time

from load import Load, Mix, missing
from place import Place, call, sign_in, wait_for


def check(options, database, report):
    libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1") + glob.glob("/usr/local/lib/faketime/libfaketimeMT.so.1")
    if not libraries:
        report.must(False, "libfaketimeMT.so.1 is not installed (Debian's package libfaketime); nothing was tried")
        return
    with Place(options.accord, database) as place:
        rate = os.path.join(place.folder, "clock")

        def shift(seconds):
            with open(rate + ".new", "w") as file:
                file.write(f"{seconds:+d}s\n")
            os.replace(rate + ".new", rate)
            time.sleep(0.3)

        shift(0)
        fake = {"LD_PRELOAD": libraries[0], "FAKETIME_TIMESTAMP_FILE": rate, "FAKETIME_NO_CACHE": "1"}
        fake |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        owner = place.owner()
        try:
            server = place.serve(**fake)
        except RuntimeError as error:
            report.must(False, f"it starts under libfaketime (built with --no-default-features?): {error}")
            return
        token = sign_in(server.base, owner)
        mix = Mix(server.base, token)
        me = lambda token: call(server.base, "GET", "/v1/me", token=token)[0]
        report.must(me(token) == 200, "a token holds when it was made")
        shift(14 * 60)
        report.must(me(token) == 200, "14 minutes on it holds")
        shift(16 * 60)
        status = me(token)
        report.must(status == 401, f"16 minutes on it has ended ({status})")
        later = sign_in(server.base, owner)
        report.must(me(later) == 200, "a new one holds there")
        shift(-3600)
        status = me(later)
        report.say(f"an hour and a quarter back, a token that this process has seen in the future is answered {status}")
        earlier = sign_in(server.base, owner)
        report.must(me(earlier) == 200, "signing in works an hour back")
        shift(0)
        status = me(token)
        report.must(status == 200, f"back in time the first one holds again: it ends by the clock, not by having been seen ({status})")

        # A job of the future (an import's) is done when the clock is back, and writing goes on through jumps.
        load = Load(mix, [server.port], options.clients, writes=0.8)
        load.mix.token = token

        async def jump(_):
            for seconds in (30, -30, 300, -300, 0):
                await asyncio.to_thread(shift, seconds)
                await asyncio.sleep(0.5)

        load.run(jump)
        told = load.said()
        report.must(set(load.statuses) <= {200, 201, 401}, f"writing through jumps of 30 s and 5 minutes: {told}")
        invitation = {"email": "late@example.com", "role": "agent"}
        status, _, made = call(server.base, "POST", "/v1/invitations", invitation, token)
        accept = {"token": made["accept_token"], "name": "Late", "password": "four quiet lanterns northward"}
        shift(8 * 86400)
        status, _, refused = call(server.base, "POST", "/v1/invitations/accept", accept)
        report.must(status == 410, f"an invitation for seven days has ended after eight ({status})")
        rows = "\n".join(["kind,name", *(f"company,Clock {number}" for number in range(20))])
        far = sign_in(server.base, owner)
        head = {"Content-Type": "text/csv"}
        status, _, job = call(server.base, "POST", "/v1/imports?kind=suppliers", rows, far, head)
        done = lambda: call(server.base, "GET", f"/v1/jobs/{job['id']}", token=far)[2].get("status") in ("succeeded", "failed")
        try:
            took = wait_for("the import", done, 30)
            report.must(True, f"jobs go on after a jump of eight days: an import is done after {took:.1f} s")
        except TimeoutError as error:
            report.must(False, f"jobs after a jump of eight days: {error}, {call(server.base, 'GET', '/v1/jobs/' + job['id'], token=far)[2]}")
        shift(0)
        token = sign_in(server.base, owner)
        status, _, job = call(server.base, "POST", "/v1/imports?kind=suppliers", rows.replace("Clock", "Dial"), token, head)
        done = lambda: call(server.base, "GET", f"/v1/jobs/{job['id']}", token=token)[2].get("status") in ("succeeded", "failed")
        try:
            took = wait_for("the import", done, 60)
            report.must(True, f"and after the jump back: done after {took:.1f} s")
        except TimeoutError as error:
            report.must(False, f"jobs after the jump back: {error}, {call(server.base, 'GET', '/v1/jobs/' + job['id'], token=token)[2]}")
        # Eight days on the idempotency keys have ended: nothing is sent again.
        wrong = missing(place, server.base, token, load.acknowledged, again=0)
        report.must(load.acknowledged and not wrong, f"all {len(load.acknowledged)} acknowledged writes are there {wrong or ''}")
