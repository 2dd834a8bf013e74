import Basics
import CloudEvents
import Crypto
import Curl

/// What shows that a webhook's sender knows the secret, in the way of its forge.
///
/// A signature says nothing of when it was made. Sent a second time, a request makes the service ask the repository once more,
/// which changes nothing: its age is not looked at.
struct WebhookProof: Sendable {
    let forge: Forge
    let headers: HTTPHeaders
    /// As it came: signatures are of bytes, not of what they mean.
    let body: [UInt8]

    func holds(for secret: String) -> Bool {
        guard !secret.isEmpty else { return false }
        return switch forge {
        case .github: isSignature(labelled("X-Hub-Signature-256"), secret)
        case .bitbucket: isSignature(labelled("X-Hub-Signature"), secret)
        case .gitea: isSignature(headers["X-Gitea-Signature"], secret)
        case .forgejo: isSignature(headers["X-Forgejo-Signature"] ?? headers["X-Gitea-Signature"], secret)
        case .gitlab: isToken(secret) || isStandardSignature(secret)
        }
    }

    /// The digits of `sha256=DIGITS`; other digests are not taken.
    private func labelled(_ name: String) -> String? {
        let label = "sha256="
        return headers[name].flatMap { $0.hasPrefix(label) ? String($0.dropFirst(label.count)) : nil }
    }

    private func isSignature(_ digits: String?, _ secret: String) -> Bool {
        guard let code = digits.flatMap(Hexadecimal.decode) else { return false }
        return Self.isCode(code, of: body, key: Array(secret.utf8))
    }

    /// GitLab's older way: the secret itself.
    private func isToken(_ secret: String) -> Bool {
        headers["X-Gitlab-Token"]?.utf8.isEqualInConstantTime(to: secret.utf8) ?? false
    }

    /// GitLab's newer way, that of Standard Webhooks: `webhook-signature: v1,BASE64 ...` of `id.timestamp.body`, with a key that is
    /// written as `whsec_BASE64`.
    private func isStandardSignature(_ secret: String) -> Bool {
        let label = "whsec_"
        guard secret.hasPrefix(label), let key = Base64.decode(String(secret.dropFirst(label.count))), !key.isEmpty,
            let id = headers["webhook-id"], let time = headers["webhook-timestamp"], let list = headers["webhook-signature"]
        else { return false }
        let signed = Array("\(id).\(time).".utf8) + body
        return list.split(separator: " ").contains { signature in
            let parts = signature.split(separator: ",", maxSplits: 1)
            guard parts.count == 2, parts[0] == "v1", let code = Base64.decode(String(parts[1])) else { return false }
            return Self.isCode(code, of: signed, key: key)
        }
    }

    private static func isCode(_ code: [UInt8], of message: [UInt8], key: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: SymmetricKey(data: key))
    }
}
