import TestSupport
import Testing

@testable import Git

private func bytes(_ packets: Packet...) -> [UInt8] { packets.flatMap(\.encoded) }

private let one = String(repeating: "1", count: 40)
private let two = String(repeating: "2", count: 40)
private let advertisement = bytes(
    .line("# service=git-upload-pack"),
    .flush,
    .line("version 2"),
    .line("agent=git/2.39.5"),
    .line("ls-refs=unborn"),
    .line("fetch=shallow wait-for-done filter"),
    .line("object-format=sha1"),
    .flush
)

@Suite struct ServerAdvertisementTests {
    @Test func theCapabilitiesOfVersionTwoAreRead() throws {
        let server = try ServerAdvertisement(advertisement)
        #expect(server.offers("filter", for: "fetch"))
        #expect(server.offers("unborn", for: "ls-refs"))
        #expect(!server.offers("sideband-all", for: "fetch"))
        #expect(!server.offers("x", for: "bundle-uri"))
    }

    @Test(
        "What is no server of version 2 is refused with its class",
        arguments: [
            (bytes(.line("\(one) HEAD\0multi_ack symref=HEAD:refs/heads/main"), .flush), GitError.FailureClass.unsupported),
            (bytes(.line("# service=git-upload-pack"), .flush, .line("version 1"), .flush), .unsupported),
            (bytes(.line("# service=git-upload-pack"), .flush, .flush), .unsupported),
            (
                bytes(.line("version 2"), .line("ls-refs"), .line("fetch=shallow"), .line("object-format=sha256"), .flush),
                .unsupported
            ),
            (bytes(.line("version 2"), .line("agent=x"), .flush), .protocol),
            (bytes(.line("ERR access denied or repository not exported: /x")), .auth),
            (bytes(.line("# service=git-upload-pack"), .flush, .line("ERR Repository not found."), .flush), .notFound),
            (Array("<html>".utf8), .protocol), ([], .protocol), (Array("000eversion".utf8), .protocol),
        ]
    )
    func refused(answer: [UInt8], failureClass: GitError.FailureClass) {
        let error = #expect(throws: GitError.self) { try ServerAdvertisement(answer) }
        #expect(error?.failureClass == failureClass)
    }

    @Test func anyBytesAreReadOrRefused() {
        let seed = UInt64.random(in: 0 ... .max)
        var fuzzer = Fuzzer(seed: seed)
        for round in 0..<3_000 {
            let answer = fuzzer.mutate(advertisement, tokens: ["0000", "version 2", "=", "ERR "])
            let server = try? ServerAdvertisement(answer)
            #expect(server.map { $0.capabilities["fetch"] != nil } ?? true, "seed \(seed), round \(round)")
        }
    }
}

@Suite struct LsRefsTests {
    private let answer = bytes(
        .line("\(one) HEAD symref-target:refs/heads/main"),
        .line("\(one) refs/heads/main"),
        .line("\(two) refs/heads/dev peeled:\(one)"),
        .flush
    )

    @Test func theQuestionNamesWhatTheServerKnows() throws {
        let server = try ServerAdvertisement(advertisement)
        let request = String(decoding: LsRefs(prefixes: ["HEAD", "refs/heads/dev"]).request(to: server), as: UTF8.self)
        #expect(
            request == """
                0014command=ls-refs
                0023agent=generic-executor-service
                0017object-format=sha1
                0001000csymrefs
                000bunborn
                0014ref-prefix HEAD
                001eref-prefix refs/heads/dev
                0000
                """
        )
    }

    @Test func theAnswerListsReferences() throws {
        let references = try LsRefs.response(answer)
        #expect(
            references == [
                RemoteReference(name: "HEAD", id: ObjectID(hex: one), target: "refs/heads/main"),
                RemoteReference(name: "refs/heads/main", id: ObjectID(hex: one)),
                RemoteReference(name: "refs/heads/dev", id: ObjectID(hex: two)),
            ]
        )
        let unborn = try LsRefs.response(bytes(.line("unborn HEAD symref-target:refs/heads/trunk"), .flush))
        #expect(unborn == [RemoteReference(name: "HEAD", id: nil, target: "refs/heads/trunk")])
        #expect(try LsRefs.response(bytes(.flush)) == [])
    }

    @Test(
        "A wrong answer is refused",
        arguments: [
            ([], GitError.FailureClass.protocol), (bytes(.line("\(one) HEAD")), .protocol),
            (bytes(.line("\(one)"), .flush), .protocol),
            (bytes(.line("123 HEAD"), .flush), .protocol), (bytes(.line("\(one) "), .flush), .protocol),
            (bytes(.line("ERR internal trouble"), .flush), .server), (bytes(.line("\(one) HEAD"), .delimiter), .protocol),
        ]
    )
    func refused(answer: [UInt8], failureClass: GitError.FailureClass) {
        let error = #expect(throws: GitError.self) { try LsRefs.response(answer) }
        #expect(error?.failureClass == failureClass)
    }

    @Test func anyBytesAreReadOrRefused() {
        let seed = UInt64.random(in: 0 ... .max)
        var fuzzer = Fuzzer(seed: seed)
        for round in 0..<3_000 {
            let references = (try? LsRefs.response(fuzzer.mutate(answer, tokens: ["0000", "unborn", " ", one]))) ?? []
            #expect(!references.contains { $0.name.isEmpty }, "seed \(seed), round \(round)")
        }
    }
}

@Suite struct FetchTests {
    private let answer = bytes(
        .line("shallow-info"),
        .line("shallow \(one)"),
        .line("unshallow \(two)"),
        .delimiter,
        .line("packfile"),
        .data([2] + Array("Counting".utf8)),
        .data([1] + Array("PACK".utf8)),
        .data([1]),
        .data([1] + Array("data".utf8)),
        .flush
    )

    private func read(_ answer: [UInt8], pieces: Int = .max) throws(GitError) -> (response: FetchResponse, pack: [UInt8]) {
        var response = FetchResponse()
        var pack: [UInt8] = []
        var rest = answer[...]
        while !rest.isEmpty {
            try response.read(rest.prefix(pieces)) { (bytes) throws(GitError) in pack += bytes }
            rest = rest.dropFirst(pieces)
        }
        try response.finish()
        return (response, pack)
    }

    @Test func theRequestNamesWhatIsWantedAndHeld() throws {
        let (first, second) = (try #require(ObjectID(hex: one)), try #require(ObjectID(hex: two)))
        let request = try FetchRequest(wants: [first], haves: [second], shallow: [second])
            .request(to: try ServerAdvertisement(bytes(.line("version 2"), .line("ls-refs"), .line("fetch=shallow"), .flush)))
        #expect(
            String(decoding: request, as: UTF8.self) == """
                0012command=fetch
                0001000ethin-pack
                0010no-progress
                000eofs-delta
                0032want \(one)
                0035shallow \(two)
                000ddeepen 1
                0032have \(two)
                0009done
                0000
                """
        )
    }

    @Test func aServerWithoutShallowIsRefused() throws {
        let server = try ServerAdvertisement(bytes(.line("version 2"), .line("ls-refs"), .line("fetch"), .flush))
        let error = #expect(throws: GitError.self) { try FetchRequest(wants: []).request(to: server) }
        #expect(error?.failureClass == .unsupported)
    }

    @Test("The answer is read in whatever pieces", arguments: [1, 5, 64, 10_000])
    func response(pieces: Int) throws {
        let (response, pack) = try read(answer, pieces: pieces)
        #expect(String(decoding: pack, as: UTF8.self) == "PACKdata")
        #expect(response.shallow == [ObjectID(hex: one)])
        #expect(response.unshallow == [ObjectID(hex: two)])
        #expect(response.hasReachedPack)
    }

    @Test(
        "A wrong answer is refused with its class",
        arguments: [
            ([], GitError.FailureClass.protocol), (bytes(.flush), .protocol),
            (bytes(.line("packfile"), .data([1, 2])), .protocol),
            (bytes(.line("ERR upload-pack: not our ref \(one)")), .notFound),
            (bytes(.line("packfile"), .data([3] + Array("fatal: out of memory".utf8)), .flush), .server),
            (bytes(.line("packfile"), .data([4, 1]), .flush), .protocol),
            (bytes(.line("packfile"), .data([]), .flush), .protocol),
            (bytes(.line("shallow-info"), .line("shallow 12"), .flush), .protocol),
            (bytes(.line("packfile"), .flush, .line("more")), .protocol), (bytes(.line("packfile"), .delimiter), .protocol),
        ]
    )
    func refused(answer: [UInt8], failureClass: GitError.FailureClass) {
        let error = #expect(throws: GitError.self) { try read(answer) }
        #expect(error?.failureClass == failureClass)
    }

    @Test func whatAServerSaysIsOneCleanLine() {
        let answer = bytes(.line("packfile"), .data([3] + Array("a\u{1B}[31m\nb\r".utf8)))
        let error = #expect(throws: GitError.self) { try read(answer) }
        #expect(error?.message == "the server says 'a [31m b'")
    }

    @Test func anyBytesAreReadOrRefused() {
        let seed = UInt64.random(in: 0 ... .max)
        var fuzzer = Fuzzer(seed: seed)
        for round in 0..<3_000 {
            let mutant = fuzzer.mutate(answer, tokens: ["0000", "packfile", "0001", "0006"])
            let pack = (try? read(mutant, pieces: 50).pack) ?? []
            #expect(pack.count <= mutant.count, "seed \(seed), round \(round)")
        }
    }
}
