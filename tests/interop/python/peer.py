# SPDX-License-Identifier: MIT

"""The Python peer of the interop tests: its command line is that of ../reference/peer.py."""

import sys

import interprocess

PROTOCOLS = {"native": 0, "cloudtoid2": 2, "cloudtoid3": 3, "cloudtoid2-fork": 4}


def message_of(index, largest):
    mixed = (index * 2654435761 + 12345) & 0xFFFFFFFF
    mixed ^= mixed >> 15
    size = largest if index % 1000 == 999 else mixed % min(1000, largest)
    start = index * 7
    ramp = bytes((start + i) & 0xFF for i in range(min(size, 256)))
    body = (ramp * (size // 256 + 1))[:size] if size > 256 else ramp
    return (index.to_bytes(4, "little") + body)[:size]


def publish(name, options, count):
    with interprocess.Publisher(name, **options) as publisher:
        print("attached", flush=True)
        for i in range(count):
            message = message_of(i, publisher.max_message_size)
            if i % 2 == 0:
                publisher.put(message)
            else:
                room = publisher.reserve(len(message))
                room.data[:] = message
                while True:
                    # Where a reservation holds no room, the commit may find none.
                    try:
                        room.commit()
                        break
                    except interprocess.Full:
                        pass
        print("done", flush=True)
        sys.stdin.readline()


def subscribe(name, options, count):
    with interprocess.Subscriber(name, **options) as subscriber:
        print("attached", flush=True)
        for i in range(count):
            if i % 2 == 0:
                message = subscriber.get()
            else:
                with subscriber.borrow() as borrowed:
                    message = bytes(borrowed.data)
            if message != message_of(i, subscriber.max_message_size):
                sys.exit(f"message {i} differs")
        if subscriber.try_get() is not None:
            sys.exit("there are more messages")
        print("done", flush=True)


role, protocol, directory, name, capacity, count = sys.argv[1:]
options = dict(directory=directory, capacity=int(capacity), protocol=PROTOCOLS[protocol])
(publish if role == "publish" else subscribe)(name, options, int(count))
