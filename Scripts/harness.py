"""What the demo stands on: a repository to push to, and the service on a free port."""

import http.client
import json
import os
import subprocess
import threading

LIMIT = 60  # seconds that anything may take


class Service:
    """The service on a free port, with its log."""

    def __init__(self, program, directory, **settings):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": directory,
            "RCV_HOST": "127.0.0.1",
            "RCV_PORT": "0",
            "ADMIN_PORT": "0",
            "CACHE_DIRECTORY": f"{directory}/cache",
            "DATA_DIRECTORY": f"{directory}/data",
            "LOG_FORMAT": "json",
            **settings,
        }
        self.process = subprocess.Popen([program, "serve"], env=environment, stderr=subprocess.PIPE, text=True)
        self.log = []
        self.logged = threading.Condition()
        threading.Thread(target=self.read_log, daemon=True).start()
        self.port = self.wait(lambda entry: entry["message"] == "listening")["port"]

    def read_log(self):
        for line in self.process.stderr:
            with self.logged:
                self.log.append(json.loads(line))
                self.logged.notify_all()

    def wait(self, wanted):
        """The first log entry that is wanted; it may have come already."""
        with self.logged:
            if not self.logged.wait_for(lambda: any(map(wanted, self.log)), LIMIT):
                raise SystemExit("the service did not get there; its log:\n" + "\n".join(map(str, self.log)))
            return next(filter(wanted, self.log))

    def post(self, event):
        connection = http.client.HTTPConnection("127.0.0.1", int(self.port), timeout=LIMIT)
        connection.request("POST", "/", json.dumps(event).encode(), {"Content-Type": "application/cloudevents+json"})
        response = connection.getresponse()
        response.read()
        if response.status != 202:
            raise SystemExit(f"event {event['id']} was answered {response.status}")

    def stop(self):
        self.process.terminate()
        return self.process.wait(LIMIT)


class Upstream:
    """The project's repository, and a clone to push from."""

    def __init__(self, directory):
        self.bare = f"{directory}/sockshop.git"
        self.clone = f"{directory}/clone"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", self.bare)
        self.git("init", "--quiet", "--initial-branch=main", self.clone)
        self.git("-C", self.clone, "remote", "add", "origin", self.bare)

    def git(self, *arguments):
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "demo",
            "GIT_AUTHOR_EMAIL": "demo@example.com",
            "GIT_COMMITTER_NAME": "demo",
            "GIT_COMMITTER_EMAIL": "demo@example.com",
        }
        subprocess.run(["git", *arguments], check=True, env=environment, timeout=LIMIT)

    def push(self, branch, message, files=()):
        for path, text in files:
            path = f"{self.clone}/{path}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        self.git("-C", self.clone, "add", "--all")
        self.git("-C", self.clone, "commit", "--quiet", "--message", message)
        self.git("-C", self.clone, "push", "--quiet", "origin", branch)

    def branch(self, name, start):
        self.git("-C", self.clone, "checkout", "--quiet", "-b", name, start)

    def checkout(self, name):
        self.git("-C", self.clone, "checkout", "--quiet", name)
