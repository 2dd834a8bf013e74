public import Basics
public import Curl
import Synchronization

/// Git's protocol over http and https (gitprotocol-http).
///
/// First contact is a GET, which may be redirected within the host; commands go to where that ended.
public final class SmartHTTP: WireCarrier {
    private static let discovery = "/info/refs?service=git-upload-pack"

    public let address: String
    private let client: HTTPClient
    private let access: RemoteAccess
    private let base: Mutex<String>

    public init(_ url: HTTPURL, access: RemoteAccess = RemoteAccess(), client: HTTPClient) {
        self.client = client
        self.access = access
        address = url.description
        base = Mutex(url.text)
    }

    public func advertisement(deadline: Deadline) async throws -> [UInt8] {
        var request = request("GET", base.withLock { $0 } + Self.discovery)
        request.maximumRedirects = 5
        request.staysOnHost = true
        request.bodyLimit = 1 << 20
        let response = try await send(request, deadline)
        guard response.headers["Content-Type"] == "application/x-git-upload-pack-advertisement" else {
            throw GitError(.protocol, "talk to \(address)", "the answer is not that of a Git server; check the address")
        }
        if response.redirects > 0, response.url.text.hasSuffix(Self.discovery) {
            base.withLock { $0 = String(response.url.text.dropLast(Self.discovery.count)) }
        }
        return response.body
    }

    public func command(
        _ body: [UInt8],
        deadline: Deadline,
        receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws {
        var request = request("POST", base.withLock { $0 } + "/git-upload-pack")
        request.headers.append("Content-Type", "application/x-git-upload-pack-request")
        request.headers.append("Accept", "application/x-git-upload-pack-result")
        request.body = body
        request.bodyLimit = .max
        // A server that counts objects is silent but for a few bytes every five seconds.
        request.lowSpeedLimit = HTTPRequest.LowSpeedLimit(bytesPerSecond: 1, duration: .seconds(20))
        request.onBody = receive
        do {
            _ = try await send(request, deadline)
        } catch is ReceiverStopped {}
    }

    private func request(_ method: String, _ url: String) -> HTTPRequest {
        var request = HTTPRequest(method, url, headers: ["Git-Protocol": "version=2"], credentials: access.credentials)
        if case .file(let path) = access.authorities { request.caFile = path }
        request.proxy = access.proxy
        return request
    }

    private func send(_ request: HTTPRequest, _ deadline: Deadline) async throws -> HTTPResponse {
        let response: HTTPResponse
        do {
            response = try await client.send(request, deadline: deadline)
        } catch {
            throw try failure(error)
        }
        guard response.isSuccess else { throw refusal(response) }
        return response
    }
}

extension SmartHTTP {
    private func failure(_ error: HTTPClientError) throws -> GitError {
        let failureClass: GitError.FailureClass =
            switch error.kind {
            case .cancelled: throw CancellationError()
            case .stopped: throw ReceiverStopped()
            case .dns: .dns
            case .connect, .proxy: .connect
            case .tls: .tls
            case .timeout: .timeout
            case .protocol, .redirect, .tooLarge, .other: .protocol
            case .invalidURL, .invalidRequest: .unsupported
            }
        return GitError(failureClass, "reach \(address)", error.reason)
    }

    private func refusal(_ response: HTTPResponse) -> GitError {
        let hasCredentials = access.credentials != nil
        let (failureClass, reason): (GitError.FailureClass, String) =
            switch response.status {
            case 401 where hasCredentials: (.auth, "the server refuses user and token (HTTP 401); check GIT_USER and GIT_TOKEN")
            case 401: (.auth, "the server wants a user and token (HTTP 401); set GIT_USER and GIT_TOKEN")
            case 403: (.auth, "the server does not allow it (HTTP 403); check the token's rights")
            case 404, 410: (.notFound, "there is no such repository, or the token may not see it (HTTP \(response.status))")
            case 407: (.connect, "the proxy wants credentials (HTTP 407)")
            case 429: (.throttled, "the server takes no more requests for now (HTTP 429)")
            case 500...: (.server, "the server failed (HTTP \(response.status))")
            default: (.protocol, "the server answered HTTP \(response.status)")
            }
        return GitError(failureClass, "read from \(address)", reason)
    }
}

/// The receiver of an answer needed no more of it.
private struct ReceiverStopped: Error {}
