import TestSupport
import Testing

@testable import Curl

@Suite struct ProxyTests {
    @Test(
        "The environment's proxies count as libcurl counts them",
        arguments: [
            ("http://h/", [:], nil), ("http://h/", ["http_proxy": "p:1"], "p:1"), ("http://h/", ["HTTP_PROXY": "p:1"], nil),
            ("https://h/", ["http_proxy": "p:1"], nil), ("https://h/", ["https_proxy": "p:1", "HTTPS_PROXY": "q:1"], "p:1"),
            ("https://h/", ["HTTPS_PROXY": "p:1"], "p:1"), ("https://h/", ["HTTPS_PROXY": "", "ALL_PROXY": "p:1"], "p:1"),
            ("http://h/", ["all_proxy": "p:1"], "p:1"), ("http://h/", ["all_proxy": "p:1", "http_proxy": "q:1"], "q:1"),
        ] as [(String, [String: String], String?)]
    )
    func environment(url: String, variables: [String: String], proxy: String?) throws {
        let settled = HTTPRequest.Proxy.system.settled(for: try HTTPURL(url)) { variables[$0] }
        #expect(settled == (proxy.map(HTTPRequest.Proxy.url) ?? HTTPRequest.Proxy.none))
    }

    @Test(
        "NO_PROXY",
        arguments: [
            ("http://a.example/", "*", true), ("http://a.example/", "a.example", true), ("http://a.example/", ".example", true),
            ("http://a.example/", "example", true), ("http://a.example/", "ple", false),
            ("http://A.Example./", "x, a.EXAMPLE.", true),
            ("http://a.example/", "b.a.example", false), ("http://10.1.2.3/", "10.0.0.0/8", true),
            ("http://10.1.2.3/", "10.1.2.3", true), ("http://10.1.2.3/", "10.1.2.4", false), ("http://10.1.2.3/", "2.3", false),
            ("http://10.1.2.3/", "10.1.2.3/x", false), ("http://[::1]:8/", "::1", true), ("http://[::1]/", "[::1]", true),
            ("http://[fd00::1]/", "fd00::/8", true), ("http://a.example/", "", false), ("http://a.example/", ". ,", false),
        ]
    )
    func exceptions(url: String, list: String, isExcepted: Bool) throws {
        let environment = ["NO_PROXY": list]
        let settled = HTTPRequest.Proxy.url("p:1").settled(for: try HTTPURL(url)) { environment[$0] }
        #expect(settled == (isExcepted ? HTTPRequest.Proxy.none : .url("p:1")))
    }

    @Test("The request that wants no proxy gets none") func none() throws {
        #expect(HTTPRequest.Proxy.none.settled(for: try HTTPURL("http://h/")) { _ in "p:1" } == HTTPRequest.Proxy.none)
    }
}
