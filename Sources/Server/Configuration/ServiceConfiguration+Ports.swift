extension ServiceConfiguration {
    /// Checks what no single setting shows.
    func checkPorts() throws(ConfigurationError) {
        guard receive.path != WebhookReceiver.path else {
            throw ConfigurationError(
                "RCV_PATH is '\(receive.path)', where push webhooks are received; let it name another path for events"
            )
        }
        guard admin.token != nil || Self.isLoopback(admin.host) else {
            throw ConfigurationError(
                "ADMIN_HOST is '\(admin.host)', which others can reach, and ADMIN_TOKEN is not set; set ADMIN_TOKEN, or let ADMIN_HOST be 127.0.0.1"
            )
        }
    }

    /// Whether a host name or address can only mean this machine.
    static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1"].contains(host.lowercased()) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
