"""Asks the whole GraphQL schema for all it may be asked for, by documents that Schemathesis makes up, as each role.

Whatever is asked: no 5xx, no answer that is no GraphQL response, no fault of the house. What a rule refuses, what a role may
not and what is too much are answers like any other. The server's own log is looked at by `run.sh`.

Needs HTTP_ADDRESS (a demonstration with graphql/schema.graphql). FUZZ_EXAMPLES is how many documents are made up for each
operation and role, FUZZ_SECONDS after how long no further operation is begun; `run.sh` sets both.
"""

import datetime
import os
import sys
import time
from pathlib import Path

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

BASE = f"http://{os.environ['HTTP_ADDRESS']}"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
#: The short form ends after this many seconds, wherever it is; it begins somewhere else each day.
SECONDS = float(os.environ.get("FUZZ_SECONDS", "50"))
SCHEMA = Path(__file__).resolve().parents[3] / "graphql" / "schema.graphql"
#: One person for every role.
PEOPLE = ["kari", "lone", "rita", "vera"]

text = st.one_of(st.text(max_size=20), st.sampled_from(["", "2026-02-30", "-1", "9" * 30, "\u0000", "0190", "☃"]))
schemathesis.graphql.scalar("Date", st.one_of(st.dates().map(str), text).map(nodes.String))
moments = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
schemathesis.graphql.scalar("DateTime", st.one_of(moments, text).map(nodes.String))
positions = st.integers(min_value=0, max_value=2**70).map(str)
schemathesis.graphql.scalar("Position", st.one_of(positions, text).map(nodes.String))


def log_in(login):
    session = requests.Session()
    session.headers["x-skranke"] = "1"
    body = {"municipality": "0190", "login": login, "password": "skranke-demo"}
    answer = session.post(f"{BASE}/api/login", json=body, timeout=30)
    assert answer.status_code == 204, answer.text
    return session


def ask(session, query):
    answer = session.post(f"{BASE}/graphql", json={"query": query}, timeout=60)
    assert answer.status_code in (200, 413), f"{answer.status_code}: {answer.text[:500]}"
    if answer.status_code == 413:
        return
    body = answer.json()
    assert "data" in body or "errors" in body, answer.text[:500]
    for error in body.get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code != "FAULT" and "internal" not in error["message"].lower(), error


def every_document_is_answered(operation, session, rules, number):
    @seed(number)
    @rules
    @given(operation.as_strategy())
    def try_one(case):
        ask(session, case.body)

    try_one()


def main():
    schema = schemathesis.graphql.from_path(str(SCHEMA))
    schema.config.update(base_url=BASE)
    operations = [found.ok() for found in schema.get_all_operations()]
    # A short run sees a part of the schema; the days see all of it.
    start = datetime.date.today().toordinal() * 37 % len(operations)
    operations = operations[start:] + operations[:start]
    end, tried, wrong = time.monotonic() + SECONDS, 0, 0
    sessions = {login: log_in(login) for login in PEOPLE}
    rules = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    for operation in operations:
        if time.monotonic() > end:
            break
        tried += 1
        for login, session in sessions.items():
            try:
                every_document_is_answered(operation, session, rules, start)
            except Exception as fault:  # noqa: BLE001 - whatever it is, the others are tried, too
                wrong += 1
                print(f"FAULT {operation.label} as {login}: {fault}", flush=True)
    print(f"fuzz: {tried} of {len(operations)} operations, {len(PEOPLE)} roles, {EXAMPLES} examples each: {wrong} faults")
    sys.exit(1 if wrong else 0)


main()
