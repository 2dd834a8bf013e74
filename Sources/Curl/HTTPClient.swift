public import Basics
import Glibc
import Synchronization

/// An HTTP client over libcurl: HTTP/1.1 and HTTP/2, TLS always verified, connections kept and shared by all requests.
///
/// One thread serves all requests, however many wait, so a client costs one thread and a program needs one client.
/// No cookies, no `.netrc` but the one that a request names, nothing but `http` and `https`.
public final class HTTPClient: Sendable {
    private let loop: TransferLoop
    private let nextTicket = Atomic<UInt64>(0)
    private let names = NameLookup()

    /// - Parameter connectionsPerHost: how many connections to one host may be open at once; other requests to it wait.
    public init(connectionsPerHost: Int = 64) { loop = TransferLoop(connectionsPerHost: max(connectionsPerHost, 1)) }

    deinit { loop.close() }

    /// Sends a request and waits for the whole answer, redirects included.
    ///
    /// An answer of any status is a response. Cancelling the caller's task ends the transfer at once; a transfer that ended
    /// early may still have had its effect on the server.
    ///
    /// - Throws: `HTTPClientError` if there was no complete answer by the deadline, or if the request cannot be sent: line
    ///   breaks and NULs in method, URL and headers are refused before anything is sent.
    public func send(_ request: HTTPRequest, deadline: Deadline) async throws(HTTPClientError) -> HTTPResponse {
        let start = ContinuousClock.now
        var exchange = try Exchange(request)
        while true {
            try await admit(&exchange, deadline)
            var response = try await perform(exchange, deadline)
            guard var next = try exchange.next(status: response.status, location: response.headers["Location"]) else {
                response.duration = .now - start
                return response
            }
            if let keeper = request.cookieKeeper {
                try next.setCookies(keeper(response.headers, exchange.url, next.url))
            }
            exchange = next
        }
    }

    /// Asks the request's check what can be asked before libcurl connects, or a proxy does in our place.
    private func admit(_ exchange: inout Exchange, _ deadline: Deadline) async throws(HTTPClientError) {
        guard let check = exchange.request.destinationCheck else { return }
        exchange.settleProxy { name in getenv(name).map { String(cString: $0) } }
        var destination = Destination(exchange.url, .pending)
        if let refusal = check(destination) { throw exchange.refused(refusal) }
        guard exchange.proxy != .none else { return }
        let addresses: [NetworkAddress]
        do throws(HTTPClientError) {
            addresses = try await names.addresses(of: destination.host, until: deadline)
        } catch {
            throw error.of(exchange.method, exchange.url)
        }
        for resolution in addresses.isEmpty ? [.none] : addresses.map(Destination.Resolution.address) {
            destination.resolution = resolution
            if let refusal = check(destination) { throw exchange.refused(refusal) }
        }
    }

    private func perform(_ exchange: Exchange, _ deadline: Deadline) async throws(HTTPClientError) -> HTTPResponse {
        guard !deadline.hasPassed else {
            throw HTTPClientError(.timeout, "the time limit was reached").of(exchange.method, exchange.url)
        }
        let ticket = nextTicket.add(1, ordering: .relaxed).newValue
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let transfer = Transfer(ticket: ticket, exchange: exchange, deadline: deadline) {
                    continuation.resume(returning: $0)
                }
                loop.submit(.start(transfer))
                // A cancellation before this line found no transfer to end; commands are taken in order, so this one does.
                if Task.isCancelled { loop.submit(.cancel(ticket)) }
            }
        } onCancel: {
            loop.submit(.cancel(ticket))
        }
        return try outcome.get()
    }
}
