import Basics

extension CloudEvent {
    /// The event as one JSON object: the JSON event format of its own version (structured mode).
    ///
    /// 0.2 has `contenttype` and `schemaurl`, 0.3 `schemaurl`, and `datacontentencoding` for bytes. An extension that bears the
    /// name of an attribute is left out.
    public var structured: JSONObject {
        var object: JSONObject = [
            "id": .string(id),
            "source": .string(source),
            "specversion": .string(specVersion.rawValue),
            "type": .string(type),
        ]
        object["subject"] = subject.map(JSON.string)
        object["time"] = .string(time.original)
        object[specVersion == .v0_2 ? "contenttype" : "datacontenttype"] = dataContentType.map(JSON.string)
        object[specVersion == .v1_0 ? "dataschema" : "schemaurl"] = dataSchema.map(JSON.string)
        for (name, value) in extensions where !Attribute.all.contains(name) { object[name] = value }
        switch data {
        case nil: break
        case .json(let value): object["data"] = value
        case .text(let text): object["data"] = .string(text)
        case .bytes(let bytes):
            if specVersion == .v0_3 { object["datacontentencoding"] = "base64" }
            object[specVersion == .v1_0 ? "data_base64" : "data"] = .string(Base64.encode(bytes))
        }
        return object
    }
}

/// The names of the attributes that are not extensions, in any of the versions, and of the members that hold the data.
enum Attribute {
    static let all: Set<String> = [
        "id", "source", "specversion", "type", "subject", "time", "datacontenttype", "contenttype", "dataschema", "schemaurl",
        "datacontentencoding", "data", "data_base64",
    ]
}
