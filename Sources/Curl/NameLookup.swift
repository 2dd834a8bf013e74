import Basics
import CLibCurl
import Glibc

/// Asks for the addresses of a name where libcurl does not: when a proxy connects in our place.
struct NameLookup: Sendable {
    /// A name server that does not answer holds a thread for as long as `resolv.conf` says.
    private let threads = ThreadPool(name: "names", width: 8)

    /// - Returns: nothing if the name has no address here.
    /// - Throws: kind `dns` if that is not known by the deadline.
    func addresses(of name: String, until deadline: Deadline) async throws(HTTPClientError) -> [NetworkAddress] {
        if let address = NetworkAddress(name) { return [address] }
        do {
            return try await threads.run(until: deadline) { Self.addresses(of: name) }
        } catch {
            throw Task.isCancelled
                ? HTTPClientError(.cancelled, "it was cancelled")
                : HTTPClientError(
                    .dns,
                    "the addresses of \(name) are not known yet, and without them nobody can say whether it is allowed"
                )
        }
    }

    private static func addresses(of name: String) -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &first) == 0 else { return [] }
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
