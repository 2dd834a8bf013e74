import Curl
import Git
import Testing

@Suite struct RemoteURLTests {
    @Test(
        "An address is shown without its secrets",
        arguments: [
            ("https://git.example/keptn/shop.git", "https://git.example/keptn/shop.git"),
            ("https://git.example/keptn/shop.git/", "https://git.example/keptn/shop.git"),
            ("HTTPS://user:pa%20ss@git.example:8443/shop", "https://git.example:8443/shop"),
            ("http://token@[::1]:8080/x.git", "http://[::1]:8080/x.git"), ("file:///mirror/a%20b.git", "/mirror/a b.git"),
            ("file://localhost/mirror/x.git", "/mirror/x.git"), ("/mirror/x.git", "/mirror/x.git"),
            ("/odd:name/x", "/odd:name/x"),
        ]
    )
    func shown(text: String, description: String) throws {
        #expect(try RemoteURL(text).description == description)
    }

    @Test func userInformationIsTakenOut() throws {
        let credentials = try RemoteURL("https://user:pa%20ss@git.example/shop").credentials
        #expect(credentials == BasicCredentials(user: "user", password: "pa ss"))
        #expect(try RemoteURL("https://git.example/shop").credentials == nil)
    }

    @Test func aRelativePathBecomesAbsolute() throws {
        guard case .local(let path) = try RemoteURL("mirror/x.git").place else { return #expect(Bool(false)) }
        #expect(path.hasPrefix("/") && path.hasSuffix("/mirror/x.git"))
    }

    @Test(
        "What cannot be used is refused, and the secret in it not shown",
        arguments: [
            "", "-uhelper", "--upload-pack=touch /tmp/s3cret", "ext::sh -c s3cret", "ssh://git:s3cret@host/x", "git@host:s3cret",
            "git://host/s3cret", "ftp://u:s3cret@host/x", "https://host/s3cret\n", "https://", "https:///s3cret",
            "https://u:s3cret@/x", "https://host:99999/s3cret", "https://host/x?token=s3cret", "https://host/x#s3cret",
            "file://host/s3cret", "file:///a%zz/s3cret", "file:///a%00s3cret", "javascript:s3cret", "/a\u{0}s3cret",
            "https://host/" + String(repeating: "s3cret", count: 1_000),
        ]
    )
    func refused(text: String) {
        let error = #expect(throws: GitError.self) { try RemoteURL(text) }
        #expect(error?.failureClass == .unsupported)
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.description.isEmpty == false)
    }
}
