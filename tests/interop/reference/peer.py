"""A reference peer as a process, for the live tests.

peer.py VERSION DIRECTORY NAME CAPACITY COMMAND [COUNT]

  write COUNT    enqueues messages 0 to COUNT-1
  read COUNT     dequeues so many, in order, and checks every byte
  hold           claims a message, says "held", and waits for a line; then goes on and says what it
                 has ("none" if its time had run out)
  half           reserves room for message 0, says "reserved", and waits for a line; then commits it
  take           dequeues one message, waiting up to a minute, and says its number, or "none"

Message i has a size drawn from i (0 to 999 bytes, and less than what the capacity takes), and
bytes drawn from i and their place.
"""

import sys
import time

MASK = (1 << 32) - 1


def size_of(index, capacity):
    mixed = (index * 2654435761 + 12345) & MASK
    mixed ^= mixed >> 15
    return mixed % min(1000, capacity - 8)


def message(index, capacity):
    size = size_of(index, capacity)
    head = (index & MASK).to_bytes(4, "little")
    pattern = bytes((index * 7 + k) & 255 for k in range(256))
    body = head + pattern * (size // 256 + 1)
    return body[:size]


def main():
    version, directory, name, capacity, command = sys.argv[1:6]
    capacity = int(capacity)
    count = int(sys.argv[6]) if len(sys.argv) > 6 else 0
    if version == "2":
        from version2 import Queue
    else:
        from version3 import Queue
    queue = Queue(directory, name, capacity)
    print("attached", flush=True)

    def pause(word):
        def wait():
            print(word, flush=True)
            sys.stdin.readline()
        return wait

    if command == "write":
        for index in range(count):
            body = message(index, capacity)
            while not queue.try_enqueue(body):
                time.sleep(0.0002)
        print("done", flush=True)
        sys.stdin.readline()  # the queue goes with its last participant
    elif command == "read":
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
