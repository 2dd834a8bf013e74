import Basics
import Curl
import Glibc
import Model
import Processes
import RepoCache
import TestSupport

/// A repository that somebody wrote by hand, byte by byte, beside an ordinary one; a cache for both; and all that is around it.
final class HostileFixture: Sendable {
    /// How the cache reaches the repository.
    enum Way: Sendable, CaseIterable {
        case path
        case http
    }

    /// A line of a tree.
    struct Line: Sendable {
        var mode: String
        var name: [UInt8]
        /// 40 digits.
        var id: String

        init(_ mode: String, _ name: [UInt8], _ id: String) { (self.mode, self.name, self.id) = (mode, name, id) }
        init(_ mode: String, _ name: String, _ id: String) { self.init(mode, Array(name.utf8), id) }

        var bytes: [UInt8] {
            let digits = Array(id.utf8)
            let raw = stride(from: 0, to: 40, by: 2).map {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)!
            }
            return Array("\(mode) ".utf8) + name + [0] + raw
        }
    }

    let directory: TemporaryDirectory
    let bare: BareRepository
    private let cache: RepoCache
    private let before: [String]
    private static let client = HTTPClient()

    private init(_ server: GitHTTPServer?, _ directory: TemporaryDirectory) async throws {
        self.directory = directory
        // Names of their own: tests share a server.
        let (hostile, good) = (UniqueID.random(), UniqueID.random())
        bare = try await BareRepository(at: server?.repository(hostile) ?? "\(directory.path)/hostile.git")
        let ordinary = try await BareRepository(at: server?.repository(good) ?? "\(directory.path)/good.git")
        try await ordinary.commit(["genericexecutor/a.sh": "good"])
        try directory.write("secret", to: "secret")
        try directory.write("secret", to: "outside/genericexecutor/secret.sh")
        let remotes =
            if let server {
                ["shop": hostile, "good": good].mapValues { "http://127.0.0.1:\(server.httpPort)/public/\($0).git" }
            } else {
                ["shop": bare.path, "good": ordinary.path]
            }
        let folders = ["genericexecutor"].compactMap(PlainName.init)
        cache = try RepoCache(directory: "\(directory.path)/cache", client: Self.client) { project in
            RepositorySettings(remote: remotes[project.text] ?? "", folders: folders)
        }
        before = try CacheFixture.listing(directory.path).filter { !$0.contains(" cache/") && !$0.contains(".git/") }
    }

    static func make(_ way: Way, _ server: GitHTTPServer) async throws -> HostileFixture {
        try await HostileFixture(way == .http ? server : nil, TemporaryDirectory())
    }

    // MARK: Objects

    /// Stores an object as it is given, whatever is wrong with it.
    func store(_ bytes: [UInt8], as type: String) async throws -> String {
        let file = "\(directory.path)/object-\(UniqueID.random())"
        try Files.write(bytes, to: file)
        defer { unlink(file) }
        return try await store(file: file, as: type)
    }

    func store(file: String, as type: String) async throws -> String {
        let command = Command(
            "/usr/bin/git",
            ["-C", bare.path, "hash-object", "-w", "-t", type, "--literally", "--stdin"],
            environment: ["PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"],
            input: .file(file)
        )
        let result = try await command.collect(until: .after(.seconds(100)))
        guard result.exit.isSuccess else { throw BareRepository.Failure(description: result.standardError.text) }
        return String(result.standardOutput.text.prefix(40))
    }

    func blob(_ text: String) async throws -> String { try await store(Array(text.utf8), as: "blob") }
    func tree(_ lines: [Line]) async throws -> String { try await store(lines.flatMap(\.bytes), as: "tree") }

    /// Makes a tree main's.
    func commit(tree: String) async throws {
        let person = "A <a@example.org> 1600000000 +0000"
        let commit = try await store(Array("tree \(tree)\nauthor \(person)\ncommitter \(person)\n\nx\n".utf8), as: "commit")
        try await bare.reset("main", to: commit)
    }

    /// Makes a tree the script folder of main.
    func commit(folder: String) async throws {
        try await commit(tree: try await tree([Line("40000", "genericexecutor", folder)]))
    }

    // MARK: The cache

    func snapshot(_ project: String = "shop", within limit: Duration = .seconds(150)) async throws -> SnapshotLease {
        let scope = Scope(project: PlainName(project), stage: nil, service: nil)
        return try await cache.snapshot(scope, deadline: .after(limit))
    }

    /// Where main's script folder is on disk.
    /// Asks at once, also where a server that failed many times would be left alone for a moment.
    func refresh() async throws {
        guard let name = PlainName("shop") else { return }
        try await cache.refresh(name, deadline: .after(.seconds(60)))
    }

    func folder(of lease: SnapshotLease) -> String { (lease.snapshot.places.first?.directory ?? "") + "/genericexecutor" }

    /// What is wrong outside the cache, or with the other project; empty if nothing.
    func harm() async throws -> [String] {
        let now = try CacheFixture.listing(directory.path).filter { !$0.contains(" cache/") && !$0.contains(".git/") }
        var harm = now.filter { !before.contains($0) && $0 != "d700 cache" }.map { "new: \($0)" }
        harm += before.filter { !now.contains($0) }.map { "gone: \($0)" }
        let other = try await snapshot("good")
        let text = (try? Files.read("\(folder(of: other))/a.sh")).map { String(decoding: $0, as: UTF8.self) }
        if text != "good" { harm.append("the other project: \(text ?? "no file")") }
        for project in try Files.list("\(directory.path)/cache") where !["good", "shop", ".lock", "lock"].contains(project) {
            harm.append("in the cache: \(project)")
        }
        return harm
    }
}
