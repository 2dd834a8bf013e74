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
            ("/odd:name/x", "/odd:name/x"), ("ssh://git:pw@host/keptn/shop.git", "ssh://git@host/keptn/shop.git"),
            ("ssh://host:2222/~/shop.git", "ssh://host:2222/~/shop.git"),
            ("git+ssh://u@[::1]:22/~bob/x", "ssh://u@[::1]:22/~bob/x"),
            ("git@host:keptn/shop.git", "ssh://git@host/~/keptn/shop.git"), ("git@[::1]:/srv/x", "ssh://git@[::1]/srv/x"),
            ("git://host/a%20b.git", "git://host/a b.git"), ("git://[fe80::1]:9419/x", "git://[fe80::1]:9419/x"),
        ]
    )
    func shown(text: String, description: String) throws {
        #expect(try RemoteURL(text).description == description)
    }

    @Test(
        "What ssh gets of an address",
        arguments: [
            ("ssh://git@host:2222/srv/x.git", "git", "host", 2222, "/srv/x.git"),
            ("ssh://host/~/x.git", nil, "host", nil, "x.git"),
            ("ssh://host/~bob/x", nil, "host", nil, "~bob/x"), ("git@host:a/b c.git", "git", "host", nil, "a/b c.git"),
            ("git@[::1]:/srv/x", "git", "::1", nil, "/srv/x"), ("ssh://git@host/it's%20x", "git", "host", nil, "/it's x"),
        ]
    )
    func ssh(text: String, user: String?, host: String, port: Int?, path: String) throws {
        guard case .ssh(let address) = try RemoteURL(text).place else { return #expect(Bool(false)) }
        #expect(address.user == user && address.host == host && address.port == port && address.path == path)
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
            "", "-uhelper", "--upload-pack=touch /tmp/s3cret", "ext::sh -c s3cret", "ssh://git:s3cret@-host/x",
            "git@host:-s3cret",
            "ssh://-oProxyCommand=s3cret/x", "ssh://-l@host/s3cret", "ssh://git:s3cret@host/", "ssh://git:s3cret@host",
            "ssh://host:x/s3cret", "ssh://host/s3cret%0a", "ssh://u s3cret@host/x", "git@-oProxyCommand=s3cret:x",
            "git@ho st:s3cret",
            "git://u:s3cret@host/x", "git://host/", "git://host:0/s3cret", "git://host/%zz/s3cret", "git@host:", "host:s3cret",
            "ftp://u:s3cret@host/x", "https://host/s3cret\n", "https://", "https:///s3cret",
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
