import Curl

/// A Git server that sends push webhooks.
enum Forge: String, Sendable, Hashable, CaseIterable {
    case github
    case gitlab
    case gitea
    case forgejo
    case bitbucket

    /// Who sent a request, by its headers; nil if none of these.
    init?(_ headers: HTTPHeaders) {
        // Forgejo sends Gitea's headers, too, and both send GitHub's.
        if headers.contains("X-Forgejo-Event") || headers.contains("X-Forgejo-Signature") {
            self = .forgejo
        } else if headers.contains("X-Gitea-Event") || headers.contains("X-Gitea-Signature") {
            self = .gitea
        } else if headers.contains("X-Gitlab-Event") || headers.contains("X-Gitlab-Token") {
            self = .gitlab
        } else if headers.contains("X-Event-Key") {
            self = .bitbucket
        } else if headers.contains("X-GitHub-Event") || headers.contains("X-Hub-Signature-256") {
            self = .github
        } else {
            return nil
        }
    }

    /// What happened, as the forge names it: `push`, `Push Hook`, `repo:refs_changed`.
    func event(_ headers: HTTPHeaders) -> String {
        let name =
            switch self {
            case .github: "X-GitHub-Event"
            case .gitlab: "X-Gitlab-Event"
            case .gitea: "X-Gitea-Event"
            case .forgejo: headers.contains("X-Forgejo-Event") ? "X-Forgejo-Event" : "X-Gitea-Event"
            case .bitbucket: "X-Event-Key"
            }
        return headers[name] ?? ""
    }

    /// What a request must carry, for the sentence of a refusal.
    var proof: String {
        switch self {
        case .github: "X-Hub-Signature-256"
        case .gitlab: "X-Gitlab-Token, or webhook-signature"
        case .gitea: "X-Gitea-Signature"
        case .forgejo: "X-Forgejo-Signature"
        case .bitbucket: "X-Hub-Signature"
        }
    }
}
