import Basics
import Curl
import Git
import Glibc
import Measuring
import Model
import RepoCache
import TestSupport

/// A project in a cache of its own, with a connection of its own.
final class CachedProject: Sendable {
    private let directory: TemporaryDirectory
    private let cache: RepoCache
    private let name: PlainName

    /// - Parameter maxAge: how old an answer of the server may be that is good enough.
    init(_ remote: String, authority: String? = nil, maxAge: Duration = .zero) throws {
        let (name, folder) = (Self.name("shop"), Self.name("genericexecutor"))
        directory = try TemporaryDirectory()
        cache = try RepoCache(directory: directory.path + "/cache", client: HTTPClient()) { _ in
            RepositorySettings(
                remote: remote,
                access: RemoteAccess(authorities: authority.map { .file($0) }),
                onFailure: .fail,
                refreshMaxAge: maxAge,
                folders: [folder]
            )
        }
        self.name = name
    }

    /// All names here are plain.
    private static func name(_ text: String) -> PlainName { PlainName(text)! }

    func refresh() async throws { try await cache.refresh(name, deadline: .after(.seconds(60))) }

    /// What an event of a service asks for.
    func snapshot(service: Int = 0, stage: String = "dev") async throws {
        let scope = Scope(project: name, stage: Self.name(stage), service: Self.name(Upstreams.service(service)))
        let lease = try await cache.snapshot(scope, deadline: .after(.seconds(60)))
        guard lease.snapshot.staleness == nil, lease.snapshot.places.count == 3 else {
            throw BenchmarkError("the snapshot has not all levels: \(lease.snapshot)")
        }
        lease.release()
    }

    /// The least that a service's folder costs on this disk: its files are written and the directory is renamed.
    func writeByHand(_ number: Int) throws {
        let place = "\(directory.path)/by-hand"
        let (temporary, folder) = ("\(place)/new-\(number)", "\(place)/\(number)")
        try Files.createDirectory(temporary)
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 335)
        for file in 0..<Upstreams.scriptsPerService { try Files.write(text, to: "\(temporary)/file-\(file).sh") }
        guard rename(temporary, folder) == 0 else { throw FileError("publish", folder, errno: errno) }
    }

    /// Makes the clone and learns all branches.
    func warmUp() async throws {
        for stage in Upstreams.branches.dropFirst() { try await snapshot(stage: stage) }
    }
}
