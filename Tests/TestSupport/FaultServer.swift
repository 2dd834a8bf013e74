import Basics

/// A Git server over HTTP for one test or suite, on a port that the system chose, that can be told to go wrong in many ways while
/// it runs. Where it is told nothing it is a real one: `git http-backend` answers each request.
public final class FaultServer: Sendable {
    /// What a request is for.
    public enum Step: String, Sendable, CaseIterable {
        case any
        /// `GET info/refs`: the first contact.
        case discovery
        /// `ls-refs` of version 2.
        case question
        /// What is answered by a pack.
        case fetch
        case other
    }

    public struct Request: Sendable, Hashable {
        public let method: String
        public let path: String
        public let step: Step
        /// Whether it came with credentials.
        public let isAuthorized: Bool
    }

    public let port: Int
    private let directory: TemporaryDirectory
    private let server: PythonServer

    public init() throws {
        directory = try TemporaryDirectory()
        server = try PythonServer(try directory.write(Self.script, to: "server.py"), directory.path)
        port = server.port
    }

    /// Where a repository's files are: `repository("shop")` is served as ``url(_:host:)`` of "/shop.git", and of "/@1/shop.git" and
    /// the like, so that each user of it can meet faults of its own.
    public func repository(_ name: String) -> String { "\(directory.path)/repos/\(name).git" }

    public func url(_ path: String, host: String = "127.0.0.1") -> String { server.url(path, host: host) }

    /// From now on requests go wrong in this way; what was set before counts where this does not.
    ///
    /// - Parameters:
    ///   - step: which requests.
    ///   - path: the beginning of their paths.
    ///   - times: how many of them; nil means all.
    public func set(_ fault: Fault, at step: Step = .any, of path: String = "/", times: Int? = nil) async throws {
        let words = [path, step.rawValue, fault.name, fault.argument, "\(times ?? -1)"]
        _ = try await control("POST", "set", words.joined(separator: "\n"))
    }

    /// All goes well again: answers that are held back go out, connections without an answer end.
    ///
    /// - Parameter path: what was set for this path; nil means all.
    public func heal(_ path: String? = nil) async throws { _ = try await control("POST", "heal", path ?? "") }

    /// The requests so far, in the order in which they came.
    public func requests() async throws -> [Request] {
        try await control("GET", "requests").split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, let step = Step(rawValue: words[2]) else {
                throw PythonServer.Failure(description: "the server's list of requests is wrong: \(line)")
            }
            return Request(method: words[0], path: words[1], step: step, isAuthorized: words[3] == "yes")
        }
    }

    /// How many connections there were so far, those of ours not counted.
    public func connections() async throws -> Int { Int(try await control("GET", "connections")) ?? -1 }

    /// Waits until `count` requests have come, at most 30 seconds.
    public func waitForRequests(_ count: Int) async throws {
        guard try await control("GET", "asked?\(count)") == "yes" else {
            throw PythonServer.Failure(description: "fewer than \(count) requests have come")
        }
    }

    /// Waits until `count` answers are held back, at most 30 seconds.
    public func waitForHeld(_ count: Int = 1) async throws {
        guard try await control("GET", "held?\(count)") == "yes" else {
            throw PythonServer.Failure(description: "fewer than \(count) answers are held back")
        }
    }

    private func control(_ method: String, _ name: String, _ body: String = "") async throws -> String {
        try await PlainRequest(port: port, method: method, path: "/control/\(name)", body: body).answer()
    }
}
