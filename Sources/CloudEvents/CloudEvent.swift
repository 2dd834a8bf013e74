/// One CloudEvent, whatever version and encoding it came in (CloudEvents 0.2, 0.3 and 1.0, core specification).
public struct CloudEvent: Sendable, Hashable {
    /// The versions that Keptn has spoken.
    public enum SpecVersion: String, Sendable, Hashable, CaseIterable {
        case v0_2 = "0.2"
        case v0_3 = "0.3"
        case v1_0 = "1.0"
    }

    /// What an event carries.
    public enum Payload: Sendable, Hashable {
        case json(JSON)
        case text(String)
        case bytes([UInt8])
    }

    public var id: String
    public var source: String
    public var specVersion: SpecVersion
    public var type: String
    public var subject: String?
    /// When it happened; the time of arrival where the event does not say.
    public var time: Timestamp
    /// `datacontenttype`, or `contenttype` of 0.2, which Keptn writes in later versions too.
    public var dataContentType: String?
    /// `dataschema`, or `schemaurl` before 1.0.
    public var dataSchema: String?
    /// All other attributes, by their names as they came. An empty string counts as absent and is not here.
    public var extensions: JSONObject
    public var data: Payload?
    /// The whole event as JSON: byte for byte as it came where it came structured, else put together from its parts.
    public var raw: [UInt8]

    /// Makes an event of our own; `raw` is its structured encoding.
    public init(
        id: String,
        source: String,
        specVersion: SpecVersion,
        type: String,
        subject: String? = nil,
        time: Timestamp,
        dataContentType: String? = "application/json",
        dataSchema: String? = nil,
        extensions: JSONObject = [:],
        data: Payload?
    ) {
        self.init(
            id: id,
            source: source,
            specVersion: specVersion,
            type: type,
            subject: subject,
            time: time,
            dataContentType: dataContentType,
            dataSchema: dataSchema,
            extensions: extensions,
            data: data,
            raw: []
        )
        raw = JSON.object(structured).serialized()
    }

    /// Makes an event that came in.
    init(
        id: String,
        source: String,
        specVersion: SpecVersion,
        type: String,
        subject: String?,
        time: Timestamp,
        dataContentType: String?,
        dataSchema: String?,
        extensions: JSONObject,
        data: Payload?,
        raw: [UInt8]
    ) {
        self.id = id
        self.source = source
        self.specVersion = specVersion
        self.type = type
        self.subject = subject
        self.time = time
        self.dataContentType = dataContentType
        self.dataSchema = dataSchema
        self.extensions = extensions
        self.data = data
        self.raw = raw
    }

    /// The data as a JSON object; nil where it is anything else.
    public var dataObject: JSONObject? { if case .json(.object(let object)) = data { object } else { nil } }

    /// The text of an extension attribute; nil where it is absent, empty or no scalar.
    public func extensionText(_ name: String) -> String? { extensions[name]?.scalarText }
}
