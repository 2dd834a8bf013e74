import Basics
import CloudEvents

extension Redactor {
    /// The object with secrets masked in all of its texts, names of members too.
    func redact(_ object: JSONObject) -> JSONObject { JSONObject(object.map { (redact($0.key), redact($0.value)) }) }

    private func redact(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): .string(redact(text))
        case .array(let elements): .array(elements.map(redact))
        case .object(let object): .object(redact(object))
        case .null, .bool, .number: value
        }
    }
}
