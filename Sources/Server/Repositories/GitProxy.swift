/// What `GIT_PROXY` says.
enum GitProxy: Sendable, Hashable {
    /// No proxy, whatever the environment says.
    case none
    case address(ProxyAddress)

    init?(text: String) {
        if text.lowercased() == "none" {
            self = .none
        } else if let address = ProxyAddress(text) {
            self = .address(address)
        } else {
            return nil
        }
    }
}
