import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

@testable import Server

@Suite struct WebhookMessageTests {
    private static let page = "https://git.example/keptn/sockshop"
    private static let address = RepositoryAddress(host: "git.example", path: "keptn/sockshop")

    private func message(_ push: ForgePush) throws -> WebhookMessage {
        try WebhookMessage(#require(Forge(push.headers)), headers: push.headers, body: push.body)
    }

    private func message(_ headers: HTTPHeaders, _ body: String) throws -> WebhookMessage {
        try WebhookMessage(#require(Forge(headers)), headers: headers, body: Array(body.utf8))
    }

    @Test("Who sent a webhook is told by its headers", arguments: ForgePush.Kind.allCases)
    func forge(kind: ForgePush.Kind) {
        let expected: Forge =
            switch kind {
            case .github, .githubForm: .github
            case .gitlabToken, .gitlabSigned: .gitlab
            case .gitea: .gitea
            case .forgejo: .forgejo
            case .bitbucketCloud, .bitbucketDataCenter: .bitbucket
            }
        #expect(Forge(ForgePush(kind, page: Self.page).headers) == expected)
        #expect(Forge(["Content-Type": "application/json", "X-Hub-Signature": "sha256=00"]) == nil)
    }

    @Test("A push names its repository and reference", arguments: ForgePush.Kind.allCases)
    func push(kind: ForgePush.Kind) throws {
        guard case .push(let notice) = try message(ForgePush(kind, page: Self.page, reference: "refs/heads/feature/x")) else {
            Issue.record("no push")
            return
        }
        #expect(notice.addresses == [Self.address])
        #expect(notice.references == ["refs/heads/feature/x"] && notice.changesBranches)
        guard case .push(let tag) = try message(ForgePush(kind, page: Self.page, reference: "refs/tags/v1")) else {
            Issue.record("no push")
            return
        }
        #expect(tag.references == ["refs/tags/v1"] && !tag.changesBranches)
    }

    @Test("A push in the other shapes that forges send")
    func shapes() throws {
        let rows: [(HTTPHeaders, String, [RepositoryAddress], [String])] = [
            (
                ["X-Gitlab-Event": "System Hook"],
                #"{"event_name":"repository_update","project":{"git_http_url":"http://G.example/a/b.git"},"refs":["refs/heads/a","refs/tags/b"]}"#,
                [RepositoryAddress(host: "g.example", path: "a/b")], ["refs/heads/a", "refs/tags/b"]
            ),
            (
                ["X-Gitlab-Event": "Tag Push Hook"],
                #"{"object_kind":"tag_push","ref":"refs/tags/v1","repository":{"url":"git@g.example:a/b.git"}}"#,
                [RepositoryAddress(host: "g.example", path: "a/b")], ["refs/tags/v1"]
            ),
            (
                ["X-Event-Key": "repo:push"],
                #"{"push":{"changes":[{"old":null,"new":{"type":"branch","name":"made"}},{"old":{"type":"branch","name":"gone"},"new":null}]},"repository":{"links":{"html":{"href":"https://bitbucket.org/a/b"}}}}"#,
                [RepositoryAddress(host: "bitbucket.org", path: "a/b")], ["refs/heads/made", "refs/heads/gone"]
            ),
            (
                ["X-Event-Key": "repo:refs_changed"],
                #"{"repository":{"slug":"shop","project":{"key":"KEPTN"},"links":{"self":[{"href":"https://b.example/ctx/projects/KEPTN/repos/shop/browse"}]}},"changes":[{"refId":"refs/heads/x"}]}"#,
                [
                    RepositoryAddress(host: "b.example", path: "ctx/scm/keptn/shop"),
                    RepositoryAddress(host: "b.example", path: "keptn/shop"),
                ], ["refs/heads/x"]
            ),
            (
                ["X-Event-Key": "repo:refs_changed"],
                #"{"repository":{"slug":"shop","project":{"key":"KEPTN"}},"changes":[{"ref":{"id":"refs/heads/x"}}]}"#,
                [RepositoryAddress(host: nil, path: "keptn/shop")], ["refs/heads/x"]
            ),
            (
                ["X-Event-Key": "mirror:repo_synchronized"], #"{"repository":{"slug":"s","project":{"key":"K"}}}"#,
                [RepositoryAddress(host: nil, path: "k/s")], []
            ),
            (
                ["X-GitHub-Event": "push"], #"{"repository":{"ssh_url":"ssh://git@h/a/b.git"}}"#,
                [RepositoryAddress(host: "h", path: "a/b")], []
            ),
        ]
        for (headers, body, addresses, references) in rows {
            guard case .push(let notice) = try message(headers, body) else {
                Issue.record("no push: \(body)")
                continue
            }
            #expect(notice.addresses == addresses && notice.references == references, "\(notice)")
        }
    }

    @Test("Tests and other events are no pushes")
    func others() throws {
        let zen = #"{"zen":"Design for failure.","hook_id":1,"repository":{"html_url":"https://h/a/b"}}"#
        #expect(try message(["X-GitHub-Event": "ping"], zen) == .ping)
        #expect(try message(["X-Event-Key": "diagnostics:ping"], #"{"test":true}"#) == .ping)
        #expect(try message(["X-GitHub-Event": "issues"], zen) == .other(event: "issues"))
        #expect(try message(["X-Gitea-Event": "create"], zen) == .other(event: "create"))
        #expect(try message(["X-Gitlab-Event": "Issue Hook"], #"{"object_kind":"issue"}"#) == .other(event: "Issue Hook"))
        #expect(try message(["X-Event-Key": "pr:opened"], "{}") == .other(event: "pr:opened"))
    }

    @Test(
        "What cannot be read is refused with a sentence",
        arguments: [
            ("application/json", "hello", "not valid JSON"), ("application/json", "", "not valid JSON"),
            ("application/json", "[]", "no JSON object"), ("application/json", #"{"ref":"x"}"#, "names no repository"),
            ("application/json", #"{"repository":{"clone_url":"/srv/a.git"}}"#, "names no repository"),
            ("application/json", #"{"repository":[1]}"#, "names no repository"),
            ("application/x-www-form-urlencoded", "a=b", "no field 'payload'"),
            ("application/x-www-form-urlencoded; charset=utf-8", "payload=%7", "no field 'payload'"),
            ("application/x-www-form-urlencoded", "a=b&payload=%7B", "not valid JSON"),
        ]
    )
    func refused(type: String, body: String, part: String) {
        let error = #expect(throws: WebhookError.self) {
            try message(["X-GitHub-Event": "push", "Content-Type": type], body)
        }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test("No body makes the parser fail otherwise than with its error", arguments: ForgePush.Kind.allCases)
    func fuzz(kind: ForgePush.Kind) throws {
        let tokens = [
            "{", "}", "[", "]", "null", "\"repository\":", "\"links\":", "\"ref\":", "\"changes\":", "://", "@", ":", "/", ".git",
            "%",
            "\\u0000", "é",
        ]
        for seed in 0..<400 {
            var fuzzer = Fuzzer(seed: UInt64(seed))
            var push = ForgePush(kind, page: Self.page)
            push.body = fuzzer.mutate(push.body, tokens: tokens)
            do {
                guard case .push(let notice) = try message(push) else { continue }
                for address in notice.addresses {
                    #expect(!address.path.isEmpty && address.host?.isEmpty != true, "seed \(seed): \(notice)")
                    #expect(!address.path.hasPrefix("/") && !address.path.hasSuffix("/"), "seed \(seed): \(notice)")
                }
            } catch is WebhookError {
                continue
            }
        }
    }
}
