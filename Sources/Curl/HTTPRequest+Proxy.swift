extension HTTPRequest.Proxy {
    /// The proxy for that URL, or none, found as libcurl finds it: it does not tell before a connection is made.
    func settled(for url: HTTPURL, environment: (String) -> String?) -> Self {
        func value(_ names: String...) -> String? { names.lazy.compactMap(environment).first { !$0.isEmpty } }
        let proxy: String?
        switch self {
        case .none: return .none
        case .url(let url): proxy = url
        case .system:
            // HTTP_PROXY in upper case may be a header that somebody sent to a CGI program.
            let own = url.scheme == "https" ? value("https_proxy", "HTTPS_PROXY") : value("http_proxy")
            proxy = own ?? value("all_proxy", "ALL_PROXY")
        }
        guard let proxy, !Self.isExcepted(url, by: value("no_proxy", "NO_PROXY") ?? "") else { return .none }
        return .url(proxy)
    }

    /// Whether `NO_PROXY` names the URL's host: as a name, the end of one, an address or a network.
    private static func isExcepted(_ url: HTTPURL, by list: String) -> Bool {
        if list == "*" { return true }
        let address = NetworkAddress(url.name)
        return list.split { $0 == "," || $0 == " " || $0 == "\t" }.contains { entry in
            guard let address else {
                let name = entry.lowercased().drop { $0 == "." }
                let suffix = name.hasSuffix(".") ? name.dropLast() : name
                return !suffix.isEmpty && (url.name == suffix || url.name.hasSuffix("." + suffix))
            }
            let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let text = parts[0].hasPrefix("[") && parts[0].hasSuffix("]") ? parts[0].dropFirst().dropLast() : parts[0]
            guard let network = NetworkAddress(String(text)) else { return false }
            guard parts.count == 2 else { return address == network }
            return Int(parts[1]).map { $0 >= 0 && address.isWithin(network, prefix: $0) } ?? false
        }
    }
}
