import Basics
import CLibCurl

/// One exchange on its way. Made by the caller's task, then handed to the loop's thread, which alone touches it from then on.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPResponse, HTTPClientError>

    /// Why a callback of ours ended the transfer.
    private enum Stop {
        case bodyLimit
        case headerLimit
        case receiver
        /// The rest of a redirect's body is not worth the wait.
        case redirected
    }

    private static let headerLimit = 256 << 10
    private static let redirectBodyLimit = 64 << 10

    let ticket: UInt64
    let exchange: Exchange
    let deadline: Deadline
    private let resume: @Sendable (Outcome) -> Void
    /// Set while the transfer runs.
    var handle: EasyHandle?

    private var status = 0
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var headersAreComplete = false
    /// Known once the headers are: a search among them for each piece of a body would be slow where there are many.
    private var isRedirect = false
    private var body: [UInt8] = []
    private var bodyBytes = 0
    private var stop: Stop?
    /// Why the first address that is not allowed is not. Another of the name may be.
    private var refusal: String?

    /// - Parameter resume: called exactly once, on the loop's thread.
    init(ticket: UInt64, exchange: Exchange, deadline: Deadline, resume: @escaping @Sendable (Outcome) -> Void) {
        self.ticket = ticket
        self.exchange = exchange
        self.deadline = deadline
        self.resume = resume
    }

    /// Sets `handle` up for this transfer. The handle's callbacks point here: the loop keeps the transfer until it took the
    /// handle back.
    func prepare(_ handle: EasyHandle) throws(HTTPClientError) {
        try handle.configure(
            exchange,
            timeout: deadline.remaining,
            onHeader: receiveHeader,
            onBody: receiveBody,
            onSocket: openSocket,
            onConnection: useConnection,
            context: Unmanaged.passUnretained(self).toOpaque()
        )
        self.handle = handle
    }

    func fail(_ error: HTTPClientError) { resume(.failure(error.of(exchange.method, exchange.url))) }

    /// libcurl is done with the transfer.
    func finish(_ code: CURLcode) {
        switch stop {
        case nil where code != CURLE_OK: fail(error(code))
        case .bodyLimit where exchange.request.overflow == .fail:
            fail(HTTPClientError(.tooLarge, "the body is longer than the limit of \(exchange.request.bodyLimit) bytes"))
        case .headerLimit: fail(HTTPClientError(.tooLarge, "the headers are longer than \(Self.headerLimit) bytes"))
        case .receiver: fail(HTTPClientError(.stopped, "the receiver of the body ended it"))
        case nil, .redirected, .bodyLimit:
            resume(
                .success(
                    HTTPResponse(
                        status: status,
                        headers: headers,
                        body: body,
                        isCut: stop == .bodyLimit,
                        url: exchange.url,
                        certificate: exchange.request.reportsCertificate ? handle?.certificate : nil,
                        redirects: exchange.redirects,
                        duration: .zero
                    )
                )
            )
        }
    }

    private func error(_ code: CURLcode) -> HTTPClientError {
        guard let handle else { return HTTPClientError(.other, "the transfer has no handle") }
        if let refusal, code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK {
            return HTTPClientError(.destination, refusal)
        }
        let progress = HTTPClientError.Progress(
            hasResolved: handle.microseconds(CURLINFO_NAMELOOKUP_TIME_T) > 0,
            hasSent: handle.long(CURLINFO_REQUEST_SIZE) > 0,
            proxyStatus: handle.long(CURLINFO_HTTP_CONNECTCODE),
            deadlineHasPassed: deadline.hasPassed
        )
        return HTTPClientError(code, handle.message, progress)
    }

    /// Whether a connection to that address may be made or used. A proxy's address is not asked about.
    func admits(_ address: NetworkAddress?) -> Bool {
        guard let check = exchange.request.destinationCheck, exchange.proxy == .none else { return true }
        guard let address else { return false }
        let answer = check(Destination(exchange.url, .address(address)))
        refusal = refusal ?? answer
        return answer == nil
    }

    // MARK: What libcurl hands over, line by line and piece by piece; false ends the transfer.

    fileprivate func append(header line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= Self.headerLimit else {
            stop = .headerLimit
            return false
        }
        // As bytes: a text is searched by characters, which is ten times the work.
        let line = line.filter { $0 != 0x0D && $0 != 0x0A }
        if line.starts(with: "HTTP/".utf8) {
            // Each answer begins anew: 100 Continue comes before the real one.
            headers = HTTPHeaders()
            headersAreComplete = false
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
            status = words.dropFirst().first.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
        } else if line.isEmpty {
            headersAreComplete = true
            isRedirect = exchange.follows(status: status, location: headers["Location"])
        } else if !headersAreComplete, let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            headers.append(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return true
    }

    fileprivate func append(body bytes: UnsafeRawBufferPointer) -> Bool {
        if isRedirect {
            bodyBytes += bytes.count
            if bodyBytes > Self.redirectBodyLimit { stop = .redirected }
            return stop == nil
        }
        let room = exchange.request.bodyLimit - bodyBytes
        let kept = UnsafeRawBufferPointer(rebasing: bytes.prefix(max(room, 0)))
        bodyBytes += kept.count
        if let receiver = exchange.request.onBody, (200..<300).contains(status) {
            if !receiver(kept) { stop = .receiver }
        } else {
            body.append(contentsOf: kept)
        }
        if stop == nil, kept.count < bytes.count { stop = .bodyLimit }
        return stop == nil
    }
}

// File-scope functions: a closure in isolated code would look for an executor that the loop's thread does not have.

private func receiveHeader(_ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?)
    -> Int
{
    receive(data, size * count, context) { $0.append(header: $1) }
}

private func receiveBody(_ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?)
    -> Int
{
    receive(data, size * count, context) { $0.append(body: $1) }
}

/// - Returns: `count` to go on; anything else makes libcurl end the transfer.
private func receive(
    _ data: UnsafeMutablePointer<CChar>?,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?,
    _ append: (Transfer, UnsafeRawBufferPointer) -> Bool
) -> Int {
    guard count > 0 else { return 0 }
    guard let data, let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return append(transfer, UnsafeRawBufferPointer(start: data, count: count)) ? count : 0
}
