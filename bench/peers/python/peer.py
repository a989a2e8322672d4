"""Python `eventsourcing` with its SQLite module, measured as Skranke is.

    peer.py commands --writers 64 --seconds 3 --warm-up 0.5 --dir DIR
    peer.py fill --history DIR --events N
    peer.py replay --history DIR
"""

import argparse
import os
import tempfile
import time
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from measure import ACTOR, CORRELATION, EVENT_BYTES, PER_STREAM, TENANT, drive, print_rate, print_replay, text

NAME = "Python eventsourcing"


class Case(Aggregate):
    """The library has no metadata: what stands beside Skranke's events is in these."""

    @event("Opened")
    def __init__(self, case_id: UUID, text: str, tenant: str, actor: str, correlation: str):
        self.notes = 0
        self.last = text

    @event("NoteAdded")
    def note(self, text: str, tenant: str, actor: str, correlation: str):
        self.notes += 1
        self.last = text

    @staticmethod
    def create_id(case_id: UUID):
        return case_id


# Filled so that the stored state of a note is as long as everyone's event.
NOTE = text(EVENT_BYTES - 215)


class Cases(Application):
    def command(self, writer: int, number: int) -> None:
        """The first command opens a case, nine more note upon it."""
        case_id = UUID(int=writer << 64 | number // PER_STREAM)
        if number % PER_STREAM == 0:
            case = Case(case_id, NOTE, TENANT, ACTOR, CORRELATION)
        else:
            case = self.repository.get(case_id)
            case.note(NOTE, TENANT, ACTOR, CORRELATION)
        self.save(case)

    def whole_case(self, number: int) -> None:
        case = Case(UUID(int=number), NOTE, TENANT, ACTOR, CORRELATION)
        for _ in range(PER_STREAM - 1):
            case.note(NOTE, TENANT, ACTOR, CORRELATION)
        self.save(case)


def open_cases(folder: str) -> Cases:
    """The defaults of the library, in a file."""
    return Cases({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": os.path.join(folder, "cases.db")})


def commands(load):
    with tempfile.TemporaryDirectory(dir=load.dir) as folder, open_cases(folder) as cases:
        print_rate(NAME, load, drive(load, cases.command))


def fill(options):
    os.makedirs(options.history, exist_ok=True)
    with open_cases(options.history) as cases:
        for number in range(options.events // PER_STREAM):
            cases.whole_case(number)


def replay(options):
    """Every event in the order of the log, mapped to its class."""
    with open_cases(options.history) as cases:
        began, events, last = time.perf_counter(), 0, 0
        while notifications := cases.recorder.select_notifications(start=last + 1, limit=1000):
            for notification in notifications:
                cases.mapper.to_domain_event(notification)
            events += len(notifications)
            last = notifications[-1].id
        print_replay(NAME, events, time.perf_counter() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    load = what.add_parser("commands")
    load.add_argument("--dir", required=True)
    load.add_argument("--writers", type=int, required=True)
    load.add_argument("--seconds", type=float, required=True)
    load.add_argument("--warm-up", type=float, required=True)
    for name in ("fill", "replay"):
        what.add_parser(name).add_argument("--history", required=True)
    what.choices["fill"].add_argument("--events", type=int, required=True)
    options = parser.parse_args()
    {"commands": commands, "fill": fill, "replay": replay}[options.what](options)


if __name__ == "__main__":
    main()
