import Model
import Testing

@testable import Server

@Suite struct ProjectMatcherTests {
    @Test(
        "GIT_REMOTE read backwards",
        arguments: [
            ("https://git.example/keptn/{project}.git", "git@git.example:keptn/sockshop.git", "sockshop"),
            ("https://git.example/keptn/{project}.git", "https://git.example/Keptn/SockShop", "SockShop"),
            ("https://git.example/keptn/{project}", "https://git.example/keptn/a.b", "a.b"),
            ("git@git.example:{project}/{project}.git", "https://git.example/shop/shop", "shop"),
            ("git@git.example:{project}/{project}.git", "https://git.example/shop/chop", nil),
            ("https://{project}.example/keptn.git", "https://shop.example/keptn", "shop"),
            ("https://git.example/keptn-{project}-config.git", "https://git.example/keptn-shop-config", "shop"),
            ("https://git.example/keptn-{project}-config.git", "https://git.example/keptn--config", nil),
            ("https://git.example/keptn/{project}.git", "https://git.example/keptn/a/b.git", nil),
            ("https://git.example/keptn/{project}.git", "https://git.example/other/shop.git", nil),
            ("https://git.example/keptn/{project}.git", "https://elsewhere.example/keptn/shop.git", nil),
            ("https://git.example/keptn/{project}.git", "https://git.example/keptn/..", nil),
            ("https://git.example/keptn/shop.git", "https://git.example/keptn/shop.git", nil),
            ("/mirror/{project}.git", "https://git.example/mirror/shop.git", nil),
        ]
    )
    func template(remote: String, address: String, project: String?) throws {
        let address = try #require(RepositoryAddress(address))
        #expect(ProjectTemplate(remote)?.project(at: address)?.text == project)
    }

    @Test("GIT_REMOTE read backwards for an address without a host")
    func templateWithoutHost() {
        let template = ProjectTemplate("https://b.example/ctx/scm/KEPTN/{project}.git")
        #expect(template?.project(at: RepositoryAddress(host: nil, path: "keptn/shop"))?.text == "shop")
        #expect(template?.project(at: RepositoryAddress(host: nil, path: "other/shop")) == nil)
        #expect(template?.project(at: RepositoryAddress(host: nil, path: "a/b/c/d/e/f")) == nil)
    }

    @Test("Projects that are known come first, then those of the configuration, then GIT_REMOTE")
    func order() throws {
        func name(_ text: String) throws -> PlainName { try #require(PlainName(text)) }
        var rules = WebhookRules()
        rules.template = "https://git.example/keptn/{project}.git"
        rules.configured = [
            try name("own"): "git@elsewhere.example:own.git", try name("twin"): "https://git.example/mono.git",
            try name("local"): "/mirror/local.git",
        ]
        let known = [
            try name("held"): "https://git.example/mono.git", try name("moved"): "https://git.example/keptn/old.git",
        ]
        let matcher = ProjectMatcher(rules, known: known)
        let rows: [(String, [String])] = [
            ("https://git.example/mono.git", ["held", "twin"]),
            ("https://git.example/keptn/new.git", ["new"]),
            // Not `old`: the project that has this repository is known.
            ("https://git.example/keptn/old.git", ["moved"]),
            ("ssh://git@elsewhere.example:22/own.git", ["own"]),
            // Their own sections name other remotes.
            ("https://git.example/keptn/own.git", []), ("https://git.example/keptn/local.git", []),
            ("https://git.example/other/new.git", []),
        ]
        for (text, projects) in rows {
            let address = try #require(RepositoryAddress(text))
            #expect(matcher.projects(at: [address]).map(\.text) == projects, "\(text)")
        }
    }
}
