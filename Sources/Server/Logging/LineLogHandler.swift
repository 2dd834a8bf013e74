import Basics
import CloudEvents
import Glibc
public import Logging

/// Writes each log entry as one line, as JSON or as text. Values lose line breaks: one entry is one line.
public struct LineLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let isJSON: Bool
    private let writer: LogWriter
    private let redact: @Sendable (String) -> String

    /// - Parameters:
    ///   - writer: where lines go.
    ///   - redact: takes secrets out of each value.
    public init(
        label: String,
        format: LogFormat,
        level: Logger.Level,
        writer: LogWriter = .standardError,
        redact: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.label = label
        self.logLevel = level
        self.writer = writer
        self.redact = redact
        self.isJSON =
            switch format {
            case .json: true
            case .text: false
            case .auto: isatty(writer.descriptor) == 0
            }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error { fields["error"] = "\(error)" }
        let dropped = writer.append(isJSON ? json(event, fields) : text(event, fields))
        guard dropped > 0 else { return }
        var notice = event
        notice.level = .warning
        notice.message = "log lines were dropped: nobody read them in time"
        notice.metadata = ["lines": "\(dropped)"]
        _ = writer.append(isJSON ? json(notice, notice.metadata ?? [:]) : text(notice, notice.metadata ?? [:]))
    }

    private func json(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        var object: JSONObject = [
            "time": .string(Timestamp.now().text),
            "level": .string(event.level.rawValue),
            "message": .string(redact("\(event.message)")),
        ]
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            // What every entry has stays what it is, whatever a library calls its metadata.
            object[object[key] == nil ? key : "metadata.\(key)"] = json(value)
        }
        return JSON.object(object).text
    }

    private func json(_ value: Logger.MetadataValue) -> JSON {
        switch value {
        case .string(let text): .string(redact(text))
        case .stringConvertible(let value): .string(redact("\(value)"))
        case .array(let values): .array(values.map(json))
        case .dictionary(let values): .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
        }
    }

    private func text(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        let values = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted(redact("\($0.value)")))" }.joined()
        let level = event.level.rawValue.uppercased()
        let padding = String(repeating: " ", count: max(0, 7 - level.count))
        return "\(Timestamp.now().text) \(level)\(padding) \(redact("\(event.message)"))\(values)"
    }

    private static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0.value != 0x7F }
        return isPlain ? text : JSON.string(text).text
    }
}
