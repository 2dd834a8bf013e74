public import Curl
import Glibc

/// Where a repository is: parsed and checked, with user and password taken out.
public struct RemoteURL: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// The absolute path of a repository on this machine.
        case local(path: String)
        /// Without a slash at its end.
        case http(HTTPURL)
    }

    public let place: Place
    /// The user information that stood in the URL; nil where there was none.
    public let credentials: BasicCredentials?

    /// - Throws: ``GitError`` of class `unsupported`, which says what works instead and never shows the text: that may hold a
    ///   password.
    public init(_ text: String) throws(GitError) {
        guard !text.isEmpty else { throw Self.refusal("it is empty") }
        guard text.utf8.count <= 4_096 else { throw Self.refusal("it is longer than 4,096 bytes") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw Self.refusal("it holds a control character")
        }
        guard !text.hasPrefix("-") else { throw Self.refusal("it begins with '-'") }
        if let range = text.firstRange(of: "://") {
            switch text[..<range.lowerBound].lowercased() {
            case "http", "https": try self.init(http: text)
            case "file": try self.init(filePath: text[range.upperBound...])
            case "ssh", "git", "git+ssh", "ssh+git":
                throw Self.refusal("this version speaks neither ssh nor git://; use https://, file:// or a path")
            default: throw Self.refusal("its scheme is unknown; use https://, http://, file:// or a path")
            }
        } else if text.contains("::") {
            throw Self.refusal("remote helpers (name::address) are not run; use https://, http://, file:// or a path")
        } else if let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") {
            throw Self.refusal("this version does not speak ssh (user@host:path); use https://, file:// or a path")
        } else {
            self.init(localPath: text)
        }
    }

    private init(localPath: String) {
        place = .local(path: localPath.hasPrefix("/") ? localPath : Self.absolute(localPath))
        credentials = nil
    }

    private init(filePath rest: Substring) throws(GitError) {
        let path = rest.hasPrefix("localhost/") ? rest.dropFirst("localhost".count) : rest
        guard path.hasPrefix("/") else { throw Self.refusal("file:// takes an absolute path and no host") }
        guard let decoded = Self.percentDecoded(path), !decoded.utf8.contains(0) else {
            throw Self.refusal("the path after file:// holds a wrong % escape")
        }
        self.init(localPath: decoded)
    }

    private init(http text: String) throws(GitError) {
        guard !text.contains("?"), !text.contains("#") else { throw Self.refusal("it holds '?' or '#'") }
        do {
            place = .http(try HTTPURL(String(text.trimmingSuffix("/"))))
            credentials = try HTTPURL(text).credentials
        } catch {
            throw Self.refusal(error.reason)
        }
    }

    private static func refusal(_ reason: String) -> GitError { GitError(.unsupported, "use the remote's address", reason) }

    private static func absolute(_ path: String) -> String {
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return "\(String(cString: current))/\(path)"
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = Substring(rest.prefix(2))
            guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension RemoteURL: CustomStringConvertible {
    /// The address without user and password: safe to print and to store.
    public var description: String {
        switch place {
        case .local(let path): path
        case .http(let url): url.description
        }
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(_ character: Character) -> SubSequence {
        self[..<(lastIndex { $0 != character }.map(index(after:)) ?? startIndex)]
    }
}
