import CloudEvents
import HTTPTypes
import Model
import Testing

@testable import RepoCache
@testable import Server

@Suite struct AdminTests {
    @Test("What a method and a path ask for")
    func routes() throws {
        let shop = try #require(PlainName("sock shop"))
        let rows: [(HTTPRequest.Method, String, AdminRoute)] = [
            (.get, "/metrics", .metrics), (.head, "/metrics", .metrics), (.post, "/metrics", .notAllowed(allow: "GET, HEAD")),
            (.get, "/api/v1/repositories", .repositories), (.delete, "/api/v1/repositories", .notAllowed(allow: "GET, HEAD")),
            (.get, "/api/v1/repositories/sock%20shop", .repository(shop)),
            (.post, "/api/v1/repositories/sock%20shop", .notAllowed(allow: "GET, HEAD")),
            (.post, "/api/v1/repositories/sock%20shop/refresh", .refresh(shop)),
            (.get, "/api/v1/repositories/sock%20shop/refresh", .notAllowed(allow: "POST")),
            (.get, "/api/v1/runs", .runs), (.head, "/api/v1/runs", .runs),
            (.post, "/api/v1/runs", .notAllowed(allow: "GET, HEAD")),
            (.get, "/api/v1/runs/a-1", .run("a-1")), (.delete, "/api/v1/runs/a-1", .notAllowed(allow: "GET, HEAD")),
            (.get, "/api/v1/runs/a%2Fb", .run("a/b")), (.get, "/api/v1/runs/a/output", .output("a")),
            (.post, "/api/v1/runs/a/output", .notAllowed(allow: "GET, HEAD")), (.post, "/api/v1/runs/a/rerun", .rerun("a")),
            (.get, "/api/v1/runs/a/rerun", .notAllowed(allow: "POST")), (.post, "/api/v1/runs/a/cancel", .cancel("a")),
            (.get, "/api/v1/runs/a/cancel", .notAllowed(allow: "POST")),
        ]
        for (method, path, route) in rows { #expect(AdminRoute(method, path) == route, "\(method) \(path)") }
    }

    @Test(
        "Other paths, and names that no project can have, are not found",
        arguments: [
            "/", "", "/metrics/", "/api", "/api/v1", "/api/v1/repositories/", "/api/v1/repositories/..",
            "/api/v1/repositories/a%2Fb", "/api/v1/repositories/%2e%2e", "/api/v1/repositories/%00", "/api/v1/repositories/%zz",
            "/api/v1/repositories/%ff", "/api/v1/repositories//refresh", "/api/v1/repositories/a/b",
            "/api/v1/repositories/a/refresh/",
            "/api/v2/repositories", "//api/v1/repositories", "/api/v1/runs/a/steps", "/api/v1/runs/a/output/", "/api/v2/runs",
        ]
    )
    func notFound(path: String) {
        for method in [HTTPRequest.Method.get, .post] {
            guard case .notFound(let reason) = AdminRoute(method, path) else {
                Issue.record("found: \(path)")
                return
            }
            #expect(!reason.isEmpty)
        }
    }

    private static let status = RepositoryStatus(
        project: "shop",
        remote: "https://git.example/shop.git",
        defaultBranch: "main",
        branches: [
            .init(name: "dev", commit: nil, asked: 1_700_000_000.25, changed: 0),
            .init(name: "main", commit: "da15", asked: 1_700_000_000, changed: -0.5),
        ],
        failure: .init(failureClass: "auth", reason: "cannot", since: 1_700_000_001, heldUntil: 1_700_000_061),
        bytes: 10,
        packs: 2
    )

    @Test("A repository in JSON")
    func json() {
        let text = """
            {"project":"shop","remote":"https://git.example/shop.git","default_branch":"main","branches":[\
            {"name":"dev","commit":null,"asked":"2023-11-14T22:13:20.25Z","changed":"1970-01-01T00:00:00Z"},\
            {"name":"main","commit":"da15","asked":"2023-11-14T22:13:20Z","changed":"1969-12-31T23:59:59.5Z"}],\
            "failure":{"class":"auth","reason":"cannot","since":"2023-11-14T22:13:21Z","held_until":"2023-11-14T22:14:21Z"},\
            "bytes":10,"packs":2}
            """
        #expect(Self.status.json.text == text)
        #expect(JSON.time(.nan) == .null && JSON.time(.infinity) == .null)
    }

    @Test("/ready tells of failing repositories, which do not make the service unready")
    func ready() {
        var healthy = Self.status
        healthy.failure = nil
        #expect(
            ReadyDocument.json(reason: nil, states: [healthy, Self.status]).text == """
                {"status":"ready","repositories":{"total":2,"failing":1,\
                "failures":[{"project":"shop","class":"auth","since":"2023-11-14T22:13:21Z"}]}}
                """
        )
        #expect(
            ReadyDocument.json(reason: "the service is starting", states: []).text == """
                {"status":"not ready","reason":"the service is starting","repositories":{"total":0,"failing":0,"failures":[]}}
                """
        )
        #expect(ReadyDocument.json(reason: nil, states: nil).text == #"{"status":"ready"}"#)
    }

    @Test(
        "A bearer token is compared as a whole",
        arguments: [
            ("Bearer s3cret", true), ("bearer s3cret", true), ("Bearer s3cre", false), ("Bearer s3cretx", false),
            ("Bearer ", false),
            ("s3cret", false), ("Basic s3cret", false), ("", false), ("Bearer  s3cret", false),
        ]
    )
    func token(header: String, isPermitted: Bool) throws {
        let token = try #require(BearerToken("s3cret", setting: "ADMIN_TOKEN"))
        #expect(token.permits(header) == isPermitted)
        #expect(BearerToken(nil, setting: "ADMIN_TOKEN") == nil)
    }
}
