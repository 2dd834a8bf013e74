import Basics

/// The sample folder that `new` writes: one working file of each kind.
public enum Samples {
    /// The files by their names, in the order in which they teach.
    public static let files: [(name: String, text: String)] = [
        ("configuration.change.sh", configurationChange),
        ("action.triggered.scale.py", actionTriggered),
        ("deployment.triggered.http", deploymentTriggered),
        ("all.events.sh", allEvents),
    ]

    /// Writes the folder `genericexecutor` with the files into `directory`, which is made if need be.
    ///
    /// - Returns: the paths of the files.
    /// - Throws: ``ConfigurationError`` if one of them exists (then none is written), ``FileError`` if one cannot be written.
    public static func write(to directory: String) throws -> [String] {
        guard !directory.isEmpty else { throw ConfigurationError("the directory has no name; `.` is the working directory") }
        let paths = files.map { "\(directory)/genericexecutor/\($0.name)" }
        if let path = paths.first(where: Files.exists) {
            throw ConfigurationError("\(path) exists already; name another directory")
        }
        try Files.createDirectory("\(directory)/genericexecutor", mode: 0o755)
        for (path, file) in zip(paths, files) { try Files.write(file.text.utf8, to: path, mode: 0o755) }
        return paths
    }
}

private let configurationChange = #"""
    #!/bin/bash
    # Runs for configuration.change events (Keptn 0.6 and 0.7): "deploy" the new configuration and tell Keptn that it is done.
    #
    # The commonest variables: PROJECT STAGE SERVICE CONTEXT SOURCE TIMEUTCSTRING, LABEL_<name> of the event's labels and
    # ENV_<NAME> of the service's own environment. The whole event is JSON in the file "$1" (also $EVENT_FILE).
    set -euo pipefail

    # What is printed becomes the run's output. Helpers that lie beside this file can be used: . "$(dirname "$0")/lib.sh"
    echo "Deploying $SERVICE of $PROJECT to $STAGE, commit ${LABEL_gitcommit:-unknown}"

    # Your deployment goes here. A command that fails ends the script (set -e), and the run is a `fail`.

    # A JSON object with a Keptn event type is sent as a follow-up. project, stage, service, labels and the context are filled
    # in from the event. Without $RESULT_FILE the same can be printed, if nothing else is.
    cat >"$RESULT_FILE" <<JSON
    {
      "type": "sh.keptn.events.deployment-finished",
      "data": {
        "deploymentURIPublic": "http://$SERVICE.$STAGE.example.com",
        "labels": { "deployed": "$TIMEUTCSTRING" }
      }
    }
    JSON

    """#

private let actionTriggered = #"""
    """Runs for the remediation action `scale`, named so in remediation.yaml:

        action: scale
        value:
          replicas: 3

    Exit status 0 is answered `pass`, any other `fail`; what is printed tells Keptn and the problem ticket why.
    For an action only the first file that is found runs: this one, and no all.events.* after it.
    """

    import json
    import os
    import sys

    # Each entry of `value` is a variable, its name in upper case. The limit comes from the service's own environment.
    wanted = os.environ.get("VALUE_REPLICAS", "2")
    limit = os.environ.get("ENV_MAX_REPLICAS", "10")
    if not (wanted.isdecimal() and limit.isdecimal() and 1 <= int(wanted) <= int(limit)):
        sys.exit(f"cannot scale to {wanted} replicas: allowed are 1 to {limit}")

    # The first argument is a file with the event as it came, for all that is in no variable.
    with open(sys.argv[1], encoding="utf-8") as file:
        event = json.load(file)

    print(f"Scaling {os.environ['SERVICE']} in {os.environ['STAGE']} to {wanted} replicas")
    print(f"because of: {os.environ.get('PROBLEMTITLE', 'an unnamed problem')} (event {event['id']})")

    # Your scaling goes here.

    # From Keptn 0.8 on, a JSON object in this file goes into the answer, here as data.action.replicas.
    with open(os.environ["RESULT_FILE"], "w", encoding="utf-8") as file:
        json.dump({"replicas": int(wanted)}, file)

    """#

private let deploymentTriggered = #"""
    # Runs for deployment.triggered events (Keptn 0.8 and newer): asks another system to deploy.
    #
    # The service answers Keptn: `pass` for a status of 200 to 299, else `fail`, with the response as the message. If the whole
    # response is a JSON object, Keptn gets it as data.deployment, for example {"deploymentURIsPublic": ["http://..."]}.
    #
    # $ENV_WEBHOOK_URL is WEBHOOK_URL of the service's own environment. Values are escaped for the place that they stand in.
    POST $ENV_WEBHOOK_URL
    Content-Type: application/json
    Accept: application/json

    {
      "project": "$PROJECT",
      "stage": "$STAGE",
      "service": "$SERVICE",
      "commit": "$LABEL_gitcommit",
      "image": "${data.configurationChange.values.image}",
      "context": "$CONTEXT"
    }

    """#

private let allEvents = #"""
    #!/bin/bash
    # Runs for every event, after the files that are named after it (but not after those of action.triggered).
    # It alone never makes the service answer: a task belongs to the service that has a file for it.
    set -euo pipefail

    echo "Event $EVENT of $SOURCE: project ${PROJECT:-none}, stage ${STAGE:-none}, service ${SERVICE:-none}, context $CONTEXT"
    # Where this file came from, so that nobody has to guess:
    echo "This is the file of the $SCRIPT_LEVEL level, branch $SCRIPT_BRANCH, commit $SCRIPT_COMMIT"

    # To make a run fail with a reason of its own, print only this, or write it to $RESULT_FILE:
    #   {"error": "the reason"}

    """#
