import Basics
import Curl
import Git
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct SmartHTTPTests {
    private let server: GitHTTPServer
    private let bare: BareRepository
    private let client = HTTPClient()
    private let directory: TemporaryDirectory

    init() async throws {
        server = try GitHTTPServer()
        directory = try TemporaryDirectory()
        bare = try await BareRepository(at: server.repository("shop"))
    }

    private func remote(_ url: String, _ access: RemoteAccess = RemoteAccess()) throws -> GitRemote {
        guard case .http(let address) = try RemoteURL(url).place else { throw GitError(.unsupported, "test", url) }
        return GitRemote(SmartHTTP(address, access: access, client: client))
    }

    private var soon: Deadline { .after(.seconds(20)) }

    @Test func aLaterQuestionIsOneRequest() async throws {
        let tip = try await bare.commit(["a": "1"])
        let remote = try remote(server.http("/public/shop.git"))
        for _ in 0..<3 {
            let references = try await remote.references(LsRefs(prefixes: ["HEAD"]), deadline: soon)
            #expect(references.map(\.id?.description) == [tip])
            #expect(references.first?.target == "refs/heads/main")
        }
        #expect(
            try server.requests() == ["GET /public/shop.git/info/refs 200"]
                + Array(repeating: "POST /public/shop.git/git-upload-pack 200", count: 3)
        )
    }

    @Test func aRedirectWithinTheHostIsFollowedAndRemembered() async throws {
        try await bare.commit(["a": "1"])
        let remote = try remote(server.http("/redirect/public/shop.git"))
        #expect(try await remote.references(LsRefs(prefixes: ["refs/heads/"]), deadline: soon).map(\.name) == ["refs/heads/main"])
        #expect(try server.requests().last == "POST /public/shop.git/git-upload-pack 200")
    }

    @Test func aFetchBringsOneCommitAndLeavesNoFile() async throws {
        try await bare.commit(["a": "1"])
        let tip = try await bare.commit(["a": "2"])
        let id = try #require(ObjectID(hex: tip))
        let spool = try await remote(server.http("/public/shop.git"))
            .fetch(FetchRequest(wants: [id]), spoolingIn: directory.path, deadline: soon)
        #expect(try Files.list(directory.path) == [])
        let target = "\(directory.path)/clone.git"
        try Repository.create(bareAt: target)
        let repository = try Repository(openingBare: target)
        try spool.unpack(into: repository)
        try repository.setReference("refs/heads/main", to: id)
        try repository.setHead(to: "refs/heads/main")
        try repository.writeShallow(tips: [id])
        #expect(await BareRepository.damage(of: target) == "")
    }

    @Test("Whether a commit is reachable is known without a download")
    func reachability() async throws {
        let root = try await bare.commit(["a": "0"])
        var commits = [root]
        for number in 1...6 { commits.append(try await bare.commit(["a": .file([UInt8(number)])])) }
        let sibling = try await bare.commit(["a": "fork"], on: "fork", parent: commits[3])
        let unrelated = try await bare.commit(["a": "x"], on: "other", parent: "")
        let ids = try (commits + [sibling, unrelated]).map { try #require(ObjectID(hex: $0)) }
        let remote = try remote(server.http("/public/shop.git"))
        let tip = ids[6]
        for (index, expected) in [(6, true), (5, true), (3, true), (0, true), (7, false), (8, false)] {
            #expect(try await remote.canReach(ids[index], from: tip, depth: 1_000, deadline: soon) == expected, "commit \(index)")
        }
        #expect(try await remote.canReach(ids[3], from: tip, depth: 3, deadline: soon))
        #expect(try await !remote.canReach(ids[2], from: tip, depth: 3, deadline: soon))
        let unknown = try #require(ObjectID(hex: String(repeating: "1", count: 40)))
        #expect(try await !remote.canReach(unknown, from: tip, depth: 1_000, deadline: soon))
        #expect(try await !remote.canReach(tip, from: ids[5], depth: 1_000, deadline: soon))
    }

    @Test(
        "Each failure has its class",
        arguments: [
            ("/public/none.git", GitError.FailureClass.notFound), ("/private/shop.git", .auth), ("/broken/shop.git", .server),
            ("/page/shop.git", .protocol),
        ]
    )
    func failures(path: String, failureClass: GitError.FailureClass) async throws {
        let error = await #expect(throws: GitError.self) {
            try await remote(server.http(path)).references(LsRefs(prefixes: ["HEAD"]), deadline: soon)
        }
        #expect(error?.failureClass == failureClass)
        #expect(error?.description.contains(path) == true)
    }

    @Test func credentialsAndAuthorityAreChecked() async throws {
        try await bare.commit(["a": "1"])
        let good = BasicCredentials(user: GitHTTPServer.user, password: GitHTTPServer.password)
        let bad = BasicCredentials(user: GitHTTPServer.user, password: "wrong-s3cret")
        let url = server.https("/private/shop.git")
        let question = LsRefs(prefixes: ["HEAD"])
        let allowed = try remote(url, .init(credentials: good, authorities: .file(server.caFile)))
        let references = try await allowed.references(question, deadline: soon)
        #expect(references.count == 1)
        let refused = await #expect(throws: GitError.self) {
            try await remote(url, .init(credentials: bad, authorities: .file(server.caFile))).references(question, deadline: soon)
        }
        #expect(refused?.failureClass == .auth)
        #expect(refused?.description.contains("wrong-s3cret") == false)
        let unknown = await #expect(throws: GitError.self) {
            try await remote(url, .init(credentials: good)).references(question, deadline: soon)
        }
        #expect(unknown?.failureClass == .tls)
    }

    @Test func aServerThatIsNotThereIsAFailureToConnect() async throws {
        let error = await #expect(throws: GitError.self) {
            try await remote("http://127.0.0.1:1/x.git").references(LsRefs(prefixes: []), deadline: soon)
        }
        #expect(error?.failureClass == .connect)
        let name = await #expect(throws: GitError.self) {
            try await remote("http://does-not-exist.invalid/x.git").references(LsRefs(prefixes: []), deadline: soon)
        }
        #expect(name?.failureClass == .dns)
    }
}
