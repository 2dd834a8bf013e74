public import Basics
import Glibc

/// Git's own protocol over TCP (gitprotocol-pack, "Git Transport"): no encryption, nobody proves who they are.
public final class GitDaemonCarrier: WireCarrier {
    private static let connectLimit = Duration.seconds(5)

    public let address: String
    private let place: DaemonAddress

    public init(_ place: DaemonAddress) {
        self.place = place
        address = place.description
    }

    public var peer: String? { nil }

    public func forget() {}

    public func exchange(
        _ request: @escaping @Sendable (ServerAdvertisement) throws(GitError) -> [UInt8]?,
        deadline: Deadline,
        receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws {
        let exchange = StreamExchange(address: address, deadline: deadline, request: request, receive: receive)
        let stream = try await connect(until: min(deadline, .after(Self.connectLimit)))
        try await withTaskCancellationHandler {
            try await StreamExchange.pool.run { [self] in
                try stream.send(greeting, deadline: deadline)
                try exchange.run(over: stream)
            }
        } onCancel: {
            stream.shutDown()
        }
    }

    /// Who is wanted; the last part asks for version 2, which servers that do not know it pass over.
    private var greeting: [UInt8] {
        let host = place.port == DaemonAddress.standardPort ? place.host : "\(place.host):\(place.port)"
        let text = "git-upload-pack \(place.path)\0host=\(host)\0\0version=2\0"
        return Packet.data(Array(text.utf8)).encoded
    }

    private func connect(until deadline: Deadline) async throws -> SocketStream {
        do {
            return try await StreamExchange.pool.run(until: deadline) { [self] in try connect(deadline) }
        } catch is DeadlineExceeded {
            throw GitError(.connect, "reach \(address)", "there was no connection in time")
        }
    }

    /// Tries the addresses of the host one after the other. Blocks.
    private func connect(_ deadline: Deadline) throws(GitError) -> SocketStream {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(place.host, String(place.port), &hints, &list)
        guard status == 0, let first = list else {
            throw GitError(.dns, "reach \(address)", "the host has no address: \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(first) }
        var cause = ECONNREFUSED
        for candidate in sequence(first: first, next: { $0.pointee.ai_next }) {
            let type = candidate.pointee.ai_socktype | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
            let descriptor = socket(candidate.pointee.ai_family, type, candidate.pointee.ai_protocol)
            guard descriptor >= 0 else {
                cause = errno
                continue
            }
            cause = Self.connect(descriptor, candidate.pointee, deadline)
            if cause == 0 { return SocketStream(descriptor, address: address) }
            close(descriptor)
        }
        throw GitError(.connect, "reach \(address)", String(cString: strerror(cause)))
    }

    /// - Returns: 0 or the errno of the failure.
    private static func connect(_ descriptor: CInt, _ address: addrinfo, _ deadline: Deadline) -> CInt {
        if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
        guard errno == EINPROGRESS else { return errno }
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&request, 1, CInt(deadline.remaining.seconds * 1_000 + 1)) == 1 else { return ETIMEDOUT }
        var cause: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &cause, &size)
        return cause
    }
}
