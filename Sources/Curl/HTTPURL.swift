import CLibCurl
import Glibc

/// A checked `http` or `https` URL, without user information.
///
/// Spaces and characters beyond ASCII in path and query are percent-encoded; what is encoded already stays as it is.
public struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    public let scheme: String
    /// A name or an address; an IPv6 address stands in brackets. Other letters than ASCII are written as `xn--...`.
    public let host: String
    public let port: Int
    public let path: String
    /// All of it with its query, as it is sent. A query may hold secrets: not for logs.
    public let text: String
    /// What stood before the host's `@`.
    public let credentials: BasicCredentials?

    /// Scheme, host, port if it is not the usual one, and path: safe to print.
    public var description: String {
        let usual = scheme == "https" ? 443 : 80
        return "\(scheme)://\(host)\(port == usual ? "" : ":\(port)")\(path)"
    }

    /// The host as it is looked up: lower case, without brackets and the dot at its end.
    public var name: String {
        let host = host.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }

    /// - Throws: an error of kind `invalidURL`; it never shows the text, which may hold credentials.
    public init(_ text: String) throws(HTTPClientError) { try self.init(text, relativeTo: nil) }

    /// The URL that `location` means in an answer from this one (RFC 3986, section 5).
    func resolving(_ location: String) throws(HTTPClientError) -> HTTPURL { try HTTPURL(location, relativeTo: self) }

    private init(_ text: String, relativeTo base: HTTPURL?) throws(HTTPClientError) {
        // libcurl sees a C string: what follows a NUL would be lost without a word.
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw HTTPClientError(.invalidURL, "the URL holds a control character")
        }
        // libcurl reads `http:///x` as `http://x/`: an empty host would make a host of the path.
        // A scheme's colon comes before the path, the query and the fragment.
        let rest = text.drop { !":/?#".contains($0) }
        guard !rest.hasPrefix(":") || rest.hasPrefix("://"), !rest.hasPrefix(":///"), !text.hasPrefix("///") else {
            throw HTTPClientError(.invalidURL, "the URL has no host")
        }
        guard let handle = curl_url() else { throw HTTPClientError(.other, "out of memory") }
        defer { curl_url_cleanup(handle) }
        if let base { try Self.set(handle, CURLUPART_URL, base.text) }
        try Self.set(handle, CURLUPART_URL, text)
        // Before anything else is read: an error must not be about `ftp`, which libcurl may know.
        let scheme = try Self.get(handle, CURLUPART_SCHEME) ?? ""
        guard scheme == "http" || scheme == "https" else {
            throw HTTPClientError(.invalidURL, "the URL's scheme is '\(scheme)', allowed: http and https")
        }
        let user = try Self.get(handle, CURLUPART_USER, CURLU_URLDECODE)
        let password = try Self.get(handle, CURLUPART_PASSWORD, CURLU_URLDECODE)
        self.scheme = scheme
        credentials = user == nil && password == nil ? nil : BasicCredentials(user: user ?? "", password: password ?? "")
        var host = try Self.get(handle, CURLUPART_HOST) ?? ""
        if !host.utf8.allSatisfy({ $0 < 0x80 }) {
            host = try Self.asciiHost(handle)
            try Self.set(handle, CURLUPART_HOST, host)
        }
        self.host = host
        port = try Self.get(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap { Int($0) } ?? 0
        path = try Self.get(handle, CURLUPART_PATH) ?? "/"
        for part in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT] { try Self.set(handle, part, nil) }
        self.text = try Self.get(handle, CURLUPART_URL) ?? ""
    }

    private static func set(_ handle: OpaquePointer, _ part: CURLUPart, _ value: String?) throws(HTTPClientError) {
        let code = curl_url_set(handle, part, value, value == nil ? 0 : UInt32(CURLU_URLENCODE))
        guard code == CURLUE_OK else { throw error(code) }
    }

    /// - Returns: nil for a part that the URL does not have.
    private static func get(
        _ handle: OpaquePointer,
        _ part: CURLUPart,
        _ flags: Int32 = 0
    ) throws(HTTPClientError) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        // libcurl leaves a copy of the part there even if it could not translate it.
        defer { curl_free(value) }
        let code = curl_url_get(handle, part, &value, UInt32(flags))
        switch code {
        case CURLUE_OK: break
        case CURLUE_NO_USER, CURLUE_NO_PASSWORD, CURLUE_NO_PORT, CURLUE_NO_QUERY, CURLUE_NO_FRAGMENT: return nil
        default: throw error(code)
        }
        return value.map { String(cString: $0) }
    }

    /// The host's name in ASCII. libcurl would read its letters in the encoding of the process's locale, which is none.
    private static func asciiHost(_ handle: OpaquePointer) throws(HTTPClientError) -> String {
        let locale = newlocale(CInt(1 << LC_CTYPE), "C.UTF-8", nil)
        let before = uselocale(locale)
        defer {
            uselocale(before)
            if locale != nil { freelocale(locale) }
        }
        let name = try get(handle, CURLUPART_HOST, CURLU_PUNYCODE) ?? ""
        // Some letters stand for "/" or "@".
        guard name.utf8.allSatisfy({ $0 < 0x80 && !"/?#@:[]%\\".utf8.contains($0) }) else {
            throw HTTPClientError(.invalidURL, "the URL's host holds a letter that no host's name may have")
        }
        return name
    }

    private static func error(_ code: CURLUcode) -> HTTPClientError {
        let cause = curl_url_strerror(code).map { String(cString: $0) } ?? "code \(code.rawValue)"
        return HTTPClientError(.invalidURL, "the URL cannot be used: \(cause)")
    }
}
