import Basics
import HTTPTypes
import Model

/// What a request to the admin port asks for.
enum AdminRoute: Sendable, Hashable {
    case metrics
    case repositories
    case repository(PlainName)
    case refresh(PlainName)
    case runs
    case run(String)
    case output(String)
    case rerun(String)
    case cancel(String)
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
        let rest = parts.dropFirst(3).map { PercentEncoding.decode($0) ?? "" }
        switch parts.prefix(3) {
        case ["api", "v1", "repositories"]: self = Self.repositories(method, rest, isRead)
        case ["api", "v1", "runs"]: self = Self.runs(method, rest, isRead)
        default:
            self = .notFound(reason: "nothing is served at this path; there are /metrics, /api/v1/runs and /api/v1/repositories")
        }
    }

    private static func repositories(_ method: HTTPRequest.Method, _ rest: [String], _ isRead: Bool) -> AdminRoute {
        guard let first = rest.first else { return isRead ? .repositories : .notAllowed(allow: "GET, HEAD") }
        guard let name = PlainName(first) else {
            return .notFound(reason: "this is no project name: it must not be empty or hold '/' or '..'")
        }
        switch rest.dropFirst() {
        case []: return isRead ? .repository(name) : .notAllowed(allow: "GET, HEAD")
        case ["refresh"]: return method == .post ? .refresh(name) : .notAllowed(allow: "POST")
        default: return .notFound(reason: "a repository has only /refresh below it")
        }
    }

    private static func runs(_ method: HTTPRequest.Method, _ rest: [String], _ isRead: Bool) -> AdminRoute {
        guard let id = rest.first else { return isRead ? .runs : .notAllowed(allow: "GET, HEAD") }
        switch rest.dropFirst() {
        case []: return isRead ? .run(id) : .notAllowed(allow: "GET, HEAD")
        case ["output"]: return isRead ? .output(id) : .notAllowed(allow: "GET, HEAD")
        case ["rerun"]: return method == .post ? .rerun(id) : .notAllowed(allow: "POST")
        case ["cancel"]: return method == .post ? .cancel(id) : .notAllowed(allow: "POST")
        default: return .notFound(reason: "a run has only /output, /rerun and /cancel below it")
        }
    }
}
