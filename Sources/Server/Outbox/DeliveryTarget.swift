import Basics

/// Where answers go (`EVENTBROKER`).
enum DeliveryTarget: Sendable, Hashable {
    /// Posted to this http or https URL.
    case http(String)
    /// Only recorded.
    case none

    /// - Returns: nil for a text that is neither an http URL with a host nor `none`.
    init?(text: String) {
        if text.lowercased() == "none" {
            self = .none
            return
        }
        let lower = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else { return nil }
        let host = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !host.isEmpty, !text.contains(where: { $0.isWhitespace || $0.asciiValue.map { $0 < 0x20 } == true }) else {
            return nil
        }
        self = .http(text)
    }
}
