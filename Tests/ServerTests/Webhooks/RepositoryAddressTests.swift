import Testing

@testable import Server

@Suite struct RepositoryAddressTests {
    @Test(
        "Every way to a repository has one address",
        arguments: [
            "https://git.example/keptn/shop.git", "https://git.example/keptn/shop", "https://git.example/keptn/shop/",
            "HTTPS://GIT.example/keptn/shop.git/", "https://user:p%40ss@git.example:8443/keptn/shop.git",
            "https://git.example//keptn/shop.git", "http://git.example/keptn/shop?tab=readme#top",
            "git://git.example/keptn/shop.git",
            "ssh://git@git.example/keptn/shop.git", "ssh://git@git.example:7999/keptn/shop.git", "git@git.example:keptn/shop.git",
            "git@GIT.EXAMPLE:/keptn/shop", "git.example:keptn/shop.git",
        ]
    )
    func ways(text: String) {
        #expect(RepositoryAddress(text) == RepositoryAddress(host: "git.example", path: "keptn/shop"))
    }

    @Test("Addresses of the protocol IPv6, and of one part")
    func others() {
        #expect(RepositoryAddress("ssh://git@[2001:DB8::1]:22/a.git") == RepositoryAddress(host: "2001:db8::1", path: "a"))
        #expect(RepositoryAddress("https://h/a.git.git") == RepositoryAddress(host: "h", path: "a.git"))
    }

    @Test(
        "What names no host and path is no address",
        arguments: [
            "", "/srv/git/shop.git", "./shop", "shop", "file:///srv/shop.git", "ftp://h/a", "https://", "https://h", "https://h/",
            "https:///a", "https://h/.git", ":a", "user@:a", "h:", "https://h/a\n", "h:\u{0}a",
            "https://h/" + String(repeating: "a", count: 5_000),
        ]
    )
    func refused(text: String) {
        #expect(RepositoryAddress(text) == nil)
    }

    @Test("Paths are the same whatever their case; without a host, the end of the path counts")
    func same() {
        let shop = RepositoryAddress(host: "h", path: "scm/keptn/shop")
        let rows: [(RepositoryAddress, Bool)] = [
            (shop, true), (RepositoryAddress(host: "h", path: "SCM/Keptn/Shop"), true),
            (RepositoryAddress(host: "i", path: "scm/keptn/shop"), false),
            (RepositoryAddress(host: "h", path: "keptn/shop"), false),
            (RepositoryAddress(host: nil, path: "keptn/shop"), true),
            (RepositoryAddress(host: nil, path: "ptn/shop"), false),
            (RepositoryAddress(host: nil, path: "x/scm/keptn/shop"), false),
        ]
        for (other, isSame) in rows {
            #expect(shop.isSame(as: other) == isSame, "\(other)")
            #expect(other.isSame(as: shop) == isSame, "\(other)")
        }
    }
}
