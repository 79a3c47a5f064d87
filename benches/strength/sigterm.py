"""SIGTERM with requests in flight: they finish, new ones are not taken, the process ends with 0."""

import asyncio

from load import Load, Mix, missing
from place import Place, call, sign_in


def check(options, database, report):
    with Place(options.accord, database) as place:
        owner = place.owner()
        server = place.serve()
        acknowledged, worst, codes, cut, statuses, wrong = {}, 0.0, set(), 0, {}, []
        for _ in range(min(options.times, 20)):
            mix = Mix(server.base, sign_in(server.base, owner))
            load = Load(mix, [server.port], options.clients, writes=0.8)

            async def stop(load):
                nonlocal worst
                await asyncio.sleep(0.5)
                # An import that has only begun to arrive: half of its body now, the rest after the signal.
                half = await upload(server.port, mix.token)
                stopping = asyncio.create_task(asyncio.to_thread(server.stop))
                await asyncio.sleep(0.3)
                answer = await half()
                code, took = await stopping
                load.running = False
                codes.add(code)
                worst = max(worst, took)
                if b" 202 " not in answer.split(b"\r\n")[0]:
                    wrong.append(f"the import under way was answered {answer[:60]}")

            load.run(stop)
            acknowledged |= load.acknowledged
            for status, count in load.statuses.items():
                statuses[status] = statuses.get(status, 0) + count
            server = place.serve()
        token = sign_in(server.base, owner)
        report.say(f"stopped {min(options.times, 20)} times under load: {statuses}, ended within {worst:.2f} s")
        report.must(codes == {0}, f"the exit code is 0 ({codes})")
        report.must(set(statuses) <= {200, 201}, "whatever was taken was carried out")
        report.must(not wrong, f"an import that was arriving came in {wrong[:1] or ''}")
        lost = missing(place, server.base, token, acknowledged)
        report.must(acknowledged and not lost, f"all {len(acknowledged)} acknowledged writes are there {lost or ''}")
        found = call(server.base, "GET", "/v1/imports?count=true", token=token)[2]
        report.must(found["total_count"] == min(options.times, 20), f"{found['total_count']} imports are there")


async def upload(port, token):
    """Sends half of an import; what is returned sends the rest and reads the answer."""
    rows = b"name,kind\n" + b"".join(b"Late %d,company\n" % number for number in range(50))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /v1/imports?kind=suppliers&dry_run=true HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    head += f"Content-Type: text/csv\r\nContent-Length: {len(rows)}\r\n\r\n"
    writer.write(head.encode() + rows[:100])
    await writer.drain()
    await asyncio.sleep(0.1)

    async def rest():
        try:
            writer.write(rows[100:])
            await writer.drain()
            return await reader.read()
        except OSError as error:
            return str(error).encode()
        finally:
            writer.close()

    return rest
