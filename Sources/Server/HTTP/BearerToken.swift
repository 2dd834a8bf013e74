import HTTPTypes
import Hummingbird

/// A token that a caller must show as `Authorization: Bearer TOKEN` (RFC 6750, section 2.1).
struct BearerToken: Sendable {
    private let text: String
    /// The setting that has it, for the sentence of a refusal.
    private let setting: String

    /// - Returns: nil without a token: then nobody needs one.
    init?(_ text: String?, setting: String) {
        guard let text else { return nil }
        self.text = text
        self.setting = setting
    }

    /// - Returns: the answer to a request that does not show the token; nil if it does.
    func refusal(of request: Request) -> Response? {
        if let shown = request.headers[.authorization], permits(shown) { return nil }
        return .refusal(
            .unauthorized,
            "a bearer token is required: send 'Authorization: Bearer TOKEN' with the token of \(setting)",
            headers: [.wwwAuthenticate: "Bearer"]
        )
    }

    /// - Parameter authorization: the value of the header field.
    func permits(_ authorization: String) -> Bool {
        let scheme = "Bearer "
        guard authorization.prefix(scheme.count).lowercased() == scheme.lowercased() else { return false }
        return authorization.dropFirst(scheme.count).utf8.isEqualInConstantTime(to: text.utf8)
    }
}

extension Collection where Element == UInt8 {
    /// Compares in a time that tells nothing of where two secrets differ.
    func isEqualInConstantTime(to other: some Collection<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return zip(self, other).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }
}
