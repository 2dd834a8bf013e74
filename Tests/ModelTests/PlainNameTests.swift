import Model
import Testing

@Suite struct PlainNameTests {
    @Test(
        "Plain names are taken as they are",
        arguments: ["sockshop", "carts-db", "Größe", "a.b", "-x", "with space", ".hidden"]
    )
    func plain(text: String) {
        #expect(PlainName(text)?.text == text)
    }

    @Test(
        "Names that could leave their folder are refused",
        arguments: ["", ".", "..", "../x", "a/b", "/", "a..b", "a\0b", "a\nb", "\u{7F}", String(repeating: "x", count: 256)]
    )
    func refused(text: String) {
        #expect(PlainName(text) == nil)
    }
}
