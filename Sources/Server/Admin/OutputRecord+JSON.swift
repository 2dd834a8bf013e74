import CloudEvents
import Executor

extension OutputRecord {
    /// As the API shows it.
    var json: JSON {
        [
            "file": .string(file), "source": .string(chunk.source.rawValue), "time": .moment(chunk.time),
            "text": .string(chunk.text),
        ]
    }

    /// The same, with its number.
    var numberedJSON: JSON {
        var object: JSONObject = ["number": .whole(number)]
        for (name, value) in json.object ?? [:] { object[name] = value }
        return .object(object)
    }
}
