import Testing

@testable import RepoCache

/// What the programs say, and what is made of it.
struct SignatureReadingTests {
    private static func gpgv(_ lines: String..., isSuccess: Bool = true) -> String? {
        let output = lines.map { "[GNUPG:] \($0)\n" }.joined()
        let report = SignatureProgram.Report(isSuccess: isSuccess, output: output, errors: "gpgv: first\ngpgv: la\u{1B}st\n")
        return OpenPGPSignatureCheck.refusal(report, keyring: "RING")
    }

    private static let good = "GOODSIG 5B27 Good <good@example.org>"
    private static let valid = "VALIDSIG DA7E 2026-11-24 1795499961 0 4 0 22 8 00 DA7E"

    @Test func aGoodSignature() {
        #expect(Self.gpgv("NEWSIG x", Self.good, Self.valid) == nil)
        #expect(Self.gpgv(Self.good, Self.valid.replacing(" 00 ", with: " 01 ")) == nil)
    }

    @Test("All of it must be said, and nothing against it")
    func notGood() {
        let cases: [(String?, String)] = [
            (Self.gpgv(), "(gpgv: la?st)"), (Self.gpgv(Self.good), "cannot be checked"),
            (Self.gpgv(Self.valid), "cannot be checked"),
            (Self.gpgv(Self.good, Self.valid, isSuccess: false), "cannot be checked"),
            (Self.gpgv(Self.good, "VALIDSIG DA7E"), "not one of a document"),
            (Self.gpgv(Self.good, Self.valid.replacing(" 00 ", with: " 10 ")), "not one of a document"),
            (Self.gpgv("NEWSIG", Self.good, Self.valid, "NEWSIG", Self.good, Self.valid), "more than one signature"),
            (Self.gpgv("REVKEYSIG 5B27 Good", Self.valid), "by Good (key 5B27), and that key was revoked"),
            (Self.gpgv("EXPKEYSIG 5B27 Good", Self.valid), "and that key has expired; put the renewed key into RING"),
            (Self.gpgv("EXPSIG 5B27 Good", Self.valid), "and that signature has expired"),
            (Self.gpgv("BADSIG 5B27 Good"), "its signature by Good (key 5B27) is not one of this commit"),
            (Self.gpgv("ERRSIG 5B27 22 8 00 1 9", "NO_PUBKEY 5B27"), "it is signed by key 5B27, which is not in RING"),
            (Self.gpgv("ERRSIG 5B27 22 8 00 1 4", Self.good, Self.valid), "cannot be checked"),
            (Self.gpgv("NODATA 2"), "cannot be checked"),
        ]
        for (sentence, part) in cases { #expect(sentence?.contains(part) == true, "\(sentence ?? "accepted")") }
    }

    @Test("Only lines for programs count")
    func others() {
        let report = SignatureProgram.Report(isSuccess: true, output: "\(Self.good)\n [GNUPG:] \(Self.valid)\n", errors: "")
        #expect(OpenPGPSignatureCheck.refusal(report, keyring: "RING")?.contains("gpgv does not say why") == true)
    }

    @Test(
        "The time as ssh-keygen takes it",
        arguments: [
            (0, "19700101000000"), (951_782_400, "20000229000000"), (1_700_000_000, "20231114221320"),
            (253_402_300_799, "99991231235959"),
        ]
    )
    func time(seconds: Int, digits: String) { #expect(SSHSignatureCheck.time(seconds) == ["-Overify-time=\(digits)Z"]) }

    @Test("No time, no option", arguments: [nil, -1, 253_402_300_800, Int.max, Int.min])
    func noTime(seconds: Int?) { #expect(SSHSignatureCheck.time(seconds) == []) }

    // MARK: Keyrings

    /// Three bytes of a key, 0x98 first.
    private static let block =
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\nmAED\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"

    @Test func armoredKeyrings() {
        let windows = "of Anna:  \n" + Self.block.replacing("\n", with: " \r\n")
        for (text, bytes) in [
            (Self.block, [0x98, 1, 3]), (Self.block + "\n" + Self.block, [0x98, 1, 3, 0x98, 1, 3]), (windows, [0x98, 1, 3]),
        ] as [(String, [UInt8])] {
            #expect(OpenPGPKeyring.binary(Array(text.utf8)) == bytes)
        }
    }

    @Test func binaryKeyringsStayAsTheyAre() {
        for bytes in [[0x98, 1, 2], [0, 0, 0, 32, 1, 1, 0, 2] + Array("KBXf".utf8)] as [[UInt8]] {
            #expect(OpenPGPKeyring.binary(bytes) == bytes)
        }
    }

    @Test(
        "What is no keyring",
        arguments: [
            "", "x", block.replacing("PUBLIC", with: "PRIVATE"), block.replacing("mAED", with: "AAAA"),
            block.replacing("mAED", with: "mAE"), block.replacing("\n\n", with: "\n"), String(block.dropLast(10)),
        ]
    )
    func noKeyring(text: String) { #expect(OpenPGPKeyring.binary(Array(text.utf8)) == nil) }
}
