#!/usr/bin/env python3
"""Shows the service at work: `make demo`.

Makes a repository with a default branch and two stage branches, starts the service on a free port, posts events of Keptn 0.7 and
0.8 as Keptn would, and prints for each: the files that ran with level and commit, what they printed, and the events that Keptn is
answered. Then it pushes a changed script, posts again, and the new commit runs. Everything lives in one temporary directory.
"""

import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

from harness import LIMIT, Service, Upstream

PROGRAM = os.path.abspath(sys.argv[1])

TEST_TRIGGERED = """#!/bin/bash
echo "Testing $DATA_SERVICE at $DATA_DEPLOYMENT_DEPLOYMENTURISPUBLIC_0 with strategy $DATA_TEST_TESTSTRATEGY"
echo '{"start": "2022-03-01T10:00:00Z", "end": "2022-03-01T10:05:00Z"}' > "$ID.finished.event.json"
"""

DEPLOYMENT_FINISHED = """#!/bin/bash
# All it prints is one JSON object with an event type: that event is sent.
cat <<JSON
{
  "type": "sh.keptn.events.tests-finished",
  "data": {
    "start": "$(date --utc +%FT%TZ)",
    "result": "pass",
    "labels": { "TestReportLink": "https://mytestingtoolreport" }
  }
}
JSON
"""

NEW_WAY = """#!/bin/bash
echo "The new way to deploy $SERVICE to $STAGE"
echo '{"type": "sh.keptn.events.deployment-finished", "data": {"deploymentURIPublic": "http://new.example.com"}}' >"$RESULT_FILE"
"""


class Receiver(http.server.BaseHTTPRequestHandler):
    """Stands for Keptn: keeps the events it is sent. It is also the webhook that the sample .http file calls."""

    events = []
    arrived = threading.Condition()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = b""
        if self.path == "/webhook":
            answer = json.dumps({"deploymentURIsPublic": [f"http://{body['service']}.{body['stage']}.example.com"]}).encode()
        else:
            with self.arrived:
                self.events.append(body)
                self.arrived.notify_all()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass

    @classmethod
    def wait(cls, context, kind):
        """The events of a context, once one of that type is among them."""

        def of_context():
            return [event for event in cls.events if event.get("shkeptncontext") == context]

        with cls.arrived:
            if not cls.arrived.wait_for(lambda: any(event["type"] == kind for event in of_context()), LIMIT):
                raise SystemExit(f"demo: no {kind} came within {LIMIT} s")
            return of_context()


def event(number, kind, version, data, **attributes):
    content_type = "contenttype" if version == "0.2" else "datacontenttype"
    return {
        "specversion": version,
        "id": f"00000000-0000-4000-8000-{number:012}",
        "source": "https://github.com/keptn/demo",
        "type": kind,
        content_type: "application/json",
        "shkeptncontext": f"00000000-0000-4000-9000-{number:012}",
        "data": {"project": "sockshop", "stage": "dev", "service": "carts", "labels": {"gitcommit": "abc123"}, **data},
        **attributes,
    }


def show(title, service, sent, answer):
    """Posts an event, prints what came of it, and returns the commit that its first file ran at."""
    print(f"\n=== {title}: {sent['type']}")
    service.post(sent)
    service.wait(lambda entry: entry.get("event.id") == sent["id"] and entry["message"] == "run finished")
    steps = [entry for entry in service.log if entry.get("event.id") == sent["id"] and entry["message"] == "file ran"]
    if not steps:
        raise SystemExit("demo: no file ran")
    for step in steps:
        print(f"ran     {step['file']} of the {step['script.level']} level at {step['commit'][:12]}: {step['result']}")
        for line in step["output"].splitlines():
            print(f"        | {line}")
    for answered in Receiver.wait(sent["shkeptncontext"], answer):
        data = answered["data"]
        more = {name: data[name] for name in data if name not in ("project", "stage", "service", "labels", "message")}
        print(f"answer  {answered['type']} {json.dumps(more) if more else ''}")
    return steps[0]["commit"]


def main():
    directory = tempfile.mkdtemp(prefix="ges-demo-")
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    service = None
    try:
        upstream = Upstream(directory)
        upstream.push("main", "a new project", [("shipyard.yaml", "apiVersion: spec.keptn.sh/0.2.0\n")])
        upstream.branch("production", "main")
        upstream.push("production", "production tests after a deployment", [("genericexecutor/deployment.finished.sh", DEPLOYMENT_FINISHED)])
        upstream.branch("dev", "main")
        files = [
            ("genericexecutor/deployment.finished.sh", DEPLOYMENT_FINISHED),
            ("carts/genericexecutor/test.triggered.sh", TEST_TRIGGERED),
        ]
        upstream.push("dev", "dev too, and carts has tests of its own", files)
        upstream.checkout("main")
        subprocess.run([PROGRAM, "new", upstream.clone], check=True, stdout=subprocess.DEVNULL, timeout=LIMIT)
        upstream.push("main", "the samples, for all stages and services")

        keptn = f"http://127.0.0.1:{receiver.server_port}"
        service = Service(
            PROGRAM,
            directory,
            GIT_REMOTE=f"{directory}/{{project}}.git",
            EVENTBROKER=f"{keptn}/event",
            WEBHOOK_URL=f"{keptn}/webhook",
        )
        print(f"The service listens on port {service.port}; the repository is a bare one beside it.")

        change = event(1, "sh.keptn.event.configuration.change", "0.2", {"valuesCanary": {"image": "carts:0.2"}})
        first = show("Keptn 0.7", service, change, "sh.keptn.events.deployment-finished")
        finished = {"deploymentURIPublic": "http://carts.dev.example.com", "teststrategy": "performance"}
        sent = event(2, "sh.keptn.events.deployment-finished", "0.2", finished)
        show("Keptn 0.7", service, sent, "sh.keptn.events.tests-finished")
        action = {
            "action": {"name": "Scale up", "action": "scale", "value": {"replicas": 3}},
            "problem": {"ProblemTitle": "Response time degradation", "ProblemURL": "https://problems.example.com/1", "PID": "1"},
        }
        show("Keptn 0.7", service, event(3, "sh.keptn.event.action.triggered", "0.2", action), "sh.keptn.event.action.finished")

        deployed = {"test": {"teststrategy": "functional"}, "deployment": {"deploymentURIsPublic": ["http://carts.dev.example.com"]}}
        show("Keptn 0.8", service, event(4, "sh.keptn.event.test.triggered", "1.0", deployed), "sh.keptn.event.test.finished")
        values = {"configurationChange": {"values": {"image": "carts:0.3"}}, "deployment": {"deploymentstrategy": "direct"}}
        sent = event(5, "sh.keptn.event.deployment.triggered", "1.0", values)
        show("Keptn 0.8", service, sent, "sh.keptn.event.deployment.finished")
        show("Keptn 0.8", service, event(6, "sh.keptn.event.action.triggered", "1.0", action), "sh.keptn.event.action.finished")

        print("\n--- a changed configuration.change.sh is pushed for the service carts in stage dev")
        upstream.checkout("dev")
        upstream.push("dev", "a new way to deploy carts", [("carts/genericexecutor/configuration.change.sh", NEW_WAY)])
        change = event(7, "sh.keptn.event.configuration.change", "0.2", {"valuesCanary": {"image": "carts:0.3"}})
        second = show("Keptn 0.7", service, change, "sh.keptn.events.deployment-finished")
        if first == second:
            raise SystemExit("demo: the pushed commit did not run")

        print("\n--- the same without a server: generic-executor-service run")
        with open(f"{directory}/event.json", "w", encoding="utf-8") as file:
            json.dump(event(8, "sh.keptn.event.test.triggered", "1.0", deployed), file)
        arguments = [PROGRAM, "run", "--event", f"{directory}/event.json", "--repo", upstream.bare]
        environment = {"PATH": os.environ["PATH"], "HOME": directory, "CACHE_DIRECTORY": f"{directory}/cache2", "DATA_DIRECTORY": f"{directory}/data2"}
        subprocess.run(arguments, check=True, env=environment, timeout=LIMIT)
        status = service.stop()
        service = None
        if status != 0:
            raise SystemExit(f"demo: the service ended with status {status}")
        print("\nThe demo is complete. The README goes on from here.")
    finally:
        if service:
            service.stop()
        receiver.shutdown()
        shutil.rmtree(directory, ignore_errors=True)


main()
