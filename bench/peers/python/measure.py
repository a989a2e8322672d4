"""How the Python peer measures: the same events, clock and arithmetic as `bench/measure` in Rust."""

import json
import threading
import time
from dataclasses import dataclass, field

EVENT_BYTES = 412
PER_STREAM = 10
TENANT = "0190"
ACTOR = "staff:0198f0c2-0000-7000-8000-000000000977"
CORRELATION = "0198f0c2-7a51-7c33-9d0e-3c5d1f6a8b10"


def text(length):
    sentence = "Borgeren har sendt dokumentation; sagen afventer svar. "
    return (sentence * (length // len(sentence) + 1))[:length]


@dataclass
class Window:
    """The time in which answers count."""

    warm_up: float
    seconds: float
    start: float = field(default_factory=time.perf_counter)

    def over(self, now):
        return now >= self.start + self.warm_up + self.seconds

    def counts(self, now):
        return self.start + self.warm_up <= now and not self.over(now)


def drive(load, work):
    """Lets every writer, a thread, do one thing after the other: `work(writer, number)`. Answers the waits."""
    window = Window(load.warm_up, load.seconds)
    waits, errors = [[] for _ in range(load.writers)], []

    def write(writer):
        number = 0
        try:
            while not errors:
                asked = time.perf_counter()
                if window.over(asked):
                    return
                work(writer, number)
                answered = time.perf_counter()
                if window.counts(answered):
                    waits[writer].append(answered - asked)
                number += 1
        except Exception as error:  # the thread's end is the program's, below
            errors.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(load.writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return sorted(wait for writer in waits for wait in writer)


def print_rate(name, load, waits):
    def at(hundredth):
        return waits[min(len(waits) * hundredth // 100, len(waits) - 1)] * 1e6 if waits else 0.0

    print_line(name, load.writers, "commands/s", len(waits) / load.seconds, p50_us=[at(50)], p99_us=[at(99)])


def print_replay(name, events, seconds):
    print_line(f"replay: {name}", 1, "events/s", events / seconds)


def print_line(name, writers, unit, figure, **waits):
    print(json.dumps({"name": name, "writers": writers, "unit": unit, "rounds": [figure], **waits}))
