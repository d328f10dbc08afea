"""Takes a job from the queue "jobs", works on it for SECONDS, and acknowledges it then.

Usage: worker.py SECONDS
"""

import sys
import time

import interprocess

with interprocess.Subscriber("jobs") as jobs:
    # Acknowledged when the block ends: if this process is killed before, another worker gets it.
    with jobs.borrow() as message:
        job = bytes(message.data).decode()
        again = " (again: a worker died with it)" if message.info.redelivered else ""
        print(f"working: {job}{again}", flush=True)
        time.sleep(float(sys.argv[1]))
    print(f"done: {job}", flush=True)
