"""The recipes of docs/recipes in Python, each with a test. Argument: a directory for queues."""

import asyncio
import json
import os
import struct
import sys
import threading

import interprocess
import interprocess.aio


# [work_queue]
def work_once(jobs, work):
    """Does one job. A job that fails, or whose worker dies, comes to a worker again."""
    with jobs.borrow(timeout=10) as job:  # acknowledged at the end, given back on an exception
        work(bytes(job.data), job.info.redelivered)
# [end]


# [poison]
def work_or_set_aside(jobs, dead_letters, work):
    """Does one job, or sets it aside if it was handed out three times before."""
    with jobs.borrow(timeout=10) as job:
        if job.info.earlier_deliveries < 3:
            work(bytes(job.data), job.info.redelivered)
        else:
            dead_letters.put(bytes(job.data), timeout=1)
        # Acknowledged only now: killed before, the job is in one queue at least.
# [end]


# [request]
def ask(requests, replies, reply_queue, number, question):
    """Sends a request, and waits for the reply with its number."""
    requests.put(f"{reply_queue}\n{number}\n{question}".encode(), timeout=1)
    while True:
        of, _, reply = replies.get(timeout=5).decode().partition("\n")
        if of == str(number):  # others are of earlier requests
            return reply
# [end]


# [reply]
def answer_once(requests, directory, answer):
    """Answers one request. If this server dies, another one answers it."""
    with requests.borrow(timeout=10) as request:
        parts = bytes(request.data).decode().split("\n", 2)
        if len(parts) < 3:
            return  # no request: nobody can be answered
        try:
            with interprocess.Publisher(
                parts[0], directory=directory, mode=interprocess.Mode.OPEN_EXISTING
            ) as replies:
                replies.put(f"{parts[1]}\n{answer(parts[2])}".encode(), timeout=1)
        except (interprocess.NotFound, interprocess.Timeout):
            pass  # the client has gone, or does not read
# [end]


# [backpressure]
def send_or_drop(readings, reading):
    """Sends a reading, or drops it when no subscriber has made room for 10 ms."""
    try:
        readings.put(reading, timeout=0.01)
        return True
    except interprocess.Timeout:
        return False  # and tell somebody
# [end]


# [priorities]
async def handle_by_priority(urgent, normal, handle):
    """Handles messages as they come, urgent ones first; ends when it is cancelled."""
    while True:
        message = urgent.try_get()
        if message is None:
            message = normal.try_get()
        if message is not None:
            handle(message)
            continue
        waits = [asyncio.ensure_future(queue.get()) for queue in (urgent, normal)]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                if wait in done:
                    handle(wait.result())
        finally:
            for wait in waits:
                wait.cancel()  # a message that comes meanwhile is given back
            await asyncio.gather(*waits, return_exceptions=True)
# [end]


# [pipe]
def send_lines(pipe, messages):
    """Sends messages, none of which may have a line's end in it."""
    for message in messages:
        pipe.write(message + b"\n")
    pipe.flush()


def handle_lines(pipe, handle):
    """Finds the messages in the stream, until it ends."""
    for line in pipe:
        handle(line.rstrip(b"\n"))
# [end]


# [batch]
def send_all(publisher, messages):
    """Sends all messages; waits where there is no room."""
    sent = 0
    while sent < len(messages):
        sent += publisher.put_many(messages[sent:sent + 256])


def handle_many(subscriber, handle):
    """Waits for a message, then handles what is there, up to 256 messages per call."""
    for message in subscriber.get_many(256):
        handle(message)
# [end]


# [event_loop]
async def handle_all(subscriber, handle):
    """Handles messages one after the other in the loop, until it is cancelled."""
    async for message in subscriber:
        handle(message)
# [end]


# [json]
def send_json(publisher, value):
    publisher.put(json.dumps(value).encode(), timeout=1)


def receive_json(subscriber):
    with subscriber.borrow(timeout=1) as message:
        return json.loads(bytes(message.data))
# [end]


# [in_place]
ORDER = struct.Struct("<qi")


def send_order(publisher, number, amount):
    """Writes an order into the queue itself."""
    with publisher.reserve(ORDER.size) as room:
        ORDER.pack_into(room.data, 0, number, amount)


def receive_order(subscriber):
    """Reads one out of the queue's memory."""
    with subscriber.borrow() as message:
        return ORDER.unpack_from(message.data)
# [end]


class Failed(Exception):
    pass


def fail(job, perhaps_done):
    raise Failed


def main(directory):
    queues = {}
    for name in ("jobs", "dead", "requests", "replies", "urgent", "normal"):
        options = dict(directory=directory, capacity=4096)
        queues[name] = (
            interprocess.Publisher(name, **options), interprocess.Subscriber(name, **options))
    jobs, worker = queues["jobs"]

    jobs.put(b"job")
    try:
        work_once(worker, fail)
        raise AssertionError("it failed")
    except Failed:
        pass
    done = []
    work_once(worker, lambda job, perhaps_done: done.append((job, perhaps_done)))
    assert done == [(b"job", False)], done
    assert worker.try_get() is None

    jobs.put(b"poison")
    tries = 0
    dead = queues["dead"][1]
    letter = None
    while letter is None:
        try:
            work_or_set_aside(worker, queues["dead"][0], fail)
        except Failed:
            tries += 1
            assert tries < 10
        letter = dead.try_get()
    assert (tries, letter) == (3, b"poison")

    queues["replies"][0].put(b"6\nof an earlier request")
    server = threading.Thread(target=answer_once, args=(
        queues["requests"][1], directory, lambda question: question + " yourself"))
    server.start()
    assert ask(queues["requests"][0], queues["replies"][1], "replies", 7, "hello") == "hello yourself"
    server.join()
    queues["requests"][0].put(b"nobody\n1\nhello")
    answer_once(queues["requests"][1], directory, str)
    assert queues["requests"][1].try_get() is None

    assert all(send_or_drop(jobs, b"21.5") for _ in range(64))
    assert not send_or_drop(jobs, b"21.5")
    read = []
    handle_many(worker, read.append)
    assert read == [b"21.5"] * 64

    several = [b"%d" % number for number in range(100)]
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        send_lines(pipe, several)
    read = []
    with os.fdopen(reading, "rb") as pipe:
        handle_lines(pipe, read.append)
    assert read == several
    sender = threading.Thread(target=send_all, args=(jobs, several))
    sender.start()
    read = [worker.get(timeout=10) for _ in several]
    sender.join()
    assert read == several

    send_json(jobs, {"order": 7})
    assert receive_json(worker) == {"order": 7}
    send_order(jobs, 7, 99)
    assert receive_order(worker) == (7, 99)

    async def loops():
        read = asyncio.Queue()
        options = dict(directory=directory, capacity=4096)
        async with interprocess.aio.Subscriber("jobs", **options) as subscriber:
            loop = asyncio.ensure_future(handle_all(subscriber, read.put_nowait))
            jobs.put(b"event")
            assert await read.get() == b"event"
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
        queues["normal"][0].put(b"one")
        queues["urgent"][0].put(b"two")
        async with interprocess.aio.Subscriber("urgent", **options) as urgent:
            async with interprocess.aio.Subscriber("normal", **options) as normal:
                loop = asyncio.ensure_future(handle_by_priority(urgent, normal, read.put_nowait))
                assert [await read.get(), await read.get()] == [b"two", b"one"]
                queues["normal"][0].put(b"three")
                assert await read.get() == b"three"
                loop.cancel()
                await asyncio.gather(loop, return_exceptions=True)

    asyncio.run(loops())
    print("all recipes work")


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    main(sys.argv[1])
