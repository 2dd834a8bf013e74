import Curl
import ServerTestSupport
import Testing

@testable import Server

@Suite struct WebhookProofTests {
    private static let page = "https://git.example/keptn/sockshop"

    private func holds(_ push: ForgePush, _ secret: String = ForgePush.secret) throws -> Bool {
        let forge = try #require(Forge(push.headers))
        return WebhookProof(forge: forge, headers: push.headers, body: push.body).holds(for: secret)
    }

    @Test("What a forge signs, by the examples of GitHub and of Standard Webhooks")
    func published() {
        let github = WebhookProof(
            forge: .github,
            headers: [
                "X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            ],
            body: Array("Hello, World!".utf8)
        )
        #expect(github.holds(for: "It's a Secret to Everybody"))
        #expect(!github.holds(for: "It's a secret to everybody"))
        let standard = WebhookProof(
            forge: .gitlab,
            headers: [
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
                "webhook-signature": "v1a,AAAA v1,bm90IHRoaXMgb25l v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ],
            body: Array(#"{"test": 2432232314}"#.utf8)
        )
        #expect(standard.holds(for: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        #expect(!standard.holds(for: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    }

    @Test("Each forge's proof holds for its secret and for no other", arguments: ForgePush.Kind.allCases)
    func secrets(kind: ForgePush.Kind) throws {
        let push = ForgePush(kind, page: Self.page)
        #expect(try holds(push))
        for other in ["", "whsec_", "wrong", ForgePush.secret + "x", String(ForgePush.secret.dropLast()), "whsec_d3Jvbmc="] {
            #expect(try !holds(push, other), "\(other)")
        }
    }

    @Test("A signature is of this body", arguments: ForgePush.Kind.allCases.filter { $0 != .gitlabToken })
    func otherBody(kind: ForgePush.Kind) throws {
        var push = ForgePush(kind, page: Self.page)
        push.body[push.body.count / 2] ^= 1
        #expect(try !holds(push))
        push.sign(ForgePush.secret)
        #expect(try holds(push))
    }

    @Test("A proof that is missing, cut, or of another kind does not hold")
    func malformed() {
        let body = Array("{}".utf8)
        let rows: [(Forge, HTTPHeaders)] = [
            (.github, ["X-GitHub-Event": "push"]), (.github, ["X-Hub-Signature-256": ""]),
            (.github, ["X-Hub-Signature-256": "sha256="]), (.github, ["X-Hub-Signature-256": "sha256=zz"]),
            (.github, ["X-Hub-Signature-256": "sha256=" + String(repeating: "0", count: 62)]),
            (.github, ["X-Hub-Signature": "sha1=5d61605c3feea9799210ddcb71307d4ba264225f"]),
            (.bitbucket, ["X-Hub-Signature": "sha1=5d61605c3feea9799210ddcb71307d4ba264225f"]),
            (.gitea, ["X-Gitea-Signature": ""]), (.gitea, ["X-Gitea-Signature": "0"]), (.gitlab, ["X-Gitlab-Token": ""]),
            (.gitlab, ["webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v1,"]),
        ]
        for (forge, headers) in rows {
            let proof = WebhookProof(forge: forge, headers: headers, body: body)
            for secret in ["", "secret", "whsec_c2VjcmV0"] { #expect(!proof.holds(for: secret), "\(headers)") }
        }
    }

    @Test("A wrong signature of Forgejo is not saved by a right one of Gitea")
    func forgejoStands() throws {
        var push = ForgePush(.forgejo, page: Self.page)
        push.headers.removeAll { $0.name == "X-Forgejo-Signature" }
        #expect(try holds(push))
        push.headers.append("X-Forgejo-Signature", String(repeating: "0", count: 64))
        #expect(try !holds(push))
    }
}
