import Curl
import Glibc
import Synchronization

/// Ports of this very process that `.http` files may not ask, at any address of this machine: the one of operators.
public final class OwnPorts: Sendable {
    private let ports: Mutex<Set<Int>>

    public init(_ ports: [Int] = []) { self.ports = Mutex(Set(ports)) }

    /// Adds a port that the system chose.
    public func insert(_ port: Int) { ports.withLock { _ = $0.insert(port) } }

    func refusal(of destination: Destination) -> String? {
        guard case .address(let address) = destination.resolution, ports.withLock({ $0.contains(destination.port) }),
            address.destinations.contains(where: Self.isOurs)
        else { return nil }
        return
            "\(destination.text(withPort: true)) is this service's own port for operators (ADMIN_PORT), which no .http file may ask; "
            + "let the file ask another port"
    }

    /// Asked of the system each time: addresses come and go.
    private static func isOurs(_ address: NetworkAddress) -> Bool {
        if address.isIPv4 ? address.bytes[0] == 127 : address.bytes == Array(repeating: 0, count: 15) + [1] { return true }
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return false }
        defer { freeifaddrs(first) }
        var next = first
        while let entry = next {
            if let own = entry.pointee.ifa_addr, NetworkAddress(socketAddress: own) == address { return true }
            next = entry.pointee.ifa_next
        }
        return false
    }
}

extension OwnPorts: Hashable {
    public static func == (first: OwnPorts, second: OwnPorts) -> Bool { first === second }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
