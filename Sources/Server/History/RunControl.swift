import Basics
import CloudEvents
import Curl

/// What the command line asks of a service that runs, at its port of operators.
public struct RunControl: Sendable {
    private let admin: ServiceConfiguration.Admin
    private let client = HTTPClient()

    public init(_ configuration: ServiceConfiguration) { admin = configuration.admin }

    /// Runs the event of a run once more, and writes the new run's id.
    ///
    /// - Parameters:
    ///   - sameCommit: service and stage level as they were.
    ///   - isAnswered: Keptn is told what comes of it.
    public func rerun(_ id: String, sameCommit: Bool, isAnswered: Bool, output: OutputFormat) async throws {
        let query = "commit=\(sameCommit ? "same" : "current")&answer=\(isAnswered)"
        let document = try await ask("POST", id, "rerun?\(query)")
        switch output {
        case .json: Terminal.print(document.prettyText)
        case .text: Terminal.print(document["run"]?.string ?? "")
        }
    }

    /// Ends a run.
    public func cancel(_ id: String, output: OutputFormat) async throws {
        let document = try await ask("POST", id, "cancel")
        switch output {
        case .json: Terminal.print(document.prettyText)
        case .text: Terminal.print("run \(id) is being ended; `runs show` tells what came of it")
        }
    }

    private func ask(_ method: String, _ id: String, _ action: String) async throws -> JSON {
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await client.send(request(method, id, action), deadline: .after(.seconds(30)))
        } catch {
            throw unreachable(error)
        }
        return try document(of: response, id)
    }

    private func request(_ method: String, _ id: String, _ action: String) -> HTTPRequest {
        var request = HTTPRequest(method, "\(url)/api/v1/runs/\(PercentEncoding.encode(id))/\(action)")
        request.proxy = .none
        if let token = admin.token { request.headers.append("Authorization", "Bearer \(token)") }
        return request
    }

    /// The service is on this machine, whatever it listens on.
    private var url: String {
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][admin.host] ?? admin.host
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(admin.port)"
    }

    private func unreachable(_ error: HTTPClientError) -> ServiceError {
        ServiceError(
            "the service does not answer at \(url): \(error.reason); it must run, with the same ADMIN_HOST and ADMIN_PORT as here"
        )
    }

    private func document(of response: HTTPResponse, _ id: String) throws -> JSON {
        let document = try? JSON(parsing: response.body)
        let reason = document?["error"]?.string
        switch response.status {
        case 200..<300: return document ?? .null
        case 401: throw ServiceError("the service at \(url) refuses the token; let ADMIN_TOKEN be that of the service")
        case 404 where reason?.contains("no run") == true: throw NoSuchRun(id)
        default:
            let said = reason ?? "\(response.status), so it may be no generic-executor-service; see ADMIN_HOST and ADMIN_PORT"
            throw ServiceError("the service at \(url) answered: \(said)")
        }
    }
}

// MARK: Output as it comes

extension RunControl {
    /// Writes what a run prints, from its beginning to its end; if the service restarts meanwhile, it goes on where it was.
    public func follow(_ id: String, output: OutputFormat) async throws {
        let backoff = Backoff(first: .milliseconds(200), cap: .seconds(5))
        var printer = FollowPrinter(output)
        var failures = 0
        while true {
            let before = printer.count
            do {
                let response = try await read(id, &printer)
                if !response.isSuccess { _ = try document(of: response, id) }
            } catch let error as HTTPClientError {
                // Who was never there will not come.
                if !printer.hasConnected || failures == Self.patience { throw unreachable(error) }
            }
            if printer.isOver { return }
            failures = printer.count > before ? 0 : failures + 1
            try await Task.sleep(for: backoff.delay(after: failures + 1))
        }
    }

    /// Attempts to come back, some half a minute.
    private static let patience = 12

    private func read(_ id: String, _ printer: inout FollowPrinter) async throws(HTTPClientError) -> HTTPResponse {
        var request = request("GET", id, "output")
        request.headers.append("Accept", "text/event-stream")
        if let last = printer.lastID { request.headers.append("Last-Event-ID", last) }
        request.bodyLimit = .max
        let (pieces, piece) = AsyncStream.makeStream(of: [UInt8].self)
        // Never waits: the terminal may.
        request.onBody = { bytes in
            piece.yield(Array(bytes))
            return true
        }
        let transfer = Task { [client, request] () -> Result<HTTPResponse, HTTPClientError> in
            defer { piece.finish() }
            do throws(HTTPClientError) {
                return .success(try await client.send(request, deadline: .after(.seconds(86_400))))
            } catch {
                return .failure(error)
            }
        }
        for await bytes in pieces { printer.print(bytes) }
        return try await transfer.value.get()
    }
}
