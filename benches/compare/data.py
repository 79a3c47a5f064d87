"""The data everybody gets, made from numbers alone: the same on every computer, and so are the answers expected."""

import datetime
from dataclasses import dataclass

SUPPLIERS = 10_000
PROMISES = 16
DAY = datetime.timedelta(days=1)
FIRST = datetime.datetime(2025, 1, 1)
DAYS = 365
# Whole months, because PocketBase's view counts by month.
WINDOW = ("2025-04-01", "2025-09-30")
TARGET = datetime.timedelta(hours=48)
CATEGORIES = ["carrier", "cleaning", "field-service", "installation", "logistics", "repair", "security", "training"]
CITIES = [("Bremen", "DE", "28195"), ("Lyon", "FR", "69001"), ("Leeds", "GB", "LS1 1UR"), ("Graz", "AT", "8010")]
SATISFACTION = [5, 5, 5, 4, 4, 3, 2]


def text(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def mixed(number, below):
    """Without order, and as far apart as it gets."""
    return number * 2_654_435_761 % 4_294_967_291 % below


def supplier(number):
    """As a row of Accord's import, whose members the tables of the peers have too."""
    city, country, code = CITIES[number % len(CITIES)]
    return {
        "external_id": key(number), "kind": "company", "name": f"Supplier {mixed(number, 1_000_003):07} {city} Ltd",
        "categories": sorted({CATEGORIES[number % 8], CATEGORIES[number // 8 % 8]}), "regions": [country],
        "address": {"lines": [f"{1 + number % 99} High Street"], "postal_code": code, "city": city, "country": country},
        "customer_facing": number % 2 == 0,
    }


def key(number):
    return f"S-{number:05}"


@dataclass(frozen=True)
class Answer:
    """What a customer said about a supplier."""
    key: str
    supplier: int
    at: datetime.datetime
    job: str
    customer: str
    satisfaction: int
    recommend: int


def answer(number, prefix="F", suppliers=SUPPLIERS):
    at = FIRST + DAY * mixed(number // suppliers, DAYS) + datetime.timedelta(seconds=mixed(number, 86_400))
    satisfaction, recommend = SATISFACTION[mixed(number, 7)], mixed(number, 11)
    return Answer(f"{prefix}-{number}", number % suppliers, at, f"{prefix}J-{number}", f"C-{number % 50_000}",
                  satisfaction, recommend)


def answers(rows, prefix="F", suppliers=SUPPLIERS):
    return (answer(number, prefix, suppliers) for number in range(rows))


@dataclass(frozen=True)
class Commitment:
    """One occasion on which a promise was kept or not."""
    key: str
    promise: int
    made_at: datetime.datetime
    due_at: datetime.datetime
    fulfilled_at: datetime.datetime

    @property
    def is_kept(self):
        return self.fulfilled_at <= self.due_at


def commitments(rows):
    for number in range(rows):
        made_at = FIRST + DAY * mixed(number // PROMISES, DAYS) + datetime.timedelta(seconds=mixed(number, 86_400))
        took = datetime.timedelta(seconds=20 * 3_600 + mixed(number, 40 * 3_600))
        yield Commitment(f"M-{number}", number % PROMISES, made_at, made_at + TARGET, made_at + took)


def commitments_beside(rows):
    """How many commitments there are beside so many answers: 10,000 of each promise beside a million."""
    return max(PROMISES, rows * 16 // 100 // PROMISES * PROMISES)


def in_window(moment):
    return WINDOW[0] <= f"{moment:%Y-%m-%d}" <= WINDOW[1]


def expected_numbers(rows, supplier):
    """How many answered about the supplier in the window, and how satisfied they were on average."""
    about = (answer(number) for number in range(supplier, rows, SUPPLIERS))
    values = [one.satisfaction for one in about if in_window(one.at)]
    return len(values), sum(values) / len(values) if values else None


def expected_kept(rows, promise):
    """How many commitments of the promise were due in the window, and how many of them were kept."""
    due = [one for one in commitments(commitments_beside(rows)) if one.promise == promise and in_window(one.due_at)]
    return len(due), sum(one.is_kept for one in due)
