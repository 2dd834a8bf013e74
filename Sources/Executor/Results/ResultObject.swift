import CloudEvents

/// What a file returned: one JSON object, told apart by its members.
enum ResultObject: Sendable, Hashable {
    /// `{"error": ...}`: the file failed, with that text.
    case error(String)
    /// It has the type of a Keptn event: that event is to be sent.
    case followUp(JSONObject)
    /// Anything else: for `data.<task>` of the answer.
    case data(JSONObject)

    /// - Returns: nil if the text as a whole is no JSON object.
    init?(_ text: [UInt8], allowsFollowUp: Bool) {
        guard case .object(let object)? = try? JSON(parsing: text) else { return nil }
        if let error = object["error"], let message = Self.message(of: error) {
            self = .error(message)
        } else if allowsFollowUp, let type = object["type"]?.string, Self.isKeptnType(type) {
            self = .followUp(object)
        } else {
            self = .data(object)
        }
    }

    /// The first of the texts that is an object decides.
    static func first(of texts: [[UInt8]], allowsFollowUp: Bool) -> ResultObject? {
        texts.lazy.compactMap { ResultObject($0, allowsFollowUp: allowsFollowUp) }.first
    }

    private static func isKeptnType(_ type: String) -> Bool {
        type.hasPrefix("sh.keptn.event.") || type.hasPrefix("sh.keptn.events.")
    }

    /// nil for what says that there is no error.
    private static func message(of error: JSON) -> String? {
        switch error {
        case .null, .bool(false): nil
        case .string(let text): text.isEmpty ? nil : text
        case .array(let elements): elements.isEmpty ? nil : error.text
        case .object(let members): members.isEmpty ? nil : error.text
        case .number, .bool(true): error.scalarText
        }
    }
}
