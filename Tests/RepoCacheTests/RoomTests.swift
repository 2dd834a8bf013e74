import Basics
import Curl
import Model
import RepoCache
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct RoomTests {
    @Test func theClonesThatWereNotUsedForLongestGo() async throws {
        let (server, directory) = (try GitHTTPServer(), try TemporaryDirectory())
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255) }
        for name in ["one", "two", "three"] {
            try await BareRepository(at: server.repository(name)).commit(["genericexecutor/a.sh": "x", "data": .file(noise)])
        }
        let folders = [PlainName("genericexecutor")].compactMap(\.self)
        let cache = try RepoCache(directory: directory.path, client: HTTPClient(), limits: CacheLimits(total: 800_000)) {
            project in
            RepositorySettings(remote: server.http("/public/\(project).git"), folders: folders)
        }
        func run(_ name: String) async throws -> SnapshotLease {
            try await cache.snapshot(Scope(project: PlainName(name), stage: nil, service: nil), deadline: .after(.seconds(30)))
        }
        _ = try await run("one")
        let held = try await run("two")
        #expect(try Files.list(directory.path) == ["one", "two"])
        _ = try await run("three")
        // The oldest goes; what somebody uses stays.
        try await waitUntil { !Files.exists("\(directory.path)/one/repository.git") }
        #expect(Files.exists("\(directory.path)/two/repository.git") && Files.exists("\(directory.path)/three/repository.git"))
        #expect(Files.exists("\(held.snapshot.places[0].directory)/genericexecutor/a.sh"))
        held.release()
        #expect(try await run("one").snapshot.places.count == 1)
        try await waitUntil { !Files.exists("\(directory.path)/two/repository.git") }
        #expect(await BareRepository.damage(of: "\(directory.path)/one/repository.git") == "")
    }

    @Test func whatNobodyHasAskedForSinceTheStartGoesFirst() async throws {
        let (server, directory) = (try GitHTTPServer(), try TemporaryDirectory())
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255) }
        for name in ["one", "two", "three"] {
            try await BareRepository(at: server.repository(name)).commit(["genericexecutor/a.sh": "x", "data": .file(noise)])
        }
        let folders = [PlainName("genericexecutor")].compactMap(\.self)
        func run(_ names: String..., limit: Int) async throws {
            let limits = CacheLimits(total: limit)
            let cache = try RepoCache(directory: directory.path, client: HTTPClient(), limits: limits) { project in
                RepositorySettings(remote: server.http("/public/\(project).git"), folders: folders)
            }
            for name in names {
                let scope = Scope(project: PlainName(name), stage: nil, service: nil)
                try await cache.snapshot(scope, deadline: .after(.seconds(30))).release()
            }
            guard names.count == 1 else { return }
            try await waitUntil { ["one", "two"].allSatisfy { !Files.exists("\(directory.path)/\($0)/repository.git") } }
        }
        try await run("one", "two", limit: 10_000_000)
        #expect(Files.exists("\(directory.path)/one/repository.git") && Files.exists("\(directory.path)/two/repository.git"))
        try await run("three", limit: 400_000)
        #expect(Files.exists("\(directory.path)/three/repository.git"))
    }

    @Test func aRepositoryBeyondItsLimitIsRefusedWithASentence() async throws {
        let (server, directory) = (try GitHTTPServer(), try TemporaryDirectory())
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255) }
        try await BareRepository(at: server.repository("big")).commit(["genericexecutor/a.sh": "x", "data": .file(noise)])
        let folders = [PlainName("genericexecutor")].compactMap(\.self)
        let limits = CacheLimits(perProject: 100_000)
        let cache = try RepoCache(directory: directory.path, client: HTTPClient(), limits: limits) { project in
            RepositorySettings(remote: server.http("/public/\(project).git"), folders: folders)
        }
        let error = await #expect(throws: RepoCacheError.self) {
            try await cache.snapshot(Scope(project: PlainName("big"), stage: nil, service: nil), deadline: .after(.seconds(30)))
        }
        #expect(error?.failureClass == "unsupported" && error?.description.contains("larger than 100000 bytes") == true)
        #expect(!Files.exists("\(directory.path)/big/repository.git"))
    }
}
