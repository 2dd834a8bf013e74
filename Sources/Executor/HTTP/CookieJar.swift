import Basics
import Curl
import Synchronization

/// The cookies that servers set in the course of one file (RFC 6265; of expiry dates those alone that have passed: a file takes
/// minutes).
final class CookieJar: Sendable {
    private struct Cookie: Sendable {
        var name: String
        var value: String
        var domain: String
        /// Only that host itself, none beneath it.
        var isHostOnly: Bool
        var path: String
        var isSecure: Bool
    }

    /// More than servers set on purpose.
    private static let limit = 100
    private static let sizeLimit = 4_096

    private let cookies = Mutex<[Cookie]>([])

    /// The `Cookie` header for a request; nil if there is none to send.
    func header(for url: HTTPURL) -> String? {
        let host = url.host.lowercased()
        let path = url.path
        let matching = cookies.withLock { $0 }.filter { cookie in
            (cookie.domain == host || (!cookie.isHostOnly && host.hasSuffix("." + cookie.domain)))
                && (path == cookie.path || path.hasPrefix(cookie.path.hasSuffix("/") ? cookie.path : cookie.path + "/"))
                && (!cookie.isSecure || url.scheme == "https")
        }
        return matching.isEmpty ? nil : matching.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    /// Takes the cookies of a response.
    func store(_ headers: HTTPHeaders, from url: HTTPURL) {
        for line in headers.values(of: "Set-Cookie") where line.utf8.count <= Self.sizeLimit { store(line, from: url) }
    }

    private func store(_ line: String, from url: HTTPURL) {
        let parts = line.split(separator: ";").map(\.trimmed)
        guard let pair = parts.first, let equals = pair.firstIndex(of: "="), equals > pair.startIndex else { return }
        // It could not be sent (RFC 6265bis, section 5.6).
        guard !pair.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) else { return }
        let host = url.host.lowercased()
        var cookie = Cookie(
            name: pair[..<equals].trimmed,
            value: pair[pair.index(after: equals)...].trimmed,
            domain: host,
            isHostOnly: true,
            path: Self.defaultPath(of: url),
            isSecure: false
        )
        var age: Int?
        var expiry: Int?
        for attribute in parts.dropFirst() {
            let words = attribute.split(separator: "=", maxSplits: 1).map(\.trimmed)
            let value = words.count > 1 ? words[1] : ""
            switch words.first?.lowercased() {
            case "domain":
                let domain = value.drop { $0 == "." }.lowercased()
                if domain.isEmpty { continue }
                // A server speaks for itself and what is beneath its own domain, never for a whole top level.
                guard domain == host || (host.hasSuffix("." + domain) && domain.contains(".") && !Self.isAddress(host)) else {
                    return
                }
                (cookie.domain, cookie.isHostOnly) = (domain, Self.isAddress(host))
            case "path" where value.hasPrefix("/"): cookie.path = value
            case "secure": cookie.isSecure = true
            case "max-age": age = Int(value) ?? age
            case "expires": expiry = HTTPDate.seconds(value) ?? expiry
            default: break
            }
        }
        // Express and others take a cookie back by a date in 1970; an age counts more than a date.
        let isGone = age.map { $0 <= 0 } ?? expiry.map { $0 <= OutputChunk.now / 1_000 } ?? false
        cookies.withLock { [cookie] cookies in
            cookies.removeAll { ($0.name, $0.domain, $0.path) == (cookie.name, cookie.domain, cookie.path) }
            if !isGone, cookies.count < Self.limit { cookies.append(cookie) }
        }
    }

    /// Nothing is beneath an address (RFC 6265, section 5.1.3): `0.0.1` is no domain of 127.0.0.1. A name's last part is no number.
    private static func isAddress(_ host: String) -> Bool {
        host.hasPrefix("[") || (host.split(separator: ".").last?.first).map { ("0"..."9").contains($0) } ?? false
    }

    /// The directory of the URL's path (RFC 6265, section 5.1.4).
    private static func defaultPath(of url: HTTPURL) -> String {
        let path = url.path
        guard let last = path.lastIndex(of: "/"), last > path.startIndex else { return "/" }
        return String(path[..<last])
    }
}
