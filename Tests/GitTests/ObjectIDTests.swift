import Git
import Testing

@Suite struct ObjectIDTests {
    @Test func fortyDigitsMakeAnID() throws {
        let text = "0123456789abcdef0123456789ABCDEF00000001"
        let id = try #require(ObjectID(hex: text))
        #expect(id.description == text.lowercased())
        #expect(id.abbreviated == "0123456789ab")
    }

    @Test(
        "Anything else does not",
        arguments: [
            "", "0", String(repeating: "a", count: 39), String(repeating: "a", count: 41), String(repeating: "g", count: 40),
        ]
    )
    func refused(text: String) { #expect(ObjectID(hex: text) == nil) }
}
