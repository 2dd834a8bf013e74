/// What stands between `//` and the path of a URL that is not http's: `user@host:port`.
struct URLAuthority: Sendable, Hashable {
    let user: String?
    let host: String
    let port: Int?

    /// - Returns: nil for what is none: an empty host, a port that is no number, a name that could be taken for an option.
    init?(_ text: Substring) {
        var rest = text
        if let at = text.lastIndex(of: "@") {
            let user = text[..<at].split(separator: ":", omittingEmptySubsequences: false)[0]
            guard Self.isName(user) else { return nil }
            self.user = String(user)
            rest = text[text.index(after: at)...]
        } else {
            user = nil
        }
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || ":.".contains($0) }) else { return nil }
            rest = rest[rest.index(after: end)...]
        } else {
            let name = rest.prefix { $0 != ":" }
            guard Self.isName(name) else { return nil }
            host = String(name)
            rest = rest.dropFirst(name.count)
        }
        if rest.isEmpty || rest == ":" {
            port = nil
        } else {
            guard rest.first == ":", let number = Int(rest.dropFirst()), (1...65_535).contains(number) else { return nil }
            port = number
        }
    }

    /// Letters, digits and the marks of host and user names; not at its beginning the mark of an option.
    static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-"), text.utf8.count <= 255 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39, 0x80...: true
            default: "-._+~".utf8.contains(byte)
            }
        }
    }
}
