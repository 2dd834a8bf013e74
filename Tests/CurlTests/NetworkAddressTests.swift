import Curl
import Testing

@Suite struct NetworkAddressTests {
    @Test(
        "Addresses are read as the system writes them, and IPv4 in IPv6 is IPv4",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("FD00:EC2:0::254", "fd00:ec2::254"), ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::ffff:a00:1", "10.0.0.1"), ("fe80::1%eth0", "fe80::1"), ("", nil), ("127.1", nil), ("0177.0.0.1", nil),
            ("2130706433", nil), ("0x7f.0.0.1", nil), ("127.0.0.1.", nil), ("[::1]", nil), ("localhost", nil), ("1.2.3.256", nil),
        ]
    )
    func parsing(text: String, expected: String?) { #expect(NetworkAddress(text)?.description == expected) }

    @Test(
        "A network has the addresses that share its first bits",
        arguments: [
            ("10.1.2.3", "10.0.0.0", 8, true), ("11.1.2.3", "10.0.0.0", 8, false), ("10.1.2.3", "10.1.2.2", 31, true),
            ("10.1.2.4", "10.1.2.2", 31, false), ("1.2.3.4", "9.9.9.9", 0, true), ("1.2.3.4", "1.2.3.4", 32, true),
            ("1.2.3.5", "1.2.3.4", 32, false), ("172.31.255.255", "172.16.0.0", 12, true),
            ("172.32.0.0", "172.16.0.0", 12, false),
            ("febf::1", "fe80::", 10, true), ("fec0::1", "fe80::", 10, false), ("::ffff:10.0.0.1", "10.0.0.0", 8, true),
            ("10.0.0.1", "::", 0, false), ("::1", "0.0.0.0", 0, false), ("::1", "::1", 128, true),
        ]
    )
    func networks(address: String, network: String, prefix: Int, isWithin: Bool) throws {
        let (address, network) = (try #require(NetworkAddress(address)), try #require(NetworkAddress(network)))
        #expect(address.isWithin(network, prefix: prefix) == isWithin)
    }

    @Test(
        "What is sent to an address may arrive at another",
        arguments: [
            ("0.0.0.0", ["0.0.0.0", "127.0.0.1"]), ("::", ["::", "::1"]), ("127.0.0.1", ["127.0.0.1"]), ("::1", ["::1"]),
            ("64:ff9b::a9fe:a9fe", ["64:ff9b::a9fe:a9fe", "169.254.169.254"]),
            ("64:ff9b:1::10.0.0.1", ["64:ff9b:1::a00:1", "10.0.0.1", "0.0.0.10"]),
            (
                "64:ff9b:1:a9fe:a9:fe00::",
                ["64:ff9b:1:a9fe:a9:fe00::", "0.0.0.0", "127.0.0.1", "169.254.0.0", "254.169.254.0", "169.254.169.254"]
            ),
            (
                "64:ff9b:1:a9:fe:a9fe::",
                ["64:ff9b:1:a9:fe:a9fe::", "0.0.0.0", "127.0.0.1", "254.169.254.0", "169.254.169.254", "0.169.254.169"]
            ),
            (
                "64:ff9b:1:0:a9:fea9:fe00:0",
                ["64:ff9b:1:0:a9:fea9:fe00:0", "254.0.0.0", "169.254.169.254", "0.169.254.169", "0.0.169.254"]
            ),
            ("2002:7f00:1::", ["2002:7f00:1::", "127.0.0.1"]),
            ("::10.0.0.1", ["::10.0.0.1", "10.0.0.1"]), ("::ffff:0:10.0.0.1", ["::ffff:0:10.0.0.1", "10.0.0.1"]),
            ("64:ff9b::", ["64:ff9b::", "0.0.0.0", "127.0.0.1"]), ("2001:db8::1", ["2001:db8::1"]),
        ]
    )
    func destinations(address: String, expected: [String]) throws {
        let expected = try expected.map { try #require(NetworkAddress($0)) }
        #expect(NetworkAddress(address)?.destinations == expected)
    }
}
