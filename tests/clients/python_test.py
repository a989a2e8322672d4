"""KurrentDB's official Python client against the real binary.

As an auditor on a server that only reads, and as an administrator on one that takes writes. `run.sh` starts both and
says where they are.
"""

import json
import os
import threading
import unittest
import uuid

from kurrentdbclient import CaughtUp, Checkpoint, KurrentDBClient, NewEvent, StreamState
from kurrentdbclient.exceptions import (
    AccessDeniedError,
    NotFoundError,
    StreamIsDeletedError,
    UnauthenticatedError,
    WrongCurrentVersionError,
)

with open("authority.pem", "rb") as file:
    AUTHORITY = file.read()


def connect(address, user, password, scheme="kurrentdb"):
    uri = f"{scheme}://{user}:{password}@{address}?tls=true"
    return KurrentDBClient(uri=uri, root_certificates=AUTHORITY)


def numbered(number, event_type="Counted", event_id=None):
    data = json.dumps({"n": number, "text": "blåbærgrød"}).encode()
    return NewEvent(type=event_type, data=data, metadata=b'{"a":1}', id=event_id or uuid.uuid4())


def places(events):
    return [(event.stream_name, event.stream_position) for event in events]


def until(subscription, enough):
    """What a subscription tells until `enough` says so of the last thing."""
    told = []
    timer = threading.Timer(15, subscription.stop)
    timer.start()
    with subscription:
        for event in subscription:
            told.append(event)
            if enough(event):
                break
    timer.cancel()
    assert told and enough(told[-1]), f"silent after {told[-3:]}"
    return told


def caught_up(event):
    return isinstance(event, CaughtUp)


class AnAuditor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.address = os.environ["READ_ADDRESS"]
        cls.client = connect(cls.address, "0190.rita", "skranke-demo")
        cls.addClassCleanup(cls.client.close)
        # The look is noted now and not between two reads.
        tuple(cls.client.read_all(limit=1))
        cls.all = tuple(cls.client.read_all())

    def test_reads_the_whole_log_both_ways_and_only_their_own_municipality(self):
        self.assertGreater(len(self.all), 50)
        self.assertEqual({event.stream_name.split("-")[1] for event in self.all}, {"0190"})
        backwards = tuple(self.client.read_all(backwards=True))
        self.assertEqual(places(reversed(backwards)), places(self.all))
        middle = self.all[len(self.all) // 2]
        from_there = tuple(self.client.read_all(commit_position=middle.commit_position))
        self.assertEqual(places(from_there), places(self.all[len(self.all) // 2 :]))
        opened = next(event for event in self.all if event.type == "CaseOpened")
        self.assertEqual(opened.content_type, "application/json")
        self.assertEqual(json.loads(opened.metadata)["tenant"], "0190")
        self.assertGreaterEqual(opened.recorded_at.year, 2020)

    def test_reads_a_stream_from_anywhere_and_learns_that_one_is_not_there(self):
        name = next(event.stream_name for event in self.all if event.type == "CaseOpened")
        stream = self.client.get_stream(name)
        self.assertEqual([event.stream_position for event in stream], list(range(len(stream))))
        self.assertEqual(places(self.client.get_stream(name, backwards=True)), places(reversed(stream)))
        self.assertEqual(places(self.client.get_stream(name, stream_position=1, limit=1)), places(stream[1:2]))
        self.assertEqual(self.client.get_current_version(name), len(stream) - 1)
        with self.assertRaises(NotFoundError):
            self.client.get_stream("case-0190-nothing")

    def test_filters_by_stream_and_by_type(self):
        def read(**filters):
            return places(self.client.read_all(**filters))

        def wanted(keep):
            return places(event for event in self.all if keep(event))

        by_name = {"filter_by_stream_name": True}
        self.assertEqual(
            read(filter_include=["case-"], filter_by_prefix=True, **by_name),
            wanted(lambda event: event.stream_name.startswith("case-")),
        )
        self.assertEqual(
            read(filter_include=["case-.*"], **by_name), wanted(lambda event: event.stream_name.startswith("case-"))
        )
        self.assertEqual(
            read(filter_exclude=["Case.*"]), wanted(lambda event: not event.type.startswith("Case"))
        )
        self.assertEqual(read(filter_include=["CaseOpened"]), wanted(lambda event: event.type == "CaseOpened"))

    def test_catches_up_with_everything_and_with_one_stream(self):
        told = until(self.client.subscribe_to_all(include_caught_up=True), caught_up)
        self.assertEqual(places(told[:-1]), places(self.all))
        self.assertGreaterEqual(told[-1].commit_position, self.all[-1].commit_position)
        name = self.all[0].stream_name
        told = until(self.client.subscribe_to_stream(name, include_caught_up=True), caught_up)
        self.assertEqual(places(told[:-1]), places(self.client.get_stream(name)))
        told = until(
            self.client.subscribe_to_all(
                filter_include=["CaseOpened"],
                include_checkpoints=True,
                include_caught_up=True,
                window_size=8,
                checkpoint_interval_multiplier=1,
            ),
            caught_up,
        )
        self.assertGreater(sum(isinstance(event, Checkpoint) for event in told), 2)
        self.assertEqual(
            sum(event.type == "CaseOpened" for event in told),
            sum(event.type == "CaseOpened" for event in self.all),
        )

    def test_is_refused_what_is_not_theirs(self):
        with self.assertRaises(AccessDeniedError):
            self.client.get_stream("case-0751-x")
        with self.assertRaises(AccessDeniedError):
            self.client.append_to_stream("case-0190-x", current_version=StreamState.ANY, events=[numbered(0)])
        with self.assertRaises(AccessDeniedError):
            self.client.delete_stream("case-0190-x", current_version=StreamState.ANY)
        for user, password in [("0190.rita", "wrong"), ("0190.kari", "skranke-demo"), ("rita", "skranke-demo")]:
            with connect(self.address, user, password) as stranger, self.assertRaises(UnauthenticatedError):
                tuple(stranger.read_all(limit=1))


class AnAdministrator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.address = os.environ["WRITE_ADDRESS"]
        cls.password = os.environ["ADMIN_PASSWORD"]
        cls.client = connect(cls.address, "0190.admin", cls.password)
        cls.addClassCleanup(cls.client.close)

    def setUp(self):
        self.stream = f"python-{uuid.uuid4()}"

    def append(self, version, *events):
        return self.client.append_to_stream(self.stream, current_version=version, events=events)

    def test_appends_and_is_told_of_conflicts_and_repeats(self):
        first = [numbered(n) for n in range(3)]
        position = self.append(StreamState.NO_STREAM, *first)
        self.assertEqual(self.append(StreamState.NO_STREAM, *first), position)
        for version in [StreamState.NO_STREAM, 0]:
            with self.assertRaises(WrongCurrentVersionError):
                self.append(version, numbered(9))
        self.append(2, numbered(3))
        self.append(StreamState.EXISTS, numbered(4))
        read = self.client.get_stream(self.stream)
        self.assertEqual([json.loads(event.data)["n"] for event in read], list(range(5)))
        self.assertEqual([event.id for event in read[:3]], [event.id for event in first])
        self.assertEqual((read[0].metadata, read[2].commit_position), (b'{"a":1}', position))

    def test_is_told_what_is_written_after_catching_up(self):
        self.append(StreamState.NO_STREAM, numbered(0), numbered(1))
        subscriptions = [
            self.client.subscribe_to_stream(self.stream, include_caught_up=True),
            self.client.subscribe_to_all(
                filter_include=[self.stream], filter_by_stream_name=True, include_caught_up=True
            ),
        ]
        for number, subscription in enumerate(subscriptions):
            live = f"Live{number}"

            def is_live(event, live=live):
                if isinstance(event, CaughtUp):
                    threading.Thread(target=self.append, args=(StreamState.ANY, numbered(2, live))).start()
                    return False
                return event.type == live

            told = [event for event in until(subscription, is_live) if not isinstance(event, CaughtUp)]
            self.assertEqual([event.stream_position for event in told], list(range(3 + number)))

    def test_deletes_and_tombstones(self):
        self.append(StreamState.NO_STREAM, numbered(0), numbered(1))
        with self.assertRaises(WrongCurrentVersionError):
            self.client.delete_stream(self.stream, current_version=0)
        self.client.delete_stream(self.stream, current_version=1)
        with self.assertRaises(NotFoundError):
            self.client.get_stream(self.stream)
        self.assertEqual(self.client.get_current_version(self.stream), StreamState.NO_STREAM)
        self.append(StreamState.NO_STREAM, numbered(2))
        self.assertEqual([event.stream_position for event in self.client.get_stream(self.stream)], [2])
        self.client.set_stream_metadata(self.stream, metadata={"owner": "0190"}, current_version=StreamState.ANY)
        metadata, _ = self.client.get_stream_metadata(self.stream)
        self.assertEqual(metadata, {"owner": "0190"})
        self.client.tombstone_stream(self.stream, current_version=StreamState.ANY)
        with self.assertRaises(StreamIsDeletedError):
            self.client.get_stream(self.stream)
        with self.assertRaises(StreamIsDeletedError):
            self.append(StreamState.ANY, numbered(3))

    def test_finds_the_one_node_when_looking_for_a_cluster(self):
        with connect(self.address, "0190.admin", self.password, "kurrentdb+discover") as client:
            self.assertEqual(len(tuple(client.read_all(limit=1, filter_exclude=[]))), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
