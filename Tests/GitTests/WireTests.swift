import TestSupport
import Testing

@testable import Git

private func bytes(_ packets: Packet...) -> [UInt8] { packets.flatMap(\.encoded) }

private let one = String(repeating: "1", count: 40)
private let zero = String(repeating: "0", count: 40)
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
        "What is no answer of a Git server is refused with its class",
        arguments: [
            (
                bytes(.line("version 2"), .line("ls-refs"), .line("fetch=shallow"), .line("object-format=sha256"), .flush),
                GitError.FailureClass.unsupported
            ),
            (bytes(.line("\(one) HEAD\0object-format=sha256"), .flush), .unsupported),
            (bytes(.line("\(one) HEAD\0multi_ack")), .protocol), (bytes(.line("\(one)"), .flush), .protocol),
            (bytes(.line("x HEAD\0multi_ack"), .flush), .protocol),
            (bytes(.line("version 2"), .line("agent=x"), .flush), .protocol),
            (bytes(.line("ERR access denied or repository not exported: /x")), .notFound),
            (bytes(.line("ERR Access denied.")), .auth),
            (bytes(.line("# service=git-upload-pack"), .flush, .line("ERR Repository not found."), .flush), .notFound),
            (Array("<html>".utf8), .protocol), ([], .protocol), (Array("000eversion".utf8), .protocol),
        ]
    )
    func refused(answer: [UInt8], failureClass: GitError.FailureClass) {
        let error = #expect(throws: GitError.self) { try ServerAdvertisement(answer) }
        #expect(error?.failureClass == failureClass)
    }

    @Test(
        "A server before version 2 lists its references at once",
        arguments: [
            (bytes(.line("# service=git-upload-pack"), .flush, .flush), 0, []),
            (bytes(.flush), 0, []),
            (bytes(.line("# service=git-upload-pack"), .flush, .line("version 1"), .flush), 1, []),
            (bytes(.line("\(zero) capabilities^{}\0shallow agent=git/1.9"), .flush), 0, []),
            (
                bytes(
                    .line("\(one) HEAD\0shallow side-band-64k symref=HEAD:refs/heads/main agent=git/2.1"),
                    .line("\(one) refs/heads/main"),
                    .line("\(two) refs/tags/v1"),
                    .line("\(one) refs/tags/v1^{}"),
                    .line("shallow \(two)"),
                    .flush
                ), 0, ["HEAD -> refs/heads/main", "refs/heads/main", "refs/tags/v1"]
            ),
            (
                bytes(.line("version 1"), .line("\(one) refs/heads/dev\0shallow"), .line("\(two) refs/heads/main"), .flush), 1,
                ["refs/heads/dev", "refs/heads/main"]
            ),
        ]
    )
    func older(answer: [UInt8], version: Int, references: [String]) throws {
        let server = try ServerAdvertisement(answer)
        #expect(server.version == version)
        #expect(server.references.map { $0.name + ($0.target.map { " -> \($0)" } ?? "") } == references)
    }

    @Test(arguments: [
        advertisement, bytes(.line("\(one) HEAD\0shallow symref=HEAD:refs/heads/main"), .line("\(two) refs/heads/main"), .flush),
    ])
    func anyBytesAreReadOrRefused(answer: [UInt8]) {
        let seed = UInt64.random(in: 0 ... .max)
        var fuzzer = Fuzzer(seed: seed)
        for round in 0..<3_000 {
            let answer = fuzzer.mutate(answer, tokens: ["0000", "version 2", "version 1", "=", "ERR ", "\0", "shallow ", "^{}"])
            let server = try? ServerAdvertisement(answer)
            let isUsable = server.map { $0.version < 2 || $0.capabilities["fetch"] != nil } ?? true
            #expect(isUsable && server?.references.contains { $0.name.isEmpty } != true, "seed \(seed), round \(round)")
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
        let question = LsRefs(prefixes: ["HEAD", "refs/heads/dev"])
        let request = String(decoding: try #require(question.request(to: server)), as: UTF8.self)
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

    @Test func aServerBeforeVersionTwoIsNotAskedAgain() throws {
        let server = try ServerAdvertisement(
            bytes(.line("\(one) HEAD\0shallow"), .line("\(one) refs/heads/dev"), .line("\(two) refs/heads/main"), .flush)
        )
        let question = LsRefs(prefixes: ["HEAD", "refs/heads/dev"])
        #expect(question.request(to: server) == nil)
        #expect(question.matching(server.references).map(\.name) == ["HEAD", "refs/heads/dev"])
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

    private func read(
        _ answer: [UInt8],
        pieces: Int = .max,
        version: Int = 2
    ) throws(GitError) -> (response: FetchResponse, pack: [UInt8]) {
        var response = FetchResponse(version: version)
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

    @Test func filesAreLeftOutWhereTheServerCan() throws {
        let first = try #require(ObjectID(hex: one))
        let request = FetchRequest(wants: [first], depth: nil, omitsBlobs: true)
        let able = try ServerAdvertisement(bytes(.line("version 2"), .line("ls-refs"), .line("fetch=shallow filter"), .flush))
        let text = String(decoding: try request.request(to: able), as: UTF8.self)
        #expect(text.contains("filter blob:none\n") && text.contains("thin-pack") && !text.contains("deepen"))
        // Differences to files that we do not have would be of no use.
        let unable = try ServerAdvertisement(bytes(.line("version 2"), .line("ls-refs"), .line("fetch=shallow"), .flush))
        let plain = String(decoding: try request.request(to: unable), as: UTF8.self)
        #expect(!plain.contains("filter") && !plain.contains("thin-pack"))
    }

    @Test func theRequestToAnOlderServerIsANegotiation() throws {
        let (first, second) = (try #require(ObjectID(hex: one)), try #require(ObjectID(hex: two)))
        let features = "multi_ack thin-pack side-band side-band-64k ofs-delta shallow no-progress agent=git/2.1"
        let server = try ServerAdvertisement(bytes(.line("\(one) HEAD\0\(features)"), .flush))
        let request = try FetchRequest(wants: [first, second], haves: [second], shallow: [second]).request(to: server)
        #expect(
            String(decoding: request, as: UTF8.self) == """
                007fwant \(one) side-band-64k no-progress ofs-delta thin-pack agent=generic-executor-service
                0032want \(two)
                0035shallow \(two)
                000ddeepen 1
                00000032have \(two)
                0009done

                """
        )
        let ancient = try ServerAdvertisement(bytes(.line("\(one) HEAD\0shallow"), .flush))
        let error = #expect(throws: GitError.self) { try FetchRequest(wants: [first]).request(to: ancient) }
        #expect(error?.failureClass == .unsupported)
    }

    @Test(
        "The answer of an older server is a list, a flush, one line and the pack",
        arguments: [["NAK"], ["ACK \(two)"]],
        [1, 7, 10_000]
    )
    func older(acknowledgment: [String], pieces: Int) throws {
        let start = bytes(.line("shallow \(one)"), .line("unshallow \(two)"), .flush, .line(acknowledgment[0]))
        let answer = start + bytes(.data([2] + Array("Counting".utf8)), .data([1] + Array("PACKdata".utf8)), .flush)
        let (response, pack) = try read(answer, pieces: pieces, version: 0)
        #expect(String(decoding: pack, as: UTF8.self) == "PACKdata")
        #expect(response.shallow == [ObjectID(hex: one)] && response.unshallow == [ObjectID(hex: two)])
        #expect(throws: GitError.self) { try read(start, version: 0) }
        #expect(throws: GitError.self) { try read(bytes(.flush, .line("What?")), version: 0) }
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

    @Test(arguments: [0, 2]) func anyBytesAreReadOrRefused(version: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        var fuzzer = Fuzzer(seed: seed)
        let older = bytes(.line("shallow \(one)"), .flush, .line("NAK"), .data([1] + Array("PACKdata".utf8)), .flush)
        for round in 0..<3_000 {
            let mutant = fuzzer.mutate(version == 0 ? older : answer, tokens: ["0000", "packfile", "0001", "0006", "0008NAK\n"])
            let pack = (try? read(mutant, pieces: 50, version: version).pack) ?? []
            #expect(pack.count <= mutant.count, "seed \(seed), round \(round)")
        }
    }
}
