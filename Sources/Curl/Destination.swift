/// Where one hop of a request goes, as far as that is known.
public struct Destination: Sendable, Hashable {
    /// What became of the host's name.
    public enum Resolution: Sendable, Hashable {
        /// It is not looked up yet; each of its addresses is asked about later.
        case pending
        /// It has no address here; a proxy will look it up, and no address is asked about later.
        case none
        case address(NetworkAddress)
    }

    /// The name or address in the URL: lower case, other letters than ASCII as `xn--...`, without brackets and the dot at its end.
    public var host: String
    public var port: Int
    public var resolution: Resolution

    public init(host: String, port: Int, _ resolution: Resolution) {
        self.host = host
        self.port = port
        self.resolution = resolution
    }

    init(_ url: HTTPURL, _ resolution: Resolution) { self.init(host: url.name, port: url.port, resolution) }
}
