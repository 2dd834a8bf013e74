import Curl
import TestSupport
import Testing

@testable import Executor

/// What `HTTP_ALLOW` and `HTTP_DENY` mean.
@Suite struct DestinationRulesTests {
    private func patterns(_ list: String) throws -> [DestinationPattern] {
        try list.split(separator: ",").map { try #require(DestinationPattern(String($0)), "\($0)") }
    }

    @Test(
        "What an entry may be",
        arguments: [
            "*", "*:8080", "example.com", "EXAMPLE.com.", "*.example.com:443", "localhost", "a_b.c-d", "10.0.0.1", "10.0.0.1:80",
            "10.0.0.0/8", "10.0.0.0/8:443", "0.0.0.0/0", "::1", "[::1]", "[::1]:80", "fd00::/8", "[fd00::/8]:80", "::/0",
            "::ffff:10.0.0.0/104", "b\u{FC}cher.example", "example.*", "1-2.example", "a1", "127.0.0.1.example",
        ]
    )
    func entries(text: String) { #expect(DestinationPattern(text) != nil) }

    @Test(
        "What it may not be: what would never match what it seems to name",
        arguments: [
            "", ".", "a..b", ".example.com", "10.*", "*.*.1.1", "127.1", "0177.0.0.1", "2130706433", "0x7f.1", "10.0.0.0/33",
            "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/x", "example.com/8", "http://example.com", "example.com:0", "example.com:65536",
            "example.com:", "example.com:x", "[example.com]:1", "[::1", "[10.0.0.1]", "fe80::1%eth0", "a b", "me@example.com",
            "a,b",
            "::/129", "::ffff:10.0.0.0/8", "1.2.3.256",
        ]
    )
    func noEntries(text: String) { #expect(DestinationPattern(text) == nil) }

    /// Neither a crash nor a hang, and no address is taken for a name, which would never match it.
    @Test("Mutated entries", arguments: [UInt64(1), 2, 3])
    func fuzz(seed: UInt64) {
        var fuzzer = Fuzzer(seed: seed)
        let valid = ["*.example.com:443", "10.0.0.0/8:80", "[fd00::/8]:80", "::ffff:10.0.0.0/104", "b\u{FC}cher.example"]
        for _ in 0..<3000 {
            let entry = valid.randomElement(using: &fuzzer) ?? ""
            let bytes = fuzzer.mutate(Array(entry.utf8), tokens: ["::", "/", "]:", "[", "%", "*", ".", "255", "\0", "\u{FC}"])
            let text = String(decoding: bytes, as: UTF8.self)
            guard let pattern = DestinationPattern(text), !pattern.needsAddress else { continue }
            #expect(NetworkAddress(text) == nil, "seed \(seed): \(text)")
        }
    }

    @Test(
        "Deny wins over allow; allowed is what is named by name or by address",
        arguments: [
            // allow, deny, host, port, address, whether it may go there
            ("*", "", "a.example", 80, "10.0.0.1", true),
            ("*", "a.example", "a.example", 80, "10.0.0.1", false),
            ("*", "*.example", "a.example", 80, "10.0.0.1", false),
            ("*", "*.example", "example", 80, "10.0.0.1", true),
            ("*", "A.EXAMPLE:81", "a.example", 80, "10.0.0.1", true),
            ("*", "A.EXAMPLE:81", "a.example", 81, "10.0.0.1", false),
            ("*", "10.0.0.0/8", "a.example", 80, "10.9.9.9", false),
            ("*", "10.0.0.0/8:443", "a.example", 80, "10.9.9.9", true),
            ("*", "10.0.0.0/8", "a.example", 80, "::ffff:10.0.0.1", false),
            ("*", "::ffff:10.0.0.0/104", "a.example", 80, "10.0.0.1", false),
            ("*", "10.0.0.0/8", "a.example", 80, "64:ff9b::10.0.0.1", false),
            ("*", "10.0.0.0/8", "a.example", 80, "2002:a00:1::1", false),
            ("*", "127.0.0.0/8", "a.example", 80, "0.0.0.0", false),
            ("*", "::1", "a.example", 80, "::", false),
            ("*", "127.0.0.1", "a.example", 80, "127.0.0.2", true),
            ("*", "0.0.0.0/0,::/0", "a.example", 80, "2001:db8::1", false),
            ("*", "*", "a.example", 80, "10.0.0.1", false),
            ("*", "b\u{FC}cher.example", "xn--bcher-kva.example", 80, "10.0.0.1", false),
            ("a.example", "", "a.example", 80, "10.0.0.1", true),
            ("a.example", "", "b.example", 80, "10.0.0.1", false),
            ("a.example", "", "10.0.0.1", 80, "10.0.0.1", false),
            ("10.0.0.0/8", "", "b.example", 80, "10.0.0.1", true),
            ("10.0.0.0/8", "", "b.example", 80, "11.0.0.1", false),
            // Where a gateway would take it is no reason to allow it.
            ("10.0.0.0/8", "", "b.example", 80, "2002:a00:1::1", false),
            ("a.example,10.0.0.0/8", "10.0.0.1", "a.example", 80, "10.0.0.1", false),
            ("a.example:443", "", "a.example", 80, "10.0.0.1", false),
            ("", "", "a.example", 80, "10.0.0.1", false),
        ]
    )
    func rules(allow: String, deny: String, host: String, port: Int, address: String, may: Bool) throws {
        let rules = DestinationRules(allow: try patterns(allow), deny: try patterns(deny))
        let destination = Destination(host: host, port: port, .address(try #require(NetworkAddress(address))))
        #expect((rules.refusal(of: destination) == nil) == may)
    }

    @Test(
        "Before a name is looked up it is refused only if no address could change that; a name without an address has to be allowed",
        arguments: [
            ("*", "", true, true), ("*", "a.example", false, false), ("*", "10.0.0.0/8", true, true),
            ("b.example", "", false, false),
            ("b.example,10.0.0.0/8", "", true, false), ("a.*", "", true, true),
        ]
    )
    func names(allow: String, deny: String, pending: Bool, withoutAddress: Bool) throws {
        let rules = DestinationRules(allow: try patterns(allow), deny: try patterns(deny))
        #expect((rules.refusal(of: Destination(host: "a.example", port: 80, .pending)) == nil) == pending)
        #expect((rules.refusal(of: Destination(host: "a.example", port: 80, .none)) == nil) == withoutAddress)
    }

    @Test(
        "A refusal names the entry, the place and the remedy",
        arguments: [
            (
                "*", "169.254.0.0/16", "m.example", "169.254.169.254",
                "HTTP_DENY (169.254.0.0/16) does not allow requests to 169.254.169.254, which m.example resolves to"
            ),
            ("*", "127.0.0.1:80", "127.0.0.1", "127.0.0.1", "HTTP_DENY (127.0.0.1:80) does not allow requests to 127.0.0.1:80"),
            ("*", "[::1]:80", "::1", "::1", "HTTP_DENY ([::1]:80) does not allow requests to [::1]:80"),
            ("a.example", "", "m.example", "10.0.0.1", "HTTP_ALLOW does not name 10.0.0.1, which m.example resolves to"),
        ]
    )
    func sentences(allow: String, deny: String, host: String, address: String, sentence: String) throws {
        let rules = DestinationRules(allow: try patterns(allow), deny: try patterns(deny))
        let destination = Destination(host: host, port: 80, .address(try #require(NetworkAddress(address))))
        #expect(rules.refusal(of: destination) == "\(sentence); change HTTP_ALLOW or HTTP_DENY")
    }

    @Test("The metadata services are entries, and denied however they are reached")
    func metadata() throws {
        let rules = DestinationRules(deny: try patterns(DestinationRules.metadataServices.joined(separator: ",")))
        for address in [
            "169.254.169.254", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::", "fd00:ec2::254",
            "168.63.129.16", "100.100.100.200",
        ] {
            let destination = Destination(host: "innocent.example", port: 80, .address(try #require(NetworkAddress(address))))
            #expect(rules.refusal(of: destination) != nil, "\(address)")
        }
        #expect(rules.refusal(of: Destination(host: "metadata.google.internal", port: 80, .pending)) != nil)
    }

    @Test(
        "The service's own port is closed at every address of this machine, and only there",
        arguments: [
            ("127.0.0.1", 4711, false), ("127.9.9.9", 4711, false), ("::1", 4711, false), ("0.0.0.0", 4711, false),
            ("::", 4711, false),
            ("::ffff:127.0.0.1", 4711, false), ("64:ff9b::127.0.0.1", 4711, false), ("127.0.0.1", 4712, true),
            ("192.0.2.77", 4711, true),
            ("2001:db8::77", 4711, true),
        ]
    )
    func ownPort(address: String, port: Int, may: Bool) throws {
        let ports = OwnPorts()
        ports.insert(4711)
        let destination = Destination(host: "h.example", port: port, .address(try #require(NetworkAddress(address))))
        #expect((ports.refusal(of: destination) == nil) == may)
    }
}
