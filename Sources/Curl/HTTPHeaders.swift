/// Header fields in the order in which they are sent or came, duplicates kept; names compare ignoring case (RFC 9110, section 5).
public struct HTTPHeaders: Sendable, Hashable {
    public struct Field: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public private(set) var fields: [Field]

    public init(_ fields: [Field] = []) { self.fields = fields }

    /// The first value of that name, whatever the case of its letters.
    public subscript(name: String) -> String? { fields.first { $0.name.equalsIgnoringCase(name) }?.value }

    /// All values of that name, in order.
    public func values(of name: String) -> [String] {
        fields.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
    }

    public func contains(_ name: String) -> Bool { self[name] != nil }

    public mutating func append(_ name: String, _ value: String) { fields.append(Field(name, value)) }

    public mutating func removeAll(where condition: (Field) throws -> Bool) rethrows { try fields.removeAll(where: condition) }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements.map(Field.init)) }
}

extension HTTPHeaders.Field {
    /// Whether it can be sent: the name is a token, the value holds no control character other than a tab.
    var isValid: Bool {
        name.isHTTPToken && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }

    /// Whether the field may hold a secret, judged by its name: `Authorization`, `Cookie`, `x-token`, `X-Api-Key`.
    var isSensitive: Bool {
        let name = name.lowercased()
        let words = [
            "auth", "cookie", "token", "secret", "password", "passphrase", "passwd", "key", "session", "credential", "signature",
            "jwt",
            "bearer", "ticket",
        ]
        return words.contains { name.contains($0) }
    }
}

extension String {
    func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }

    /// A token of HTTP (RFC 9110, section 5.6.2): method and header names.
    var isHTTPToken: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "a")...UInt8(ascii: "z"): true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}

extension UInt8 {
    fileprivate var lowercasedASCII: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }
}
