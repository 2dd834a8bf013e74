import Basics
import Glibc
import Testing

@testable import Curl

@Suite struct NameLookupTests {
    @Test("A name that nobody has heard of has no address; one that cannot be asked about may have any")
    func errors() {
        // EAI_NODATA is -5 in glibc.
        for code in [EAI_NONAME, -5] { #expect(NameLookup.saysNone(code)) }
        for code in [EAI_AGAIN, EAI_FAIL, EAI_MEMORY, EAI_SYSTEM, EAI_FAMILY, EAI_SERVICE] { #expect(!NameLookup.saysNone(code)) }
    }

    @Test("Names and addresses are looked up", arguments: [("127.0.0.1", true), ("localhost", true), ("a..invalid", false)])
    func names(name: String, hasAddress: Bool) async throws {
        #expect(try await NameLookup().addresses(of: name, until: .after(.seconds(50))).isEmpty != hasAddress)
    }
}
