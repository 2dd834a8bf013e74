import Curl

/// Where requests of `.http` files may go: what `HTTP_ALLOW` names, by name or by address, and `HTTP_DENY` does not.
public struct DestinationRules: Sendable, Hashable {
    public var allow: [DestinationPattern]
    public var deny: [DestinationPattern]

    public init(allow: [DestinationPattern] = ["*"].compactMap(DestinationPattern.init), deny: [DestinationPattern] = []) {
        self.allow = allow
        self.deny = deny
    }

    /// Where clouds tell the machine's credentials to whoever asks: AWS, Google, Azure, OpenStack and others at the first address;
    /// the containers of AWS at the next two, and the same with IPv6; then Google with IPv6, Azure's own agent and Alibaba. The
    /// name is for proxies that look it up for us.
    public static let metadataServices = [
        "169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "168.63.129.16",
        "100.100.100.200", "metadata.google.internal",
    ]

    /// Why a request may not go there; nil if it may, as far as that is known yet.
    func refusal(of destination: Destination) -> String? {
        let (host, port) = (destination.host, destination.port)
        var denied = deny.first { $0.matches(host: host, port: port) }
        var isAllowed = allow.contains { $0.matches(host: host, port: port) }
        switch destination.resolution {
        case .pending: isAllowed = isAllowed || allow.contains { $0.needsAddress }
        case .none: break
        case .address(let address):
            let places = address.destinations
            denied = denied ?? deny.first { pattern in places.contains { pattern.matches($0, port: port) } }
            isAllowed = isAllowed || allow.contains { $0.matches(address, port: port) }
        }
        if let denied {
            return "HTTP_DENY (\(denied)) does not allow requests to \(destination.text(withPort: denied.port != nil)); "
                + "change HTTP_ALLOW or HTTP_DENY"
        }
        guard !isAllowed else { return nil }
        return "HTTP_ALLOW does not name \(destination.text(withPort: allow.contains { $0.port != nil })); "
            + "change HTTP_ALLOW or HTTP_DENY"
    }
}

extension Destination {
    /// `10.0.0.1, which name.example resolves to`, or the host alone.
    func text(withPort: Bool) -> String {
        let port = withPort ? ":\(port)" : ""
        guard case .address(let address) = resolution, "\(address)" != host else {
            return (host.contains(":") && withPort ? "[\(host)]" : host) + port
        }
        let text = withPort && !address.isIPv4 ? "[\(address)]" : "\(address)"
        return text + port + (NetworkAddress(host) == nil ? ", which \(host) resolves to" : "")
    }
}
