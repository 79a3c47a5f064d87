"""The server under test, as the hooks call it themselves."""

import base64
import itertools
import json
import os
import time
import uuid

import requests

URL = os.environ["ACCORD_URL"]
# The account in the document's example of signing in.
EMAIL, PASSWORD = "owner@example.com", "correct horse battery staple"
# Nobody else has these: several runs may follow each other on one server.
RUN = uuid.uuid4().hex[:8]
names = (f"{RUN}-{number}" for number in itertools.count())


def email():
    return f"made{next(names)}@example.com"


def sign_in(email=EMAIL):
    answer = requests.post(f"{URL}/v1/auth/login", json={"email": email, "password": PASSWORD}, timeout=30)
    answer.raise_for_status()
    return answer.json()


def end_of(token):
    """When an access token ends: as it says itself."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"]


class Caller:
    """Somebody who calls, and signs in anew when the token gets old."""

    def __init__(self, email, token=None):
        self.email, self.session = email, requests.Session()
        self.use(token or sign_in(email)["access_token"])

    def use(self, token):
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.until = end_of(token)

    def authorization(self):
        if time.time() > self.until - 120:
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


# The run's own token.
TOKEN = os.environ["ACCORD_TOKEN"]
owner = Caller(EMAIL, TOKEN)
