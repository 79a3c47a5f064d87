"""Clients that are slow, idle or far too big; meanwhile somebody else works on."""

import asyncio
import resource
import time

from load import Load, Mix
from place import Place, sign_in

# Who goes on sending after the refusal may find the connection gone before it reads why.
GONE = {"BrokenPipeError", "ConnectionResetError", "IncompleteReadError"}
HEAD = b"GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\n"


async def drip(port, sent, patience):
    """One byte a second; after how many seconds the server was through with it, and what it said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    start = time.monotonic()
    answer = asyncio.create_task(reader.read())
    for byte in sent:
        try:
            writer.write(bytes([byte]))
            await writer.drain()
        except OSError:
            break
        if (await asyncio.wait([answer], timeout=1))[0] or time.monotonic() - start > patience:
            break
    ended = answer.done()
    said = answer.result() if ended and not answer.exception() else b""
    answer.cancel()
    writer.close()
    return ended, time.monotonic() - start, said.split(b"\r\n")[0].decode()


async def big(port, token, path, media_type, size, announced=True):
    """Sends so many bytes; the status line, and how many of them were taken."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: {media_type}\r\n"
    head += f"Content-Length: {size}\r\n\r\n" if announced else "Transfer-Encoding: chunked\r\n\r\n"
    part = b"a" * 65536
    answer, taken = asyncio.create_task(reader.readuntil(b"\r\n")), 0
    try:
        writer.write(head.encode())
        while taken < size and not answer.done():
            writer.write(part if announced else b"10000\r\n" + part + b"\r\n")
            await asyncio.wait_for(writer.drain(), 20)
            taken += len(part)
        if not announced and not answer.done():
            writer.write(b"0\r\n\r\n")
    except (OSError, asyncio.TimeoutError):
        pass
    try:
        line = (await asyncio.wait_for(answer, 40)).decode().strip()
    except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
        line = type(error).__name__
    writer.close()
    return line, taken


def check(options, database, report):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Place(options.accord, database) as place:
        owner = place.owner()
        server = place.serve()
        mix = Mix(server.base, sign_in(server.base, owner))
        asyncio.run(attack(options, server, mix, report))


async def attack(options, server, mix, report):
    async def works(what):
        load = Load(mix, [server.port], 8, writes=0.3)

        async def wait(_):
            await asyncio.sleep(2)

        await load.during(wait)
        fine = set(load.statuses) <= {200, 201} and not load.lost
        report.must(fine, f"{what}, somebody else works on: {load.said()}, p99 {load.p(0.99):.0f} ms")

    memory = server.memory()
    heads = [drip(server.port, HEAD + b"X-Slow: " + b"a" * 60, 60) for _ in range(50)]
    token = f"Authorization: Bearer {mix.token}\r\n".encode()
    slow_body = b"POST /v1/suppliers HTTP/1.1\r\nHost: 127.0.0.1\r\n" + token + b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n"

    async def body():
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(slow_body)
        start, answer = time.monotonic(), asyncio.create_task(reader.readuntil(b"\r\n"))
        while not answer.done() and time.monotonic() - start < 60:
            writer.write(b" ")
            await asyncio.wait([answer], timeout=1)
        line = answer.result().decode().strip() if answer.done() and not answer.exception() else "no answer"
        answer.cancel()
        writer.close()
        return line, time.monotonic() - start

    tasks = [asyncio.create_task(work) for work in [*heads, *(body() for _ in range(50))]]
    await asyncio.sleep(1)
    await works("50 heads and 50 bodies come a byte a second")
    done = await asyncio.gather(*tasks)
    ended = [took for was, took, _ in done[:50] if was]
    report.must(len(ended) == 50 and max(ended) < 15, f"heads a byte a second: {len(ended)} of 50 closed, after {max(ended, default=0):.0f} s at most")
    lines = {line for line, _ in done[50:]}
    longest = max(took for _, took in done[50:])
    report.must(longest < 40, f"bodies a byte a second: {sorted(lines)} after {longest:.0f} s at most")

    room = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200
    count = min(options.connections, room)
    idle = []
    for _ in range(count):
        try:
            idle.append(await asyncio.open_connection("127.0.0.1", server.port))
        except OSError:
            break
    report.must(len(idle) == options.connections, f"{len(idle)} idle connections are open (this machine allows {room})")
    report.say(f"memory with them: {server.memory():.0f} MiB (before: {memory:.0f} MiB); {server.handles()} handles")
    await works(f"{len(idle)} connections are idle")
    start = time.monotonic()
    while server.handles() > 200 and time.monotonic() - start < 30:
        await asyncio.sleep(0.2)
    report.must(server.handles() <= 200, f"idle ones are closed after a while: {server.handles()} handles")
    for _, writer in idle:
        writer.close()

    size = 60 * 1024 * 1024
    memory = server.memory()
    for what, path, media_type, announced, wanted in [
        ("60 MB of JSON", "/v1/suppliers", "application/json", True, "413"),
        ("60 MB of JSON of no announced size", "/v1/suppliers", "application/json", False, "413"),
        ("60 MB of a file", "/v1/files?filename=a.txt", "application/octet-stream", True, "413"),
        ("60 MB for a link, with another token", "/v1/public/feedback", "application/json", True, "401"),
        ("60 MB that are no rows, as an import", "/v1/imports?kind=suppliers", "text/csv", True, "202"),
    ]:
        line, taken = await big(server.port, mix.token, path, media_type, size, announced)
        early = line in GONE and taken < 10e6
        report.must(f" {wanted} " in line or early, f"{what}: {line} after {taken / 1e6:.1f} MB")
    both = await asyncio.gather(*(big(server.port, mix.token, "/v1/suppliers", "application/json", size) for _ in range(20)))
    ends = {line: sum(line == other for other, _ in both) for line, _ in both}
    report.must(all(" 413" in line or line in GONE for line in ends), f"20 of 60 MB at once: {ends}")
    await works("after all of that")
    report.must(server.memory() < memory + 100, f"memory {memory:.0f} MiB before the big bodies, {server.memory():.0f} MiB after")
