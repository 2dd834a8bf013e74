import Basics
import HTTPTypes
import Model

/// What a request to the admin port asks for.
enum AdminRoute: Sendable, Hashable {
    case metrics
    case repositories
    case repository(PlainName)
    case refresh(PlainName)
    /// The path is known, the method is not.
    case notAllowed(allow: String)
    case notFound(reason: String)

    /// - Parameter path: as it was sent, still encoded.
    init(_ method: HTTPRequest.Method, _ path: String) {
        let isRead = method == .get || method == .head
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path != "/metrics" else {
            self = isRead ? .metrics : .notAllowed(allow: "GET, HEAD")
            return
        }
        guard parts.prefix(3) == ["api", "v1", "repositories"] else {
            self = .notFound(reason: "nothing is served at this path; there are /metrics and /api/v1/repositories")
            return
        }
        switch parts.count {
        case 3: self = isRead ? .repositories : .notAllowed(allow: "GET, HEAD")
        case 4, 5:
            guard let name = PercentEncoding.decode(parts[4]).flatMap(PlainName.init) else {
                self = .notFound(reason: "this is no project name: it must not be empty or hold '/' or '..'")
                return
            }
            if parts.count == 4 {
                self = isRead ? .repository(name) : .notAllowed(allow: "GET, HEAD")
            } else if parts[5] == "refresh" {
                self = method == .post ? .refresh(name) : .notAllowed(allow: "POST")
            } else {
                self = .notFound(reason: "a repository has only /refresh below it")
            }
        default: self = .notFound(reason: "a repository has only /refresh below it")
        }
    }
}
