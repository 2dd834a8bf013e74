import Basics
import CloudEvents
import Curl
import Glibc
import Processes
import ServerTestSupport
import Synchronization
import TestSupport

/// A project behind a real Git server whose branches can be set to any of many commits, and services on cache directories that
/// can be copied.
final class KillSite: Sendable {
    /// One commit of each branch.
    private struct Version: Sendable {
        let stage: String
        let project: String
        /// What the script of the service says.
        let text: String
    }

    private let directory: TemporaryDirectory
    private let server: GitHTTPServer
    private let repository: BareRepository
    private let versions: [Version]
    private let counter = Atomic<Int>(0)

    /// - Parameter count: of versions.
    init(versions count: Int) async throws {
        directory = try TemporaryDirectory()
        server = try GitHTTPServer()
        repository = try await BareRepository(at: server.repository("sockshop"))
        let committer = try FastCommitter(repository)
        var versions: [Version] = []
        for number in 0..<count {
            let script = ProjectFixture.file("test.triggered.sh", saying: "\(number)")
            let project = try await committer.commit(["genericexecutor/other.sh": script], on: "main")
            let stage = try await committer.commit(
                ["genericexecutor/other.sh": "echo stage", "carts/genericexecutor/test.triggered.sh": script],
                on: "dev"
            )
            versions.append(Version(stage: stage, project: project, text: "\(number)\n"))
        }
        self.versions = versions
    }

    var lastVersion: Int { versions.count - 1 }

    /// Pushes a version, also one from before, with force.
    func push(_ version: Int) async throws {
        try await repository.reset("dev", to: versions[version].stage)
        try await repository.reset("main", to: versions[version].project)
    }

    /// A path of its own.
    func newPath(_ purpose: String) -> String {
        "\(directory.path)/\(purpose)-\(counter.add(1, ordering: .relaxed).newValue)"
    }

    /// A cache directory as it is at `base`; an empty one without it.
    func newCache(_ base: String?) async throws -> String {
        let path = newPath("cache")
        guard let base else {
            try Files.createDirectory(path)
            return path
        }
        let exit = try await Command("/bin/cp", ["-a", base, path]).collect(until: .after(.seconds(30))).exit
        guard exit.isSuccess else { throw ServiceFailure(description: "\(base) cannot be copied: \(exit)") }
        return path
    }

    func newSwitch(below cache: String) throws -> KillSwitch { try KillSwitch(below: cache, file: newPath("switch")) }

    func start(on cache: String, _ killSwitch: KillSwitch? = nil) async throws -> ServiceProcess {
        let settings = [
            "CACHE_DIRECTORY": cache, "GIT_REMOTE": server.http("/public/{project}.git"), "GIT_ON_FAILURE": "fail",
        ]
        return try await ServiceProcess.start(settings.merging(killSwitch?.settings ?? [:]) { _, new in new })
    }

    /// Posts an event and waits for its end, or that of the service.
    ///
    /// - Returns: what the script said, or why it did not run.
    @discardableResult
    func run(_ service: ServiceProcess) async throws -> String {
        let id = "event-\(counter.add(1, ordering: .relaxed).newValue)"
        guard try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: id)).status == 202 else {
            return "the event was not taken"
        }
        let end = await service.logEntry { entry in
            let messages = ["run finished", "nothing to run", "the scripts could not be had"]
            return entry["event.id"]?.string == id && messages.contains(entry["message"]?.string ?? "")
        }
        let ran = service.log.last { $0["event.id"]?.string == id && $0["message"] == "file ran" }
        return ran?["output"]?.string ?? end?["reason"]?.string ?? "no script ran"
    }

    /// What is wrong with a service on a cache directory when a version is the newest.
    func findings(_ service: ServiceProcess, on cache: String, version: Int) async throws -> [String] {
        var findings: [String] = []
        let output = try await run(service)
        if output != versions[version].text { findings.append("serves '\(output)' where '\(versions[version].text)' is newest") }
        let damage = await clone(cache).damage()
        if !damage.isEmpty { findings.append("git fsck: \(damage)") }
        // A refresh may go on behind the answer.
        let end = ContinuousClock.now + .seconds(10)
        var leftovers = try Leftovers.find(in: cache)
        while !leftovers.isEmpty, .now < end {
            try await Task.sleep(for: .milliseconds(50))
            leftovers = try Leftovers.find(in: cache)
        }
        return findings + leftovers.map { "left over: \($0)" }
    }

    func clone(_ cache: String) -> CloneOnDisk { CloneOnDisk(path: "\(cache)/sockshop/repository.git") }
}
