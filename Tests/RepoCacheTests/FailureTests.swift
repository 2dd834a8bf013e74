import Basics
import Curl
import Glibc
import Model
import RepoCache
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct FailureTests {
    private func expectFailure(_ failureClass: String, _ fixture: CacheFixture, _ text: String? = nil) async {
        let error = await #expect(throws: RepoCacheError.self) { try await fixture.snapshot("dev", "carts") }
        #expect(error?.failureClass == failureClass, "\(String(describing: error))")
        if let text { #expect(error?.description.contains(text) == true, "\(String(describing: error))") }
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test func eachFailureOfTheFirstQuestionHasItsClass() async throws {
        let server = try GitHTTPServer()
        try await BareRepository(at: server.repository("shop")).commit(["genericexecutor/a.sh": "x"])
        await expectFailure("not found", try CacheFixture(server.http("/public/none.git")), "404")
        await expectFailure("not found", try CacheFixture(server.repository("none")))
        await expectFailure("auth", try CacheFixture(server.http("/private/shop.git")), "GIT_TOKEN")
        await expectFailure("auth", try CacheFixture("http://keptn:wrong-s3cret@127.0.0.1:\(server.httpPort)/private/shop.git"))
        await expectFailure("tls", try CacheFixture(server.https("/public/shop.git")))
        await expectFailure("server", try CacheFixture(server.http("/broken/shop.git")), "503")
        await expectFailure("unsupported", try CacheFixture("ext::x-s3cret"), "ssh")
        await expectFailure("dns", try CacheFixture("http://does-not-exist.invalid/x.git"))
    }

    @Test func aProjectThatDoesNotExistLeavesNothingOnDisk() async throws {
        let server = try GitHTTPServer()
        for remote in [server.http("/public/none.git"), server.repository("none")] {
            let fixture = try CacheFixture(remote)
            await expectFailure("not found", fixture)
            #expect(try Files.list(fixture.path) == [])
        }
    }

    @Test("An empty repository has no scripts", arguments: [true, false])
    func emptyRepository(isLocal: Bool) async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        let fixture = try CacheFixture(isLocal ? bare.path : server.http("/public/shop.git"))
        let snapshot = try await fixture.snapshot("dev", "carts").snapshot
        #expect(snapshot.places == [])
        #expect(snapshot.warnings.contains { $0.contains("main does not exist") }, "\(snapshot.warnings)")
        try await bare.commit(["genericexecutor/a.sh": "first"])
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot("dev", "carts")) == "first")
    }

    @Test func aServerThatIsDownIsServedFromTheCacheAndSaysSo() async throws {
        var server: GitHTTPServer? = try GitHTTPServer()
        let url = try #require(server).http("/public/shop.git")
        let bare = try await BareRepository(at: try #require(server).repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "project"])
        try await bare.commit(["carts/genericexecutor/a.sh": "service"], on: "dev")
        let fixture = try CacheFixture(url)
        _ = try await fixture.snapshot("dev")
        server = nil

        // Another service of a stage that is known: its folder is written from what is held.
        let lease = try await fixture.snapshot("dev", "carts")
        #expect(fixture.text("a.sh", .service, of: lease) == "service")
        let staleness = try #require(lease.snapshot.staleness)
        #expect(staleness.failureClass == "connect")
        #expect(staleness.reason.contains(url))
        #expect(staleness.age > .zero && staleness.age < .seconds(60))

        // A stage that was never asked for may have scripts of its own: the project's must not stand in for them.
        await #expect(throws: RepoCacheError.self) { try await fixture.snapshot("prod", "carts") }

        try fixture.reopen()
        #expect(try await fixture.snapshot("dev", "carts").snapshot.staleness?.failureClass == "connect")
        let scope = Scope(project: PlainName("shop"), stage: PlainName("dev"), service: nil)
        #expect(await fixture.cache.lastKnown(scope)?.snapshot.places.count == 2)

        fixture.configure { $0.onFailure = .fail }
        await expectFailure("connect", fixture)
    }

    @Test func aDeadlineEndsTheWaitOfItsCaller() async throws {
        let directory = try TemporaryDirectory()
        let script = """
            import socket, sys, threading
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            listener.listen(16)
            print(listener.getsockname()[1], flush=True)
            held = []
            threading.Thread(target=lambda: [held.append(listener.accept()) for _ in range(16)], daemon=True).start()
            sys.stdin.read()
            """
        let silent = try PythonServer(try directory.write(script, to: "silent.py"))
        let fixture = try CacheFixture(silent.url("/x.git"))
        let error = await #expect(throws: RepoCacheError.self) { try await fixture.snapshot(within: .milliseconds(200)) }
        #expect(error?.failureClass == "timeout")
        let waiting = Task { try await fixture.snapshot() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func twoProcessesDoNotShareADirectory() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try CacheFixture("\(directory.path)/none.git")
        let error = #expect(throws: RepoCacheError.self) {
            try RepoCache(directory: fixture.path, client: fixture.client) { _ in throw CancellationError() }
        }
        #expect(error?.description.contains("another process") == true)
        fixture.close()
        try fixture.reopen()
    }

    @Test func whatAKilledProcessLeftIsSwept() async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "x"])
        try await bare.commit(["genericexecutor/a.sh": "y"], on: "dev")
        let fixture = try CacheFixture(server.http("/public/shop.git"))
        _ = try await fixture.snapshot("dev")
        fixture.close()
        let leftovers = [
            "tmp/clone-1/objects/pack/x", "tmp/folder-2/a.sh", "state.json.new-1", "repository.git/shallow.lock",
            "repository.git/HEAD.lock", "repository.git/shallow.new-7", "repository.git/refs/heads/dev.lock",
            "repository.git/objects/pack/pack_git2_0a1b2c",
        ]
        for name in leftovers {
            let file = "\(fixture.project)/\(name)"
            try Files.createDirectory(String(file[..<(try #require(file.lastIndex(of: "/")))]))
            try Files.write("x".utf8, to: file)
        }
        try fixture.reopen()
        for name in leftovers { #expect(!Files.exists("\(fixture.project)/\(name)"), "\(name)") }
        try await bare.commit(["genericexecutor/a.sh": "z"], on: "dev")
        #expect(fixture.text("a.sh", .stage, of: try await fixture.snapshot("dev")) == "z")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }

    @Test("A process that was killed while it published goes on", arguments: ["state", "references", "shallow"])
    func interruptedPublication(lost: String) async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "x"])
        let first = try await bare.commit(["genericexecutor/a.sh": "1"], on: "dev")
        try await bare.commit(["genericexecutor/a.sh": "2"], on: "dev")
        let fixture = try CacheFixture(server.http("/public/shop.git"))
        _ = try await fixture.snapshot("dev")
        let files = ["state": "state.json", "references": "repository.git/refs/heads/dev", "shallow": "repository.git/shallow"]
        let file = "\(fixture.project)/\(try #require(files[lost]))"
        let before = try Files.read(file)
        try await bare.commit(["genericexecutor/a.sh": "3"], on: "dev", parent: first)
        _ = try await fixture.snapshot("dev")
        fixture.close()
        try Files.write(before, to: file)

        try fixture.reopen()
        #expect(fixture.text("a.sh", .stage, of: try await fixture.snapshot("dev")) == "3")
        try await bare.commit(["genericexecutor/a.sh": "4"], on: "dev")
        #expect(fixture.text("a.sh", .stage, of: try await fixture.snapshot("dev")) == "4")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }

    @Test("A damaged clone is replaced by a new one", arguments: ["pack", "clone", "state", "garbage"])
    func damage(kind: String) async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "x"])
        try await bare.commit(["carts/genericexecutor/a.sh": "y"], on: "dev")
        let fixture = try CacheFixture(server.http("/public/shop.git"))
        _ = try await fixture.snapshot("dev")
        let packs = "\(fixture.clone)/objects/pack"
        switch kind {
        case "pack": for name in try Files.list(packs) { Files.removeTree("\(packs)/\(name)") }
        case "clone": Files.removeTree(fixture.clone)
        case "state": try Files.write("{\"version\": 1, \"remote\": 3}".utf8, to: "\(fixture.project)/state.json")
        default:
            for name in try Files.list(packs) where name.hasSuffix(".pack") {
                chmod("\(packs)/\(name)", 0o600)
                try Files.write(Array(repeating: 0, count: 100), to: "\(packs)/\(name)")
            }
        }
        try fixture.reopen()
        let lease = try await fixture.snapshot("dev", "carts")
        #expect(fixture.text("a.sh", .service, of: lease) == "y")
        #expect(lease.snapshot.staleness == nil)
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }
}
