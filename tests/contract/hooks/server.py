"""The server under test, as the hooks call it themselves."""

import itertools
import os
import time

import requests

URL = os.environ["ACCORD_URL"]
# The account in the document's example of signing in.
EMAIL, PASSWORD = "owner@example.com", "correct horse battery staple"
# Access tokens last 15 minutes.
OLD = 10 * 60
names = itertools.count()


def email():
    return f"made{next(names)}@example.com"


def sign_in(email=EMAIL):
    answer = requests.post(f"{URL}/v1/auth/login", json={"email": email, "password": PASSWORD}, timeout=30)
    answer.raise_for_status()
    return answer.json()


class Caller:
    """Somebody who calls, and signs in anew when the token gets old."""

    def __init__(self, email, token=None):
        self.email, self.session = email, requests.Session()
        self.use(token or sign_in(email)["access_token"])

    def use(self, token):
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.since = time.monotonic()

    def authorization(self):
        if time.monotonic() - self.since > OLD:
            self.use(sign_in(self.email)["access_token"])
        return self.session.headers["Authorization"]

    def send(self, method, path, **body):
        self.authorization()
        answer = self.session.request(method, f"{URL}{path}", timeout=30, **body)
        answer.raise_for_status()
        return answer.json()

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, body=None):
        return self.send("POST", path, json=body)

    def create(self, path, body):
        return self.post(path, body)["id"]


# The run's own token. It is not asked for again as long as it is young.
TOKEN = os.environ["ACCORD_TOKEN"]
owner = Caller(EMAIL, TOKEN)
