import Curl
import Model

/// What a webhook comes to: a pure function of the request and of what is known.
enum WebhookVerdict: Sendable, Hashable {
    case refresh([PlainName], PushNotice)
    /// All is well, and there is nothing to do.
    case nothing(reason: String)
    /// Nobody may send webhooks.
    case closed
    case unproven(reason: String)
    case unreadable(reason: String)

    /// - Parameter known: the remotes of the projects that the cache holds.
    init(headers: HTTPHeaders, body: [UInt8], rules: WebhookRules, known: [PlainName: String]) {
        guard !rules.secrets.isEmpty else {
            self = .closed
            return
        }
        guard let forge = Forge(headers) else {
            self = .unproven(reason: "no webhook that is understood: it has the headers of no forge")
            return
        }
        // Bitbucket Data Center does not sign its test.
        if forge == .bitbucket, WebhookMessage.isPing(forge.event(headers)), !headers.contains("X-Hub-Signature") {
            self = .nothing(reason: "this is a test without a signature; the secret was not compared")
            return
        }
        let proof = WebhookProof(forge: forge, headers: headers, body: body)
        let proven = rules.secrets.all.filter(proof.holds)
        guard !proven.isEmpty else {
            self = .unproven(reason: "the proof (\(forge.proof)) is missing or made with another secret")
            return
        }
        do throws(WebhookError) {
            switch try WebhookMessage(forge, headers: headers, body: body) {
            case .ping: self = .nothing(reason: "this is a test; the secret is right")
            case .other(let event): self = .nothing(reason: "'\(event)' is no push")
            case .push(let notice) where !notice.changesBranches: self = .nothing(reason: "no branch was changed")
            case .push(let notice):
                let found = ProjectMatcher(rules, known: known).projects(at: notice.addresses)
                let permitted = found.filter { rules.secrets.secret(of: $0).map(proven.contains) ?? false }
                if found.isEmpty {
                    self = .nothing(reason: "no project has its repository at \(notice.addresses[0])")
                } else if permitted.isEmpty {
                    self = .unproven(reason: "the secret is another project's")
                } else {
                    self = .refresh(permitted, notice)
                }
            }
        } catch {
            self = .unreadable(reason: "\(error)")
        }
    }
}
