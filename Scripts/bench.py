#!/usr/bin/env python3
"""Measures the service with a one-line bash script: `make bench`.

Prints events per second from the first post to the last run, beside the rate at which a plain loop spawns that script, in turns,
as medians; and resident memory when idle, after 2,000 events, and after 2,000 more.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from harness import Service, Upstream

PROGRAM = os.path.abspath(sys.argv[1])
EVENTS = 2000
SENDERS = 8
ROUNDS = 3


def send(service, numbers):
    connection = service.connect()
    for number in numbers:
        service.post(
            {
                "specversion": "1.0",
                "id": f"event-{number}",
                "source": "bench",
                "type": "sh.keptn.event.bench.triggered",
                "shkeptncontext": f"context-{number}",
                "data": {"project": "bench", "stage": "dev", "service": "carts"},
            },
            connection,
        )


def events_per_second(service, first):
    before = service.finished
    start = time.monotonic()
    senders = [threading.Thread(target=send, args=(service, range(first + n, first + EVENTS, SENDERS))) for n in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    service.wait_for_runs(before + EVENTS)
    return EVENTS / (time.monotonic() - start)


def spawns_per_second(script, at_once):
    """How fast xargs starts `bash script`, that many at once."""
    start = time.monotonic()
    numbers = "".join(f"{n}\n" for n in range(EVENTS))
    command = ["xargs", "-P", str(at_once), "-I{}", "/bin/bash", script]
    subprocess.run(command, input=numbers, text=True, check=True, stdout=subprocess.DEVNULL)
    return EVENTS / (time.monotonic() - start)


def resident(service):
    with open(f"/proc/{service.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def main():
    directory = tempfile.mkdtemp(prefix="ges-bench-")
    service = None
    try:
        upstream = Upstream(directory)
        script = "#!/bin/bash\necho hello\n"
        upstream.push("main", "a script", [("genericexecutor/bench.triggered.sh", script)])
        upstream.branch("dev", "main")
        upstream.git("-C", upstream.clone, "push", "--quiet", "origin", "dev")
        file = f"{upstream.clone}/genericexecutor/bench.triggered.sh"
        service = Service(PROGRAM, directory, GIT_REMOTE=upstream.bare, EVENTBROKER="none")
        memory = [resident(service)]
        rates = {"service": [], "loop, 1 at once": [], "loop, 8 at once": []}
        for number in range(ROUNDS):
            rates["service"].append(events_per_second(service, number * EVENTS))
            memory.append(resident(service))
            rates["loop, 1 at once"].append(spawns_per_second(file, 1))
            rates["loop, 8 at once"].append(spawns_per_second(file, 8))
        best = statistics.median(rates["loop, 8 at once"])
        for name, values in rates.items():
            median = statistics.median(values)
            print(f"{name:16} {median:7.0f} /s   {median / best:.2f} of the loop   {[round(value) for value in values]}")
        print("resident memory, MiB: " + ", ".join(f"{value:.1f}" for value in memory) + f" (idle, then after each {EVENTS} events)")
    finally:
        if service:
            service.stop()
        shutil.rmtree(directory, ignore_errors=True)


main()
