import Basics
import CloudEvents

/// A secret that says something that cannot be used: why, without any of it.
struct ProjectSecretError: Error, Hashable, CustomStringConvertible {
    let description: String
}

extension ProjectSecret {
    /// Reads the JSON of any era. Pure.
    ///
    /// What is missing, null or empty is not there; keys that nobody knows are skipped, and names count in whatever case, as Keptn
    /// reads them. Where a value is written in two ways, the later era counts.
    init(parsing bytes: some Collection<UInt8>) throws(ProjectSecretError) {
        let root: JSON
        do { root = try JSON(parsing: bytes) } catch {
            // The parser's own sentence may show a piece of the text.
            throw ProjectSecretError(description: "it is not valid JSON")
        }
        guard case .object(let object) = root else { throw ProjectSecretError(description: "it is not a JSON object") }
        let fields = Fields(object)
        let (https, ssh) = (try fields.object("https"), try fields.object("ssh"))
        remote = Self.first(try fields.text("remoteURL"), try fields.text("remoteURI"))
        let name = try fields.text("user")
        user = name ?? ""
        token = Self.first(try https.text("token"), try fields.text("token"))
        passphrase = Self.first(try ssh.secret("privateKeyPass"), try fields.secret("privateKeyPass"))
        let key = Self.first(try ssh.text("privateKey"), try fields.text("privateKey"))
        privateKey = try key.map { text throws(ProjectSecretError) in try Self.pem(text, "privateKey") }
        let authorities = Self.first(try https.text("certificate"), try fields.text("gitPemCertificate"))
        certificate = try authorities.map { text throws(ProjectSecretError) in try Self.pem(text, "certificate") }
        proxy = try Self.proxy(try https.object("proxy"), fields)
        skipsVerification = [
            try https.flag("insecureSkipTLS"), try fields.flag("insecureSkipTLS"), try fields.flag("gitProxyInsecure"),
        ].contains(true)
    }

    /// The value of the later era, else that of the earlier one. Both are looked at: a wrong one is told of.
    private static func first(_ later: String?, _ earlier: String?) -> String? { later ?? earlier }

    private static func pem(_ text: String, _ name: String) throws(ProjectSecretError) -> String {
        guard let pem = PEMText.read(text) else {
            throw ProjectSecretError(description: "its \(name) is neither PEM nor Base64 of PEM")
        }
        return pem
    }

    private static func proxy(_ nested: Fields, _ flat: Fields) throws(ProjectSecretError) -> ProxyAddress? {
        guard let address = Self.first(try nested.text("url"), try flat.text("gitProxyUrl")) else { return nil }
        let proxy = ProxyAddress(
            address,
            scheme: Self.first(try nested.text("scheme"), try flat.text("gitProxyScheme")),
            user: Self.first(try nested.text("user"), try flat.text("gitProxyUser")),
            password: Self.first(try nested.secret("password"), try flat.secret("gitProxyPassword"))
        )
        guard let proxy else {
            throw ProjectSecretError(description: "its proxy is not host:port with the scheme http or https")
        }
        return proxy
    }
}

/// The members of an object, as texts.
private struct Fields {
    private let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    /// Nothing for a member that is missing, null or empty.
    func object(_ name: String) throws(ProjectSecretError) -> Fields {
        switch object.value(ignoringCase: name) {
        case nil, .null, .string(""): return Fields([:])
        case .object(let object): return Fields(object)
        default: throw ProjectSecretError(description: "its \(name) is not an object")
        }
    }

    /// A text without white space at its ends, which comes from editors and `echo`.
    func text(_ name: String) throws(ProjectSecretError) -> String? { Self.nonEmpty(try raw(name)[...].trimmed) }

    /// A text whose spaces may count.
    func secret(_ name: String) throws(ProjectSecretError) -> String? {
        var text = try raw(name)
        while text.last?.isNewline == true { text.removeLast() }
        return Self.nonEmpty(text)
    }

    func flag(_ name: String) throws(ProjectSecretError) -> Bool {
        ["true", "1", "yes"].contains(try raw(name)[...].trimmed.lowercased())
    }

    private func raw(_ name: String) throws(ProjectSecretError) -> String {
        guard let value = object.value(ignoringCase: name), !value.isNull else { return "" }
        guard let text = value.scalarText else { throw ProjectSecretError(description: "its \(name) is not a text") }
        guard !text.utf8.contains(0) else { throw ProjectSecretError(description: "its \(name) holds a NUL") }
        return text
    }

    private static func nonEmpty(_ text: String) -> String? { text.isEmpty ? nil : text }
}
