# SPDX-License-Identifier: MIT

"""measure.py [ROUNDS]: what messages of 64 bytes cost in Python. A publisher and a subscriber in one
thread; then between two processes, beside multiprocessing.Queue by turns."""

import multiprocessing
import platform
import statistics
import sys
import tempfile
import time

import interprocess

MESSAGE = bytes(64)
PAIRS = 100_000
BETWEEN = 100_000


def measure_pair(directory):
    """Nanoseconds of a put and a take: into a buffer, to new bytes, in batches of 32."""
    batch = [MESSAGE] * 32
    buffer = bytearray(64)
    with interprocess.Publisher("pair", directory=directory) as publisher:
        with interprocess.Subscriber("pair", directory=directory) as subscriber:
            put, get, get_into = publisher.try_put, subscriber.try_get, subscriber.try_get_into
            start = time.perf_counter_ns()
            for _ in range(PAIRS):
                put(MESSAGE)
                get_into(buffer)
            into = time.perf_counter_ns()
            for _ in range(PAIRS):
                put(MESSAGE)
                get()
            new = time.perf_counter_ns()
            for _ in range(PAIRS // 32):
                publisher.try_put_many(batch)
                subscriber.try_get_many(32)
            many = time.perf_counter_ns()
    return (into - start) / PAIRS, (new - into) / PAIRS, (many - new) / (PAIRS // 32 * 32)


def put_all(directory):
    with interprocess.Publisher("between", directory=directory) as publisher:
        for _ in range(BETWEEN):
            publisher.put(MESSAGE)


def put_all_of_python(queue):
    for _ in range(BETWEEN):
        queue.put(MESSAGE)


def rate(get, target, argument):
    """Messages a second, from the first to the last, of a process that runs `target`."""
    process = multiprocessing.get_context("spawn").Process(target=target, args=(argument,))
    process.start()
    get()
    start = time.perf_counter()
    for _ in range(BETWEEN - 1):
        get()
    end = time.perf_counter()
    process.join()
    return (BETWEEN - 1) / (end - start)


def measure_between(directory):
    buffer = bytearray(64)
    with interprocess.Subscriber("between", directory=directory) as subscriber:
        ours = rate(lambda: subscriber.get_into(buffer), put_all, directory)
        to_bytes = rate(subscriber.get, put_all, directory)
    queue = multiprocessing.get_context("spawn").Queue()
    theirs = rate(queue.get, put_all_of_python, queue)
    return ours, to_bytes, theirs


def main(rounds):
    print(f"Python {platform.python_version()}, interprocess {interprocess.__version__}")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        pairs = [measure_pair(directory) for _ in range(rounds)]
        for name, values in zip(("into a buffer", "to new bytes", "in batches of 32"), zip(*pairs)):
            print(f"put + get {name}, 64 B, ns: {statistics.median(values):.0f}")
        between = [measure_between(directory) for _ in range(rounds)]
        ours, to_bytes, theirs = (statistics.median(values) for values in zip(*between))
        ratio = statistics.median(row[0] / row[2] for row in between)
        ratio_to_bytes = statistics.median(row[1] / row[2] for row in between)
        print(f"between processes, 64 B, thousand msg/s: into a buffer {ours / 1e3:.0f}, to new bytes")
        print(f"  {to_bytes / 1e3:.0f}, multiprocessing.Queue {theirs / 1e3:.0f}")
        print(f"  times multiprocessing.Queue: {ratio:.1f} and {ratio_to_bytes:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
