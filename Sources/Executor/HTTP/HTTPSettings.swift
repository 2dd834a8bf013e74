public import Curl

/// Where requests of `.http` files may go, and how they get there.
public struct HTTPSettings: Sendable, Hashable {
    public var rules: DestinationRules
    /// Never asked, whatever the rules say.
    public var ownPorts: OwnPorts
    /// A PEM file whose certificates are trusted instead of the system's.
    public var caFile: String?
    /// Shown to the server that a file names, if it asks for one; to no other that it redirects to.
    public var clientCertificate: HTTPRequest.ClientCertificate?
    public var proxy: HTTPRequest.Proxy

    public init(
        rules: DestinationRules = DestinationRules(),
        ownPorts: OwnPorts = OwnPorts(),
        caFile: String? = nil,
        clientCertificate: HTTPRequest.ClientCertificate? = nil,
        proxy: HTTPRequest.Proxy = .system
    ) {
        self.rules = rules
        self.ownPorts = ownPorts
        self.caFile = caFile
        self.clientCertificate = clientCertificate
        self.proxy = proxy
    }

    /// Gives `request` all that does not depend on the file.
    func apply(to request: inout HTTPRequest) {
        request.destinationCheck = { [rules, ownPorts] in ownPorts.refusal(of: $0) ?? rules.refusal(of: $0) }
        request.caFile = caFile
        request.clientCertificate = clientCertificate
        request.proxy = proxy
    }
}
