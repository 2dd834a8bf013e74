import Basics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct FaultServerTests {
    private let server: FaultServer
    private let bare: BareRepository

    init() async throws {
        server = try FaultServer()
        bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["a": .file((0..<10_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) })])
    }

    private func clone() async throws -> GitClient.Answer {
        let directory = try TemporaryDirectory()
        return try await GitClient.run("clone", "--bare", "--depth=1", server.url("/shop.git"), "\(directory.path)/clone")
    }

    @Test func aHealthyServerIsARealOneAndCountsWhatIsAsked() async throws {
        #expect(try await clone().isSuccess)
        let requests = try await server.requests()
        #expect(requests.map(\.step) == [.discovery, .question, .fetch])
        #expect(requests.map(\.method) == ["GET", "POST", "POST"])
        #expect(requests.map(\.path) == ["/shop.git/info/refs", "/shop.git/git-upload-pack", "/shop.git/git-upload-pack"])
        #expect(requests.allSatisfy { !$0.isAuthorized })
        #expect(try await server.connections() == 1)
    }

    @Test(
        "Git meets each fault",
        arguments: [
            (FaultServer.Fault.hangUp, FaultServer.Step.any, "Empty reply"), (.cut(after: 200), .fetch, "transfer closed"),
            (.shortened(to: 200), .fetch, "early EOF"), (.flipped, .fetch, "invalid index-pack output"),
            (.wrongChecksum, .fetch, "pack is corrupted"), (.status(401), .any, "could not read Username"),
            (.status(403), .question, "403"), (.status(404), .any, "not found"),
            (.status(429, retryAfter: .seconds(7)), .any, "429"),
            (.status(503, retryAfter: .date(7)), .fetch, "503"), (.page, .any, "is this a git repository"),
            (.empty, .question, "expected flush"), (.redirect(to: "http://127.0.0.1:9"), .any, "127.0.0.1 port 9 "),
            (.endless, .question, "flush"),
            (.hugeHeaders, .discovery, "Too large response headers"),
        ]
    )
    func faults(fault: FaultServer.Fault, step: FaultServer.Step, text: String) async throws {
        try await server.set(fault, at: step)
        let answer = try await clone()
        #expect(!answer.isSuccess && answer.errors.contains(text), "\(answer.errors)")
        try await server.heal()
        #expect(try await clone().isSuccess)
    }

    @Test func whatGoesWrongOnceGoesWrongOnce() async throws {
        try await server.set(.status(500), of: "/shop.git", times: 1)
        try await server.set(.status(404), of: "/other.git")
        #expect(try await !clone().isSuccess)
        #expect(try await clone().isSuccess)
    }

    @Test func aRepositoryHasAsManyPathsAsThereAreUsers() async throws {
        try await server.set(.status(500), of: "/@1/")
        try await server.set(.status(403), of: "/@2/")
        for (path, text) in [("/@1/shop.git", "500"), ("/@2/shop.git", "403"), ("/@3/shop.git", ""), ("/shop.git", "")] {
            let answer = try await GitClient.run("ls-remote", server.url(path))
            #expect(
                answer.isSuccess == text.isEmpty && (text.isEmpty || answer.errors.contains(text)),
                "\(path): \(answer.errors)"
            )
        }
        try await server.heal("/@1/")
        #expect(try await GitClient.run("ls-remote", server.url("/@1/shop.git")).isSuccess)
        #expect(try await !GitClient.run("ls-remote", server.url("/@2/shop.git")).isSuccess)
    }

    @Test func anAnswerThatIsHeldBackGoesOutLater() async throws {
        try await server.set(.hold, at: .question)
        let client = Task { try await clone() }
        try await server.waitForHeld()
        try await server.heal()
        #expect(try await client.value.isSuccess)
    }

    @Test func whoIsKeptWaitingWaits() async throws {
        for (fault, step) in [(FaultServer.Fault.silent, FaultServer.Step.any), (.drip, .question)] {
            try await server.set(fault, at: step)
            let asked = try await server.requests().count
            let client = Task { try await clone() }
            try await server.waitForRequests(asked + (step == .any ? 1 : 2))
            await #expect(throws: DeadlineExceeded.self) {
                try await withDeadline(.after(.milliseconds(500))) {
                    _ = try await withTaskCancellationHandler {
                        try await client.value
                    } onCancel: {
                        client.cancel()
                    }
                }
            }
            try await server.heal()
        }
    }

    @Test func versionAndFiltersAreAsTheServerSays() async throws {
        func trace() async throws -> String {
            try await GitClient.run("ls-remote", server.url("/shop.git"), environment: ["GIT_TRACE_PACKET": "1"]).errors
        }
        #expect(try await trace().contains("version 2"))
        #expect(try await !trace().contains("fetch=shallow wait-for-done filter"))
        try await server.set(.filter(true))
        #expect(try await trace().contains("fetch=shallow wait-for-done filter"))
        try await server.set(.filter(false))
        #expect(try await !trace().contains("fetch=shallow wait-for-done filter"))
        try await server.set(.version0)
        #expect(try await !trace().contains("version 2"))
        #expect(try await clone().isSuccess)
    }
}
