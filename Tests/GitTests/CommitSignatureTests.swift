import Git
import Testing

struct CommitSignatureTests {
    private static let header = """
        tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
        parent 1111111111111111111111111111111111111111
        author A <a@example.org> 1600000000 +0000
        committer C D <c@example.org> 1600000001 +0200

        """
    private static let body = "\nsubject\n\nbody\n"
    private static let signature = "gpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----\n"

    private static func signature(_ commit: String) -> CommitSignature? { CommitSignature(in: Array(commit.utf8)) }

    @Test func theSignatureIsTakenOutOfTheHeader() throws {
        for (before, after) in [("", ""), ("", "encoding latin1\n"), ("mergetag object\n tree\n  \n", "x y\n z\n")] {
            let unsigned = Self.header + before + after + Self.body
            let found = try #require(Self.signature(Self.header + before + Self.signature + after + Self.body))
            #expect(found.kind == .ssh && found.committed == 1_600_000_001)
            #expect(
                String(decoding: found.text, as: UTF8.self)
                    == "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"
            )
            #expect(String(decoding: found.signedBytes, as: UTF8.self) == unsigned)
        }
    }

    @Test(
        "What is not a signature in the header is none",
        arguments: [
            "", "\n", "tree", header + body, header + "gpgsignature x\n" + body, header + body + signature, header,
            header + "x y\n gpgsig -----BEGIN SSH SIGNATURE-----\n" + body,
            header + "gpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n AAAA\n" + body,
        ]
    )
    func unsigned(commit: String) { #expect(Self.signature(commit) == nil) }

    @Test(
        "Kinds of signature",
        arguments: [
            ("-----BEGIN PGP SIGNATURE-----", CommitSignature.Kind.openPGP), ("-----BEGIN SIGNED MESSAGE-----", .x509),
            ("-----BEGIN PGP MESSAGE-----", .unknown), ("", .unknown), (" -----BEGIN SSH SIGNATURE-----", .unknown),
            ("-----BEGIN SSH SIGNATURE-----", .ssh), ("x\n" + signature.dropLast(), .several),
        ]
    )
    func kinds(text: String, kind: CommitSignature.Kind) {
        #expect(Self.signature(Self.header + "gpgsig \(text)\n" + Self.body)?.kind == kind)
    }

    @Test func aNULEndsNothing() throws {
        let found = try #require(Self.signature(Self.header + Self.signature + Self.body + "\0evil"))
        #expect(String(decoding: found.signedBytes, as: UTF8.self) == Self.header + Self.body + "\0evil")
    }

    @Test func cutShort() throws {
        let whole = Array((Self.header + Self.signature).utf8)
        for length in 0...whole.count { _ = CommitSignature(in: Array(whole[..<length])) }
        let found = try #require(CommitSignature(in: whole.dropLast()))
        #expect(found.text.last == UInt8(ascii: "\n") && String(decoding: found.signedBytes, as: UTF8.self) == Self.header)
    }

    @Test("A time that no machine can hold is none", arguments: ["99999999999999999999", "-", "x"])
    func time(seconds: String) {
        let commit = "committer C <c@example.org> \(seconds) +0000\n" + Self.signature + Self.body
        #expect(Self.signature(commit)?.committed == nil)
    }
}
