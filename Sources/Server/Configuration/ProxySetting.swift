import Curl

/// What `GIT_PROXY` and `HTTP_PROXY_URL` say.
enum ProxySetting: Sendable, Hashable {
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

    /// As the client takes it.
    var proxy: HTTPRequest.Proxy {
        switch self {
        case .none: .none
        case .address(let address): .url(address.url)
        }
    }
}
