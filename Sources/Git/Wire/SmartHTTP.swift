public import Basics
public import Curl
import Glibc
import Synchronization

/// Git's protocol over http and https (gitprotocol-http).
///
/// First contact is a GET, which may be redirected; commands go to where that ended. Credentials go to the host of the address alone.
public final class SmartHTTP: WireCarrier {
    private static let discovery = "/info/refs?service=git-upload-pack"

    public let address: String
    private let url: HTTPURL
    private let client: HTTPClient
    private let access: RemoteAccess
    private let contact: Mutex<Contact>

    /// Where commands go, and what the server said when it was asked there first.
    private struct Contact: Sendable {
        var base: String
        /// Whether that is another host than the address says.
        var isElsewhere = false
        var advertisement: ServerAdvertisement?
        var certificate: ServerCertificate?
    }

    public init(_ url: HTTPURL, access: RemoteAccess = RemoteAccess(), client: HTTPClient) {
        self.client = client
        self.access = access
        self.url = url
        address = url.description
        contact = Mutex(Contact(base: url.text))
    }

    public var peer: String? { contact.withLock { $0.certificate }.map(String.init(describing:)) }

    public func forget() { contact.withLock { $0.advertisement = nil } }

    public func exchange(
        _ request: @escaping @Sendable (ServerAdvertisement) throws(GitError) -> [UInt8]?,
        deadline: Deadline,
        receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws {
        let server: ServerAdvertisement
        if let known = contact.withLock({ $0.advertisement }) {
            server = known
        } else {
            server = try ServerAdvertisement(try await advertisement(deadline: deadline))
            // An older server's list of references is true for the moment only.
            if server.version == 2 { contact.withLock { $0.advertisement = server } }
        }
        guard let body = try request(server) else { return }
        try await command(body, version: server.version, deadline: deadline, receive: receive)
    }

    private func advertisement(deadline: Deadline) async throws -> [UInt8] {
        var request = request("GET", Self.discovery)
        request.maximumRedirects = 5
        request.staysOnHost = !access.followsToOtherHosts
        request.bodyLimit = GitRemote.answerLimit
        request.reportsCertificate = true
        let response = try await send(request, deadline)
        if let certificate = response.certificate { contact.withLock { $0.certificate = certificate } }
        guard response.headers["Content-Type"] == "application/x-git-upload-pack-advertisement" else {
            throw GitError(.protocol, "talk to \(address)", "the answer is not that of a Git server; check the address")
        }
        if response.redirects > 0, response.url.text.hasSuffix(Self.discovery) {
            contact.withLock { contact in
                contact.base = String(response.url.text.dropLast(Self.discovery.count))
                contact.isElsewhere = !url.isSameParty(response.url)
            }
        }
        return response.body
    }

    private func command(
        _ body: [UInt8],
        version: Int,
        deadline: Deadline,
        receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws {
        var request = request("POST", "/git-upload-pack")
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

    private func request(_ method: String, _ path: String) -> HTTPRequest {
        let contact = contact.withLock { $0 }
        var request = HTTPRequest(method, contact.base + path, headers: ["Git-Protocol": "version=2"])
        // First contact may have been redirected to another host, which gets nothing that proves who we are here.
        if !contact.isElsewhere {
            request.credentials = access.credentials
            request.clientCertificate = access.clientCertificate
        }
        switch access.authorities {
        case .file(let path): request.caFile = path
        case .text(let certificates): request.authorities = certificates
        case nil: break
        }
        request.proxy = access.proxy
        // What the file has for the host goes to the host, but never in clear where we came from TLS.
        if url.scheme == "http" || !contact.base.hasPrefix("http://") { request.netrcFile = access.netrcFile }
        return request
    }

    private func send(_ request: HTTPRequest, _ deadline: Deadline) async throws -> HTTPResponse {
        if let problem = access.problem { throw problem }
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
            // There was a connection: whatever broke it, the host can be reached.
            case .incomplete: .server
            case .tls: .tls
            case .timeout: .timeout
            case .protocol, .redirect, .tooLarge, .other: .protocol
            case .invalidURL, .invalidRequest, .destination: .unsupported
            }
        return GitError(failureClass, "reach \(address)", error.reason)
    }

    /// Seconds, or a date (RFC 9110, section 10.2.3).
    private static func retryAfter(_ response: HTTPResponse) -> Duration? {
        guard let text = response.headers["Retry-After"] else { return nil }
        if let seconds = Int(text) { return .seconds(min(max(seconds, 0), 86_400)) }
        guard let date = HTTPDate.seconds(text) else { return nil }
        return .seconds(min(max(date - time(nil), 0), 86_400))
    }

    private func refusal(_ response: HTTPResponse) -> GitError {
        let hasCredentials = access.credentials != nil
        let (failureClass, reason): (GitError.FailureClass, String) =
            switch response.status {
            case 401 where hasCredentials:
                (.auth, "the server refuses user and token (HTTP 401); check \(access.origin ?? "GIT_USER and GIT_TOKEN")")
            case 401: (.auth, "the server wants a user and token (HTTP 401); set GIT_USER and GIT_TOKEN")
            case 403: (.auth, "the server does not allow it (HTTP 403); check the token's rights")
            case 404, 410: (.notFound, "there is no such repository, or the token may not see it (HTTP \(response.status))")
            case 407: (.connect, "the proxy wants credentials (HTTP 407)")
            case 503 where response.headers.contains("Retry-After"):
                (.throttled, "the server takes no requests for now (HTTP 503 with Retry-After)")
            case 429: (.throttled, "the server takes no more requests for now (HTTP 429)")
            case 500...: (.server, "the server failed (HTTP \(response.status))")
            default: (.protocol, "the server answered HTTP \(response.status)")
            }
        return GitError(failureClass, "read from \(address)", reason, retryAfter: Self.retryAfter(response))
    }
}

/// The receiver of an answer needed no more of it.
private struct ReceiverStopped: Error {}
