# SPDX-License-Identifier: MIT

"""A reference peer as a process, for the live tests.

peer.py COMMAND PROTOCOL DIRECTORY NAME CAPACITY [COUNT]

PROTOCOL is cloudtoid2 or cloudtoid3 here; the peers in C++, Java and C#, which know the first two
commands, take every name of `ipq --protocol`. A peer says "attached" when it has opened the queue.

  publish        enqueues messages 0 to COUNT-1, says "done" and waits for a line before it leaves
  subscribe      dequeues COUNT messages, in order, checks every byte and says "done"
  hold           claims a message, says "held", and waits for a line; then goes on and says what it
                 has ("none" if its time had run out)
  half           reserves room for message 0, says "reserved", and waits for a line; then commits it
  take           dequeues one message, waiting up to a minute, and says its number, or "none"

Message i has a size drawn from i (0 to 999 bytes, and less than the largest message; every
thousandth is as large as that), and bytes drawn from i and their place: i itself in 4 bytes, the
least first, then i * 7 + 0, i * 7 + 1, ...
"""

import sys
import time

MASK = (1 << 32) - 1


def size_of(index, capacity):
    largest = capacity - 8
    if index % 1000 == 999:
        return largest
    mixed = (index * 2654435761 + 12345) & MASK
    mixed ^= mixed >> 15
    return mixed % min(1000, largest)


def message(index, capacity):
    size = size_of(index, capacity)
    head = (index & MASK).to_bytes(4, "little")
    pattern = bytes((index * 7 + k) & 255 for k in range(256))
    body = head + pattern * (size // 256 + 1)
    return body[:size]


def main():
    command, protocol, directory, name, capacity = sys.argv[1:6]
    capacity = int(capacity)
    count = int(sys.argv[6]) if len(sys.argv) > 6 else 0
    if protocol == "cloudtoid2":
        from version2 import Queue
    elif protocol == "cloudtoid3":
        from version3 import Queue
    else:
        sys.exit(f"{protocol} is not spoken here")
    queue = Queue(directory, name, capacity)
    print("attached", flush=True)

    def pause(word):
        def wait():
            print(word, flush=True)
            sys.stdin.readline()
        return wait

    if command == "publish":
        for index in range(count):
            body = message(index, capacity)
            while not queue.try_enqueue(body):
                time.sleep(0.0002)
        print("done", flush=True)
        sys.stdin.readline()  # the queue goes with its last participant
    elif command == "subscribe":
        for index in range(count):
            body = queue.dequeue(60)
            if body != message(index, capacity):
                sys.exit(f"message {index}: {body!r}, not {message(index, capacity)!r}")
        print("done", flush=True)
    elif command == "hold":
        while True:
            body = queue.try_dequeue(pause("held"))
            if body is not None or queue.memory.load(0) == queue.memory.load(8):
                break
        print("none" if body is None else int.from_bytes(body[:4], "little"), flush=True)
    elif command == "half":
        queue.try_enqueue(message(0, capacity), pause("reserved"))
        print("done", flush=True)
        sys.stdin.readline()
    elif command == "take":
        body = queue.dequeue(60)
        print("none" if body is None else int.from_bytes(body[:4], "little"), flush=True)
    queue.close()


main()
