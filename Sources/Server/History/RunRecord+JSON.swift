import CloudEvents

extension RunRecord {
    /// As the API shows it.
    var json: JSON {
        var object: JSONObject = [
            "id": .string(id),
            "event": [
                "id": .string(event.id), "type": .string(event.type), "source": .string(event.source),
                "context": .text(event.context),
            ],
            "project": .text(project), "stage": .text(stage), "service": .text(service),
            "state": .string(state.rawValue), "result": .text(result), "message": .text(message),
            "received": .moment(received), "started": .moment(started), "finished": .moment(finished),
            "commits": ["stage": .text(commits.stage), "project": .text(commits.project)],
            "steps": .array(steps.map(\.json)),
        ]
        if let answers {
            object["rerun_of"] = .text(rerunOf)
            object["answers"] = .array(answers.map(\.json))
        }
        return .object(object)
    }
}

extension RunRecord.Step {
    fileprivate var json: JSON {
        [
            "file": .string(file), "level": .string(level), "commit": .string(commit), "result": .text(result),
            "exit": .whole(exit), "signal": .whole(signal), "status": .whole(status),
            "seconds": milliseconds.map { .number(JSONNumber(Double($0) / 1_000)) } ?? .null, "reason": .text(reason),
        ]
    }
}

extension RunRecord.Answer {
    fileprivate var json: JSON {
        [
            "id": .string(id), "type": .string(type), "state": .string(state), "attempts": .whole(attempts),
            "reason": .text(reason), "created": .moment(created), "settled": .moment(settled),
        ]
    }
}

extension JSON {
    static func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

    static func whole(_ number: Int?) -> JSON { number.map { .number(JSONNumber($0)) } ?? .null }

    /// A moment given in milliseconds since 1970.
    static func moment(_ milliseconds: Int64?) -> JSON { milliseconds.map { .time(Double($0) / 1_000) } ?? .null }
}
