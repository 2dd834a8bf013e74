import Basics
import CLibCurl
import Glibc

/// Asks for the addresses of a name where libcurl does not: when a proxy connects in our place.
struct NameLookup: Sendable {
    /// A name server that does not answer holds a thread for as long as `resolv.conf` says.
    private let threads = ThreadPool(name: "names", width: 8)

    /// - Returns: nothing if the name has no address here.
    /// - Throws: kind `dns` if that is not known, or not by the deadline.
    func addresses(of name: String, until deadline: Deadline) async throws(HTTPClientError) -> [NetworkAddress] {
        if let address = NetworkAddress(name) { return [address] }
        do {
            return try await threads.run(until: deadline) { try Self.addresses(of: name) }
        } catch let error as HTTPClientError {
            throw error
        } catch {
            throw Task.isCancelled
                ? HTTPClientError(.cancelled, "it was cancelled")
                : HTTPClientError(
                    .dns,
                    "the addresses of \(name) are not known yet, and without them nobody can say whether it is allowed"
                )
        }
    }

    /// Whether an error of `getaddrinfo` says that there is no address. After any other one, a name server's silence above all, there
    /// may be one, and it may be one that is not allowed.
    static func saysNone(_ code: Int32) -> Bool { code == EAI_NONAME || code == noData }

    /// `EAI_NODATA` of glibc, which its headers show to GNU sources only.
    private static let noData: Int32 = -5

    private static func addresses(of name: String) throws(HTTPClientError) -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &first)
        guard code == 0 else {
            if saysNone(code) { return [] }
            let cause = gai_strerror(code).map { String(cString: $0) } ?? "code \(code)"
            throw HTTPClientError(
                .dns,
                "the addresses of \(name) cannot be looked up (\(cause)), and without them nobody can say whether it is allowed"
            )
        }
        defer { freeaddrinfo(first) }
        var addresses: [NetworkAddress] = []
        var next = first
        while let entry = next {
            if let address = entry.pointee.ai_addr.flatMap({ NetworkAddress(socketAddress: $0) }) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        return addresses
    }
}
