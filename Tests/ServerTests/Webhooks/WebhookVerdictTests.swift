import Curl
import Model
import ServerTestSupport
import Testing

@testable import Server

@Suite struct WebhookVerdictTests {
    private let rules: WebhookRules
    private let page = "https://git.example/keptn/sockshop"

    init() {
        var rules = WebhookRules()
        rules.template = "https://git.example/keptn/{project}.git"
        rules.secrets.common = ForgePush.secret
        self.rules = rules
    }

    private func verdict(_ push: ForgePush, _ rules: WebhookRules? = nil, known: [PlainName: String] = [:]) -> WebhookVerdict {
        WebhookVerdict(headers: push.headers, body: push.body, rules: rules ?? self.rules, known: known)
    }

    @Test("A push with its proof refreshes the project", arguments: ForgePush.Kind.allCases)
    func refresh(kind: ForgePush.Kind) {
        guard case .refresh(let projects, _) = verdict(ForgePush(kind, page: page)) else {
            Issue.record("not refreshed")
            return
        }
        #expect(projects.map(\.text) == ["sockshop"])
    }

    @Test("Without a secret nothing is taken, with a wrong one neither", arguments: ForgePush.Kind.allCases)
    func unproven(kind: ForgePush.Kind) {
        #expect(verdict(ForgePush(kind, page: page), WebhookRules()) == .closed)
        guard case .unproven(let reason) = verdict(ForgePush(kind, page: page, secret: "whsec_d3Jvbmc=")) else {
            Issue.record("taken")
            return
        }
        #expect(reason.contains("missing or made with another secret"))
    }

    @Test("A project's own secret counts for it alone, and the common one no longer")
    func ownSecret() throws {
        let (own, other) = (try #require(PlainName("sockshop")), try #require(PlainName("podtato")))
        var rules = rules
        rules.secrets.ofProjects[own] = "of sockshop"
        let known = [own: page, other: page]
        func projects(_ secret: String) -> [String]? {
            guard case .refresh(let projects, _) = verdict(ForgePush(.github, page: page, secret: secret), rules, known: known)
            else { return nil }
            return projects.map(\.text)
        }
        #expect(projects("of sockshop") == ["sockshop"])
        #expect(projects(ForgePush.secret) == ["podtato"])
        #expect(projects("neither") == nil)
        let alone = verdict(ForgePush(.github, page: page), rules, known: [own: page])
        #expect(alone == .unproven(reason: "the secret is another project's"))
    }

    @Test("A push of nobody's repository, of tags alone, a test and another event do nothing and say why")
    func nothing() {
        var issues = ForgePush(.github, page: page)
        issues.headers.removeAll { $0.name == "X-GitHub-Event" }
        var ping = issues
        issues.headers.append("X-GitHub-Event", "issues")
        ping.headers.append("X-GitHub-Event", "ping")
        let rows: [(ForgePush, String)] = [
            (ForgePush(.gitea, page: "https://git.example/a/b"), "no project has its repository at git.example/a/b"),
            (ForgePush(.gitea, page: page, reference: "refs/tags/v1"), "no branch was changed"),
            (issues, "'issues' is no push"), (ping, "this is a test; the secret is right"),
        ]
        for (push, reason) in rows { #expect(verdict(push) == .nothing(reason: reason)) }
    }

    @Test("Bitbucket Data Center's test has no signature; one that has a wrong one is refused, and a push needs one")
    func diagnostics() {
        let body = Array(#"{"test":true}"#.utf8)
        func verdict(_ headers: HTTPHeaders) -> WebhookVerdict {
            WebhookVerdict(headers: headers, body: body, rules: rules, known: [:])
        }
        guard case .nothing = verdict(["X-Event-Key": "diagnostics:ping"]) else {
            Issue.record("the test was refused")
            return
        }
        for headers: HTTPHeaders in [
            ["X-Event-Key": "diagnostics:ping", "X-Hub-Signature": "sha256=00"], ["X-Event-Key": "repo:refs_changed"],
            ["X-GitHub-Event": "ping"], [:],
        ] {
            guard case .unproven = verdict(headers) else {
                Issue.record("taken: \(headers)")
                continue
            }
        }
    }

    @Test("What is proven and cannot be read is told so")
    func unreadable() {
        var push = ForgePush(.forgejo, page: page)
        push.body = Array("hello".utf8)
        push.sign(ForgePush.secret)
        guard case .unreadable(let reason) = verdict(push) else {
            Issue.record("not refused")
            return
        }
        #expect(reason.contains("not valid JSON"))
    }
}
