/// What a server's certificate says, for people. It was verified before.
public struct ServerCertificate: Sendable, Hashable, CustomStringConvertible {
    /// `CN = git.example`
    public var subject: String
    public var issuer: String
    /// As OpenSSL writes it: `Nov 24 07:00:00 2026 GMT`.
    public var expires: String

    public var description: String { "certificate \(subject), issued by \(issuer), valid until \(expires)" }
}

extension ServerCertificate {
    /// - Parameter lines: what libcurl knows of a certificate, `Name:value` each.
    init?(_ lines: [String]) {
        func value(_ name: String) -> String? {
            lines.first { $0.hasPrefix("\(name):") }.map { line in
                let printable = line.dropFirst(name.count + 1).unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) }
                return String(String(printable).prefix(300))
            }
        }
        guard let subject = value("Subject"), let issuer = value("Issuer"), let expires = value("Expire date") else { return nil }
        self.init(subject: subject, issuer: issuer, expires: expires)
    }
}
