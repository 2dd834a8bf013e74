import Basics
import CloudEvents
import Crypto
public import Curl

/// A push webhook as a forge sends it: written after the public documentation of each.
public struct ForgePush: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case github
        case githubForm
        case gitlabToken
        case gitlabSigned
        case gitea
        case forgejo
        case bitbucketCloud
        case bitbucketDataCenter
    }

    /// A secret that every kind takes: GitLab's signing key must have this form.
    public static let secret = "whsec_dGhlIHNlY3JldCBvZiBhbGwgdGhlc2UgdGVzdHMhIQ=="

    public let kind: Kind
    public var headers: HTTPHeaders
    public var body: [UInt8]

    /// - Parameters:
    ///   - page: the address of the repository's page, without `.git`.
    ///   - reference: the full name of what was pushed.
    public init(_ kind: Kind, page: String, reference: String = "refs/heads/main", secret: String = Self.secret) {
        self.kind = kind
        let text = Self.payload(kind, page: page, reference: reference)
        body = Array((kind == .githubForm ? "payload=" + Self.formEncoded(text) : text).utf8)
        let type = kind == .githubForm ? "application/x-www-form-urlencoded" : "application/json"
        headers = HTTPHeaders([.init("Content-Type", type)] + Self.event(kind))
        sign(secret)
    }

    /// Adds the proof of the body as it is now.
    public mutating func sign(_ secret: String) {
        let names = Self.proofs
        headers.removeAll { field in names.contains { $0.lowercased() == field.name.lowercased() } }
        let digits = Self.digits(body, secret)
        switch kind {
        case .github, .githubForm: headers.append("X-Hub-Signature-256", "sha256=\(digits)")
        case .bitbucketCloud, .bitbucketDataCenter: headers.append("X-Hub-Signature", "sha256=\(digits)")
        case .gitea, .forgejo:
            if kind == .forgejo { headers.append("X-Forgejo-Signature", digits) }
            headers.append("X-Gitea-Signature", digits)
            headers.append("X-Hub-Signature-256", "sha256=\(digits)")
        case .gitlabToken: headers.append("X-Gitlab-Token", secret)
        case .gitlabSigned:
            let (id, time) = ("f5e5f430-f57b-4e6e-9fac-d9128cd7232f", "1777000000")
            let key = Base64.decode(String(secret.dropFirst("whsec_".count))) ?? []
            let code = HMAC<SHA256>.authenticationCode(for: Array("\(id).\(time).".utf8) + body, using: SymmetricKey(data: key))
            headers.append("webhook-id", id)
            headers.append("webhook-timestamp", time)
            headers.append("webhook-signature", "v1,\(Base64.encode(Array(code)))")
        }
    }

    private static let proofs = [
        "X-Hub-Signature-256", "X-Hub-Signature", "X-Forgejo-Signature", "X-Gitea-Signature", "X-Gitlab-Token", "webhook-id",
        "webhook-timestamp", "webhook-signature",
    ]

    private static func digits(_ body: [UInt8], _ secret: String) -> String {
        HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func event(_ kind: Kind) -> [HTTPHeaders.Field] {
        switch kind {
        case .github, .githubForm:
            [.init("X-GitHub-Event", "push"), .init("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")]
        case .gitlabToken, .gitlabSigned:
            [.init("X-Gitlab-Event", "Push Hook"), .init("X-Gitlab-Instance", "https://gitlab.example")]
        case .gitea: [.init("X-Gitea-Event", "push"), .init("X-Gogs-Event", "push"), .init("X-GitHub-Event", "push")]
        case .forgejo:
            [.init("X-Forgejo-Event", "push"), .init("X-Gitea-Event", "push"), .init("X-GitHub-Event", "push")]
        case .bitbucketCloud: [.init("X-Event-Key", "repo:push"), .init("X-Hook-UUID", "a1c2")]
        case .bitbucketDataCenter: [.init("X-Event-Key", "repo:refs_changed"), .init("X-Request-Id", "a1c2")]
        }
    }

    private static func payload(_ kind: Kind, page: String, reference: String) -> String {
        let rest = page.firstRange(of: "://").map { String(page[$0.upperBound...]) } ?? page
        let host = rest.prefix { $0 != "/" && $0 != ":" }
        let path = rest.drop { $0 != "/" }.dropFirst()
        let name = path.split(separator: "/").last ?? ""
        let branch = reference.split(separator: "/").dropFirst(2).joined(separator: "/")
        let (old, new) = ("95790bf891e76fee5e1747ab589903a6a1f80f22", "da1560886d4f094c3e6c9ef40349f7d38b5d27d7")
        switch kind {
        case .github, .githubForm, .gitea, .forgejo:
            return """
                {"ref":"\(reference)","before":"\(old)","after":"\(new)","compare":"\(page)/compare/\(old)...\(new)",
                "repository":{"id":140,"name":"\(name)","full_name":"\(path)","private":true,"owner":{"login":"keptn"},
                "html_url":"\(page)","url":"https://api.\(host)/repos/\(path)","git_url":"git://\(host)/\(path).git",
                "ssh_url":"git@\(host):\(path).git","clone_url":"\(page).git","default_branch":"main"},
                "pusher":{"name":"ann","email":"ann@example.com"},"sender":{"login":"ann"},"created":false,"deleted":false,
                "forced":false,"commits":[{"id":"\(new)","message":"scale: 50% + more & \\"better\\"","added":["a b.sh"]}]}
                """
        case .gitlabToken, .gitlabSigned:
            let links = #""git_ssh_url":"git@\#(host):\#(path).git","git_http_url":"\#(page).git""#
            return """
                {"object_kind":"push","event_name":"push","before":"\(old)","after":"\(new)","ref":"\(reference)",
                "checkout_sha":"\(new)","user_id":4,"user_username":"ann","project_id":15,
                "project":{"id":15,"name":"\(name)","web_url":"\(page)",\(links),"namespace":"keptn","visibility_level":0,
                "path_with_namespace":"\(path)","default_branch":"main","homepage":"\(page)"},
                "repository":{"name":"\(name)","url":"git@\(host):\(path).git","homepage":"\(page)",\(links)},
                "commits":[],"total_commits_count":0}
                """
        case .bitbucketCloud:
            let kind = reference.hasPrefix("refs/tags/") ? "tag" : "branch"
            return """
                {"push":{"changes":[{"forced":false,"created":false,"closed":false,
                "old":{"type":"\(kind)","name":"\(branch)","target":{"type":"commit","hash":"\(old)"}},
                "new":{"type":"\(kind)","name":"\(branch)","target":{"type":"commit","hash":"\(new)"}}}]},
                "repository":{"type":"repository","full_name":"\(path)","name":"\(name)","scm":"git","is_private":true,
                "links":{"self":{"href":"https://api.\(host)/2.0/repositories/\(path)"},"html":{"href":"\(page)"}},
                "project":{"type":"project","key":"KEPTN","name":"Keptn"}},"actor":{"display_name":"Ann"}}
                """
        case .bitbucketDataCenter:
            return """
                {"eventKey":"repo:refs_changed","date":"2026-01-19T09:45:32+1000","actor":{"name":"ann","id":1},
                "repository":{"slug":"\(name)","id":84,"name":"\(name)","scmId":"git","state":"AVAILABLE","forkable":true,
                "project":{"key":"KEPTN","id":84,"name":"Keptn","public":false,"type":"NORMAL"},"public":false,
                "links":{"clone":[{"href":"ssh://git@\(host):7999/\(path).git","name":"ssh"},{"href":"\(page).git","name":"http"}],
                "self":[{"href":"https://\(host)/projects/KEPTN/repos/\(name)/browse"}]}},
                "changes":[{"ref":{"id":"\(reference)","displayId":"\(branch)","type":"BRANCH"},"refId":"\(reference)",
                "fromHash":"\(old)","toHash":"\(new)","type":"UPDATE"}]}
                """
        }
    }

    /// As browsers and GitHub encode forms.
    private static func formEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): String(UnicodeScalar(byte))
            case UInt8(ascii: " "): "+"
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()
            }
        }.joined()
    }
}
