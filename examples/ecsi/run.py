#!/usr/bin/env python3
"""250 customers of a mobile phone provider: what they expected and what they lived.

    python3 run.py ecsi-mobile-phone-250.csv URL EMAIL < password

The table has a row per customer and a column per question, on a scale of 1 to 10. See README.md.
"""

import csv
import io
import json
import sys
import time
import urllib.request

SCALE = {"min": 1, "max": 10}
QUALITY = {
    "key": "quality",
    "kind": "pair",
    "wording": {"en": "The quality as you lived it"},
    "expectation_wording": {"en": "The quality as you expected it"},
    "scale": SCALE,
}
SATISFACTION = {
    "key": "satisfaction",
    "kind": "scale",
    "wording": {"en": "How satisfied are you, all in all?"},
    "measure": "score",
    "scale": SCALE,
}
COMPLAINTS = {
    "key": "complaint_handling",
    "kind": "scale",
    "wording": {"en": "How well were complaints handled, or would they be?"},
    "measure": "score",
    "scale": SCALE,
}
RECOMMEND = {
    "key": "recommend",
    "kind": "scale",
    "wording": {"en": "Would you recommend us to a friend?"},
    "measure": "nps",
    "scale": SCALE,
}
COLUMNS = {
    "expectations.quality": "CUEX1",
    "values.quality": "PERQ1",
    "values.satisfaction": "CUSA1",
    "values.complaint_handling": "CUSCO",
    "values.recommend": "CUSL3",
}


class Accord:
    def __init__(self, url, email, password):
        self.url = url.rstrip("/")
        self.token = None
        self.token = self.post("/v1/auth/login", {"email": email, "password": password})["access_token"]

    def call(self, method, path, body=None, media_type="application/json"):
        headers = {"Content-Type": media_type}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.url + path, method=method, data=body, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None):
        return self.call("POST", path, json.dumps(body).encode() if body is not None else b"")


def table(rows, survey, supplier):
    """The rows as an import wants them."""
    out = io.StringIO()
    names = ["external_id", "survey_id", "supplier_id", "answered_at", *COLUMNS]
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    for number, row in enumerate(rows, 1):
        known = {"external_id": f"ECSI-{number}", "survey_id": survey, "supplier_id": supplier}
        writer.writerow(known | {"answered_at": "2026-01-15T12:00:00Z"} | {to: row[of] for to, of in COLUMNS.items()})
    return out.getvalue()


def near(told, counted):
    return abs(told - counted) < 1e-9


def main(path, url, email):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    accord = Accord(url, email, sys.stdin.read().strip())
    supplier = accord.post("/v1/suppliers", {"kind": "company", "name": "Mobile phone provider"})["id"]
    terms = {"languages": ["en"], "title": {"en": "Your provider"}, "items": [QUALITY, SATISFACTION, COMPLAINTS, RECOMMEND]}
    survey = accord.post("/v1/surveys", {"name": "ECSI", "instrument": "custom", "terms": terms})["id"]
    accord.post(f"/v1/surveys/{survey}/publish")
    body = table(rows, survey, supplier).encode()
    ordered = accord.call("POST", "/v1/imports?kind=feedback", body, "text/csv")["import_id"]
    while (done := accord.get(f"/v1/imports/{ordered}"))["finished_at"] is None:
        time.sleep(0.2)
    print(f"imported {done['rows_created']} of {len(rows)} customers")

    found = accord.get(f"/v1/feedback-numbers?supplier_id={supplier}&from=2026-01-01&to=2026-12-31")
    pair = found["pairs"][0]["figures"]
    items = {item["item"]: item for item in found["items"]}
    recommend, complaints = items["recommend"], items["complaint_handling"]
    mean = lambda column: sum(int(row[column]) for row in rows) / len(rows)
    below = sum(int(row["PERQ1"]) < int(row["CUEX1"]) for row in rows)
    promoters = sum(int(row["CUSL3"]) >= 9 for row in rows)
    detractors = sum(int(row["CUSL3"]) <= 6 for row in rows)

    gap, negative = pair["gap"], pair["negative"]
    print(f"expected {pair['expectation']['value']:.3f}, lived {pair['experience']['value']:.3f}")
    print(f"gap {gap['value']:+.3f} ({gap['lower']:+.3f} to {gap['upper']:+.3f}), negative for {negative['value']:.0%} of customers")
    print(f"satisfaction {items['satisfaction']['mean']['value']:.2f}, complaint handling {complaints['mean']['value']:.2f}")
    net = recommend["net"]
    print(
        f"recommend ({recommend['variant']}) {recommend['score']['value']:+.1f}: "
        f"{net['promoters']} promoters, {net['passives']} passives, {net['detractors']} detractors"
    )
    agree = [
        done["rows_created"] == len(rows),
        near(pair["expectation"]["value"], mean("CUEX1")),
        near(pair["experience"]["value"], mean("PERQ1")),
        negative["k"] == below,
        near(complaints["mean"]["value"], mean("CUSCO")),
        (net["promoters"], net["detractors"]) == (promoters, detractors),
    ]
    if not all(agree):
        sys.exit("What Accord tells is not what was counted here.")
    print("All of it agrees with the count made here.")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
