import Basics
import Git
import Model
import RepoCache
import TestSupport
import Testing

/// Servers that go wrong: each fault has its class, its sentence and its fallback, in time, and nobody else notices.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
    private let faulty: FaultServer
    private let good: FaultServer
    private let bare: BareRepository

    init() async throws {
        faulty = try FaultServer()
        good = try FaultServer()
        bare = try await BareRepository(at: faulty.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "first"])
        try await BareRepository(at: good.repository("other")).commit(["genericexecutor/a.sh": "other"])
    }

    /// A fault with a cache and a path of its own.
    private struct Subject: Sendable {
        let fault: FaultCase
        let path: String
        let fixture: FaultFixture
    }

    private func subjects() throws -> [Subject] {
        try FaultCase.all(other: good.url("")).enumerated().map { number, fault in
            let path = "/@\(number)/shop.git"
            let fixture = try FaultFixture(["shop": faulty.url(path), "other": good.url("/other.git")])
            return Subject(fault: fault, path: path, fixture: fixture)
        }
    }

    /// All at once: some take as long as an event may wait.
    private func forEach(_ subjects: [Subject], _ body: @escaping @Sendable (Subject) async throws -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for subject in subjects {
                group.addTask {
                    do { try await body(subject) } catch { Issue.record("\(subject.fault): \(error)") }
                }
            }
        }
    }

    /// Asks for the project that goes wrong and meanwhile for the other one.
    ///
    /// - Returns: what came of the first.
    private func ask(_ subject: Subject) async throws -> Result<SnapshotLease, any Error> {
        let (fault, fixture) = (subject.fault, subject.fixture)
        let hasEnded = Collected<Bool>()
        async let asked: Result<SnapshotLease, any Error> = {
            let start = ContinuousClock.now
            let result: Result<SnapshotLease, any Error>
            do { result = .success(try await fixture.snapshot()) } catch { result = .failure(error) }
            hasEnded.append(true)
            #expect(.now - start < .seconds(25), "\(fault)")
            return result
        }()
        let other = try await fixture.snapshot("other")
        #expect(fixture.text(other) == "other" && other.snapshot.staleness == nil, "\(fault)")
        if fault.hangs { #expect(hasEnded.values == [], "\(fault): the other project had to wait") }
        return await asked
    }

    /// The server is well again, and so is the cache.
    private func expectRecovery(_ subject: Subject, _ text: String) async throws {
        let (fault, fixture) = (subject.fault, subject.fixture)
        try await faulty.heal(subject.path)
        try await fixture.refresh()
        let lease = try await fixture.snapshot()
        #expect(fixture.text(lease) == text && lease.snapshot.staleness == nil, "\(fault)")
        #expect(await BareRepository.damage(of: fixture.clone(of: "shop")) == "", "\(fault)")
    }

    @Test func eachFaultOfTheFirstContactHasItsClassAndItsSentence() async throws {
        await forEach(try subjects()) { subject in
            let fault = subject.fault
            try await faulty.set(fault.fault, at: fault.step, of: subject.path)
            switch try await ask(subject) {
            case .success: Issue.record("\(fault): there is an answer")
            case .failure(let error):
                let error = try #require(error as? RepoCacheError)
                #expect(fault.classes.contains(error.failureClass), "\(fault): \(error.failureClass): \(error)")
                FaultFixture.expectSentence(error.description, names: faulty.url(subject.path), "\(fault)")
            }
            try await expectRecovery(subject, "first")
        }
        // What was redirected was not followed, so no credentials either.
        #expect(try await good.requests().allSatisfy { $0.path.hasPrefix("/other.git") })
    }

    @Test func afterAGoodRefreshEachFaultIsAnsweredFromTheCache() async throws {
        // First contact was before.
        let subjects = try subjects().filter { $0.fault.step != .discovery }
        for subject in subjects { #expect(try await subject.fixture.script() == "first") }
        try await bare.commit(["genericexecutor/a.sh": "second"])
        await forEach(subjects) { subject in
            let (fault, fixture) = (subject.fault, subject.fixture)
            try await faulty.set(fault.fault, at: fault.step, of: subject.path)
            let lease = try await ask(subject).get()
            #expect(fixture.text(lease) == "first", "\(fault)")
            let staleness = try #require(lease.snapshot.staleness, "\(fault)")
            #expect(fault.classes.contains(staleness.failureClass), "\(fault): \(staleness.failureClass): \(staleness.reason)")
            FaultFixture.expectSentence(staleness.reason, names: faulty.url(subject.path), "\(fault)")
            #expect(staleness.age > .zero && staleness.age < .seconds(90), "\(fault)")
            try await expectRecovery(subject, "second")
        }
    }

    @Test("The deadline of an event ends its wait", arguments: [FaultServer.Step.question, .fetch])
    func deadline(step: FaultServer.Step) async throws {
        let fixture = try FaultFixture(["shop": faulty.url("/shop.git")])
        #expect(try await fixture.script() == "first")
        try await bare.commit(["genericexecutor/a.sh": "second"])
        try await faulty.set(.silent, at: step)
        let start = ContinuousClock.now
        let lease = try await fixture.snapshot(within: .seconds(1))
        #expect(.now - start >= .seconds(1) && .now - start < .seconds(8))
        #expect(fixture.text(lease) == "first")
        #expect(lease.snapshot.staleness?.failureClass == "timeout")
    }

    @Test func repositoriesThatHangHoldUpNobodyElse() async throws {
        var remotes = ["other": good.url("/other.git")]
        // More than there are threads for anything.
        for number in 0..<16 {
            let path = "/@\(number)/shop.git"
            remotes["hang-\(number)"] = faulty.url(path)
            let fault = [FaultServer.Fault.silent, .hold][number % 2]
            let step = [FaultServer.Step.discovery, .question, .fetch][number % 3]
            try await faulty.set(fault, at: step, of: path)
        }
        let fixture = try FaultFixture(remotes)
        #expect(try await fixture.script("other") == "other")
        let hanging = remotes.keys.filter { $0 != "other" }.map { name in Task { try await fixture.snapshot(name) } }
        // Each hangs at its first, second or third request.
        try await faulty.waitForRequests(6 * 1 + 5 * 2 + 5 * 3)

        var times: [Duration] = []
        for _ in 0..<20 {
            let start = ContinuousClock.now
            #expect(try await fixture.script("other") == "other")
            times.append(.now - start)
        }
        #expect(times.sorted()[10] < .seconds(1), "\(times)")
        for task in hanging { task.cancel() }
        for task in hanging { await #expect(throws: CancellationError.self) { try await task.value } }
    }

    @Test func aCertificateThatIsTrustedNoLongerIsServedFromTheCache() async throws {
        let (server, stranger) = (try GitHTTPServer(), try GitHTTPServer())
        try await BareRepository(at: server.repository("shop")).commit(["genericexecutor/a.sh": "first"])
        let fixture = try CacheFixture(server.https("/public/shop.git")) { $0.access.authorities = .file(server.caFile) }
        _ = try await fixture.snapshot()
        fixture.configure { $0.access.authorities = .file(stranger.caFile) }
        let staleness = try #require(try await fixture.snapshot().snapshot.staleness)
        #expect(staleness.failureClass == "tls")
        FaultFixture.expectSentence(staleness.reason, names: server.https("/public/shop.git"), "tls")
    }

    @Test func aHostWithoutAnAddressOrAServerHasItsClass() async throws {
        let port = try FaultServer().port
        for (remote, failureClass) in [
            ("http://does-not-exist.invalid/x.git", "dns"), ("http://127.0.0.1:\(port)/x.git", "connect"),
        ] {
            let fixture = try FaultFixture(["shop": remote])
            let error = await #expect(throws: RepoCacheError.self) { try await fixture.snapshot() }
            #expect(error?.failureClass == failureClass)
            FaultFixture.expectSentence(error?.description ?? "", names: remote, failureClass)
        }
    }

    @Test func aServerThatFailsOnceIsAskedAgain() async throws {
        let fixture = try FaultFixture(["shop": faulty.url("/shop.git")])
        #expect(try await fixture.script() == "first")
        for (number, fault) in [FaultServer.Fault.status(503), .hangUp].enumerated() {
            let text = "change \(number)"
            try await bare.commit(["genericexecutor/a.sh": .file(Array(text.utf8))])
            try await faulty.set(fault, times: 1)
            let lease = try await fixture.snapshot()
            #expect(fixture.text(lease) == text && lease.snapshot.staleness == nil, "\(fault)")
        }
    }

    @Test("A server is followed in whatever version it speaks", arguments: [2, 0])
    func versions(version: Int) async throws {
        if version == 0 { try await faulty.set(.version0) }
        let fixture = try CacheFixture(faulty.url("/changing.git"))
        let changing = try await BareRepository(at: faulty.repository("changing"))
        try await BranchChanges(fixture: fixture, bare: changing).expectFollowed()
        // The first answer tells the version: nobody asks in another.
        #expect(try await faulty.requests().contains { $0.step == .question } == (version == 2))
    }
}
