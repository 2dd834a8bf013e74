import Basics
import Curl

/// What has to be masked of a credential; ``SecretForms`` knows the other spellings of each.
enum MaskedForms {
    /// The password itself, and what Basic authentication sends in Base64.
    static func of(user: String, password: String) -> [String] { [password, "\(user):\(password)"] }

    static func of(_ credentials: BasicCredentials) -> [String] { of(user: credentials.user, password: credentials.password) }

    static func of(_ secret: ProjectSecret) -> [String] {
        var forms = secret.credentials.map(of) ?? []
        forms += secret.proxy?.secrets ?? []
        forms += [secret.passphrase].compactMap(\.self)
        forms += secret.privateKey.map(PEMText.body) ?? []
        forms += secret.remote.map(of(remote:)) ?? []
        return forms
    }

    /// The password of `https://user:password@host/path`, as it is written there and decoded.
    static func of(remote: String) -> [String] {
        guard let scheme = remote.firstRange(of: "://") else { return [] }
        let authority = remote[scheme.upperBound...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else { return [] }
        let password = String(authority[authority.index(after: colon)..<at])
        return [password] + of(user: decoded(authority[..<colon]), password: decoded(password[...]))
    }

    /// What is no valid escape stays as it is.
    private static func decoded(_ text: Substring) -> String { PercentEncoding.decode(text) ?? String(text) }
}
