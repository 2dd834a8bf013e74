import Basics
import Curl
import Synchronization
import TestSupport
import Testing

/// Requests that may not go everywhere, against real servers on loopback.
@Suite(.timeLimit(.minutes(3))) struct DestinationTests {
    let client = HTTPClient()
    let server: PythonServer

    init() throws { server = try TestServer.plain.get() }

    private static let notLoopback: HTTPRequest.DestinationCheck = { destination in
        guard case .address(let address) = destination.resolution, let loopback = NetworkAddress("127.0.0.0") else { return nil }
        return address.destinations.contains { $0.isWithin(loopback, prefix: 8) } ? "\(address) is loopback" : nil
    }

    private func send(
        _ url: String,
        proxy: HTTPRequest.Proxy = .none,
        redirects: Int = 0,
        _ check: HTTPRequest.DestinationCheck? = Self.notLoopback
    ) async throws -> HTTPResponse {
        var request = HTTPRequest("GET", url)
        request.proxy = proxy
        request.maximumRedirects = redirects
        request.destinationCheck = check
        return try await client.send(request, deadline: .after(.seconds(50)))
    }

    private func seen(_ path: String) async throws -> Int {
        let response = try await send(server.url("/seen?path=\(path)"), nil)
        return try #require(Int(String(decoding: response.body, as: UTF8.self)))
    }

    @Test(
        "However an address is written, what is checked is the address that is connected to",
        arguments: [
            "127.0.0.1", "127.0.0.2", "2130706433", "0177.0.0.1", "017700000001", "0x7f.0.0.1", "0x7F000001", "127.1", "127.0.1",
            "0.0.0.0", "0", "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]", "localhost", "LocalHost", "%6cocalhost",
            "good.example@127.0.0.1", "good.example:80@127.0.0.1", "good.example%2F@127.0.0.1",
            "\u{FF11}27.0.0.1", "127\u{3002}0\u{3002}0\u{3002}1", "\u{24DB}ocalhost",
        ]
    )
    func spellings(host: String) async throws {
        let path = "/echo/" + host.utf8.map { "\($0)" }.joined(separator: "-")
        let url = "http://\(host):\(server.port)\(path)"
        // Only a spelling that gets there without the check shows that the check holds it back. The server has one address.
        let isReachable = host != "127.0.0.2"
        if isReachable { #expect(try await send(url, nil).status == 200, "the test's own spelling") }
        let before = try await seen(path)
        let error = await expectError(.destination) { try await send(url) }
        #expect(error?.description.contains(" is loopback") == true)
        #expect(try await seen(path) == before)
        #expect(before == (isReachable ? 1 : 0))
    }

    @Test(
        "These never arrive either",
        arguments: [
            "127.0.0.1.", "localhost.", "127.0.0.1%00.example", "127.0.0.1\\@good.example", "localhost\u{3002}",
            "[::ffff:127.0.0.1%25lo]",
        ]
    )
    func oddities(host: String) async throws {
        await #expect(throws: HTTPClientError.self) { try await send("http://\(host):\(server.port)/echo/oddities") }
        #expect(try await seen("/echo/oddities") == 0)
    }

    @Test func aConnectionThatSomebodyElseMadeIsCheckedToo() async throws {
        let url = server.url("/connection")
        let first = try await send(url, nil).body
        await expectError(.destination) { try await send(url) }
        // The same connection serves those who may use it.
        let client = HTTPClient()
        var request = HTTPRequest("GET", url)
        request.proxy = .none
        let plain = try await client.send(request, deadline: .after(.seconds(50))).body
        request.destinationCheck = { _ in nil }
        let checked = try await client.send(request, deadline: .after(.seconds(50))).body
        #expect(plain == checked)
        #expect(first != plain)
    }

    @Test func eachRedirectIsChecked() async throws {
        let other = try TestServer.start()
        let check: HTTPRequest.DestinationCheck = { [port = other.port] in $0.port == port ? "port \(port) is closed" : nil }
        let location = "/redirect?to=" + other.url("/echo/redirected")
        #expect(try await send(server.url(location), redirects: 2, nil).status == 200)
        let error = await expectError(.destination) { try await send(server.url(location), redirects: 2, check) }
        #expect(error?.description == "GET \(other.url("/echo/redirected")) failed: port \(other.port) is closed")
        let response = try await send(other.url("/seen?path=/echo/redirected"), nil)
        #expect(response.body == Array("1".utf8))
    }

    @Test func aRefusedAddressDoesNotSpoilTheOthersOfItsName() async throws {
        // localhost is ::1 as well on most machines, where our server is not.
        let check: HTTPRequest.DestinationCheck = { $0.resolution == NetworkAddress("::1").map { .address($0) } ? "no" : nil }
        #expect(try await send("http://localhost:\(server.port)/echo", check).status == 200)
    }

    @Test func nothingIsLookedUpForANameThatIsRefused() async throws {
        let asked = Asked()
        let error = await expectError(.destination) {
            try await send("http://Secret.Does-Not-Exist.invalid./") { asked.note($0, "no") }
        }
        #expect(error?.description.hasSuffix(" failed: no") == true)
        #expect(asked.all == [Destination(host: "secret.does-not-exist.invalid", port: 80, .pending)])
    }

    @Test("Other letters are compared in the form that is looked up", arguments: ["b\u{FC}cher.invalid", "B\u{DC}CHER.invalid"])
    func internationalNames(host: String) async throws {
        let asked = Asked()
        await expectError(.destination) { try await send("http://\(host)/") { asked.note($0, "no") } }
        #expect(asked.all.map(\.host) == ["xn--bcher-kva.invalid"])
    }

    @Test(
        "No letter of a host's name becomes the end of it",
        arguments: [
            "127.0.0.1\u{FF0F}.good.example", "127.0.0.1\u{FF03}.example", "a\u{FF20}127.0.0.1", "127.0.0.1\u{2100}.example",
        ]
    )
    func hostSplitting(host: String) async throws {
        await expectError(.invalidURL) { try await send("http://\(host)/", nil) }
    }

    // MARK: Proxies

    @Test func throughAProxyTheNamesAddressesAreChecked() async throws {
        let proxy = HTTPRequest.Proxy.url(server.url("/"))
        let url = "http://localhost:1/echo/proxied"
        #expect(try await send(url, proxy: proxy, nil).status == 200)
        let before = try await seen("/echo/proxied")
        await expectError(.destination) { try await send(url, proxy: proxy) }
        await expectError(.destination) { try await send("http://2130706433:1/echo/proxied", proxy: proxy) }
        await expectError(.destination) { try await send("http://127.0.0.1.:1/echo/proxied", proxy: proxy) }
        #expect(try await seen("/echo/proxied") == before)
    }

    @Test func theProxyItselfIsNotAskedAbout() async throws {
        let asked = Asked()
        let proxy = HTTPRequest.Proxy.url(server.url("/"))
        for host in ["does-not-exist.invalid", "192.0.2.9"] {
            #expect(try await send("http://\(host)/x", proxy: proxy) { asked.note($0, nil) }.status == 200)
        }
        let address = try #require(NetworkAddress("192.0.2.9"))
        #expect(
            asked.all == [
                Destination(host: "does-not-exist.invalid", port: 80, .pending),
                Destination(host: "does-not-exist.invalid", port: 80, .none),
                Destination(host: "192.0.2.9", port: 80, .pending),
                Destination(host: "192.0.2.9", port: 80, .address(address)),
            ]
        )
    }
}

/// Keeps what a check is asked.
private final class Asked: Sendable {
    private let destinations = Mutex<[Destination]>([])
    var all: [Destination] { destinations.withLock { $0 } }

    func note(_ destination: Destination, _ answer: String?) -> String? {
        destinations.withLock { $0.append(destination) }
        return answer
    }
}
