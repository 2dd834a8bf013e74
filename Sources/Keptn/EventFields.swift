import CloudEvents

/// Reads an event's data as Keptn's own services do: names in any case (`ProblemID`, `problemid`), null and empty as absent.
struct EventFields {
    private let data: JSON

    init(_ event: CloudEvent) { data = .object(event.dataObject ?? [:]) }

    /// The value at a path of names. A list on the way stands for its first element.
    func value(_ path: [String]) -> JSON? {
        value(at: path)
    }

    private func value(at path: some Sequence<some StringProtocol>) -> JSON? {
        var value = data
        for name in path {
            guard let next = value.first?.object?.value(ignoringCase: String(name)) else { return nil }
            value = next
        }
        return value
    }

    /// The text of the first of several paths, each with dots, that leads to a scalar that is not empty.
    func text(_ paths: String...) -> String? {
        for path in paths {
            if let text = value(at: path.split(separator: "."))?.first?.scalarPlainText, !text.isEmpty { return text }
        }
        return nil
    }

    /// `data.labels` as Keptn means it, a map from text to text; empty where it is anything else. Other values are made text.
    var labels: [(name: String, text: String)] { members("labels") }

    /// The values that a remediation file hands to its action.
    var actionValues: [(name: String, text: String)] { members("action", "value") }

    private func members(_ path: String...) -> [(name: String, text: String)] {
        (value(path)?.object ?? [:]).map { ($0.key, $0.value.plainText) }
    }
}

extension JSON {
    /// The first element of a list, everything else itself.
    fileprivate var first: JSON? { if case .array(let elements) = self { elements.first } else { self } }

    /// The text of a scalar as scripts are to see it: whole numbers without exponent; nil for null, lists and objects.
    fileprivate var scalarPlainText: String? { number?.plainText ?? scalarText }

    /// The text that stands for any value: a scalar's own, nothing for null, JSON for lists and objects.
    var plainText: String { isNull ? "" : scalarPlainText ?? text }
}
