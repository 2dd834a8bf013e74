/// The attributes of an event that comes in, by name and whatever the mode, and the checks on them.
struct EventAttributes {
    /// The longest `id`, `source` and `type`, in bytes. They become file names, environment and rows of a database; the CloudEvents
    /// specification expects whole events of at most 64 KiB.
    static let lengthLimit = 4096

    private let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    /// Checks everything and puts the event together.
    ///
    /// - Parameters:
    ///   - now: the time of an event that does not say its own.
    ///   - raw: nil to put it together from the parts.
    func event(data: CloudEvent.Payload?, raw: [UInt8]?, now: Timestamp) throws(EventError) -> CloudEvent {
        let version = try specVersion()
        var event = CloudEvent(
            id: try required("id"),
            source: try required("source"),
            specVersion: version,
            type: try required("type"),
            subject: try optional("subject"),
            time: try time() ?? now,
            dataContentType: try contentType(),
            dataSchema: try optional("dataschema", or: "schemaurl"),
            extensions: extensions,
            data: data,
            raw: raw ?? []
        )
        if raw == nil { event.raw = JSON.object(event.structured).serialized() }
        return event
    }

    /// The type of the data: `datacontenttype` of 0.3 and 1.0, or `contenttype` of 0.2, which Keptn writes in all versions.
    func contentType() throws(EventError) -> String? { try optional("datacontenttype", or: "contenttype") }

    /// The text of an attribute; nil where it is absent, null or empty.
    func optional(_ name: String) throws(EventError) -> String? {
        switch object[name] {
        case nil, .null: return nil
        case .string(let text): return text.isEmpty ? nil : text
        case .some(let value): throw .badRequest("the attribute '\(name)' must be a string, not \(value.kindName)")
        }
    }

    private func optional(_ name: String, or other: String) throws(EventError) -> String? {
        if let text = try optional(name) { return text }
        return try optional(other)
    }

    private func required(_ name: String) throws(EventError) -> String {
        guard let text = try optional(name) else {
            throw .badRequest("the attribute '\(name)' is missing or empty: an event needs id, source, specversion and type")
        }
        guard text.utf8.count <= Self.lengthLimit else {
            throw .badRequest("the attribute '\(name)' has \(text.utf8.count) bytes, allowed are \(Self.lengthLimit)")
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .badRequest("the attribute '\(name)' holds a control character")
        }
        return text
    }

    private func specVersion() throws(EventError) -> CloudEvent.SpecVersion {
        let text = try required("specversion")
        guard let version = CloudEvent.SpecVersion(rawValue: text) else {
            let known = CloudEvent.SpecVersion.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("the specversion '\(text.prefix(40))' is unknown: known are \(known)")
        }
        return version
    }

    private func time() throws(EventError) -> Timestamp? {
        guard let text = try optional("time") else { return nil }
        guard let time = Timestamp(parsing: text) else {
            throw .badRequest(
                "the attribute 'time' is '\(text.prefix(60))', expected is RFC 3339 such as 2020-03-24T08:42:09.633Z"
            )
        }
        return time
    }

    private var extensions: JSONObject {
        JSONObject(
            object.lazy.filter { !Attribute.all.contains($0.key) && !$0.value.isNull && $0.value != "" }.map {
                ($0.key, $0.value)
            }
        )
    }
}

extension CloudEvent.Payload {
    /// Data that came as bytes, told by its content type: JSON if it parses as JSON, text if it is UTF-8, else bytes.
    ///
    /// - Parameter contentType: without one, JSON is tried.
    init(_ bytes: [UInt8], contentType: String?) {
        let type = ContentType(contentType ?? "application/json")
        // One less than a text may be: the event as JSON is one level around it, and must be readable again.
        if type.isJSON, let value = try? JSON(parsing: bytes, depthLimit: 127) {
            self = .json(value)
        } else if type.isText, type.isUTF8, let text = String(validating: bytes, as: UTF8.self) {
            self = .text(text)
        } else {
            self = .bytes(bytes)
        }
    }
}

extension JSON {
    /// The kind with its article: `a number`.
    fileprivate var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
