import Basics
import CloudEvents
import Crypto
import CryptoExtras
import FoundationEssentials

/// A JSON Web Token (RFC 7519), signed with RS256.
enum JSONWebToken {
    /// - Parameter key: an RSA key of at least 2,048 bits in PEM, PKCS#1 or PKCS#8.
    /// - Returns: the token, or nil if that is no such key.
    static func signed(_ claims: JSONObject, key: String) -> String? {
        guard let pem = PEMText.read(key), let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) else { return nil }
        let header: JSONObject = ["alg": "RS256", "typ": "JWT"]
        let text = "\(base64URL(JSON.object(header).text.utf8)).\(base64URL(JSON.object(claims).text.utf8))"
        let digest = SHA256.hash(data: Array(text.utf8))
        guard let signature = try? key.signature(for: digest, padding: .insecurePKCS1v1_5) else { return nil }
        return "\(text).\(base64URL(signature.rawRepresentation))"
    }

    /// Base64 for URLs (RFC 4648, section 5), without padding.
    private static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        String(Base64.encode(Array(bytes)).replacing("+", with: "-").replacing("/", with: "_").prefix { $0 != "=" })
    }
}
