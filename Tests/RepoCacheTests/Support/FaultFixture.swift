import Basics
import Curl
import Git
import Model
import RepoCache
import Synchronization
import TestSupport
import Testing

/// A cache with projects at several addresses, and a secret that no sentence may show.
final class FaultFixture: Sendable {
    static let secret = "s3cret-token"
    /// `keptn:s3cret-token` in Base64, as it goes over the wire.
    static let encodedSecret = "a2VwdG46czNjcmV0LXRva2Vu"

    let cache: RepoCache
    private let directory: TemporaryDirectory
    private let client = HTTPClient()

    /// - Parameter remotes: the projects' addresses.
    init(_ remotes: [String: String]) throws {
        directory = try TemporaryDirectory()
        let folders = ["genericexecutor"].compactMap(PlainName.init)
        cache = try RepoCache(directory: "\(directory.path)/cache", client: client) { name in
            var settings = RepositorySettings(remote: try #require(remotes[name.text]), folders: folders)
            settings.access.credentials = BasicCredentials(user: "keptn", password: Self.secret)
            return settings
        }
    }

    func clone(of project: String) -> String { "\(directory.path)/cache/\(project)/repository.git" }

    func snapshot(_ project: String = "shop", within limit: Duration = .seconds(30)) async throws -> SnapshotLease {
        try await cache.snapshot(Scope(project: PlainName(project), stage: nil, service: nil), deadline: .after(limit))
    }

    /// What stands in the project's script.
    func script(_ project: String = "shop") async throws -> String? { text(try await snapshot(project)) }

    func text(_ lease: SnapshotLease) -> String? {
        guard let place = lease.snapshot.places.first else { return nil }
        return (try? Files.read("\(place.directory)/genericexecutor/a.sh")).map { String(decoding: $0, as: UTF8.self) }
    }

    func refresh(_ project: String = "shop") async throws {
        _ = try await cache.refresh(try #require(PlainName(project)), deadline: .after(.seconds(30)))
    }

    /// A sentence for people: on one line, with the address and without a secret.
    static func expectSentence(_ text: String, names address: String, _ comment: String) {
        #expect(text.contains(address), "\(comment): \(text)")
        #expect(!text.contains(where: \.isNewline) && text.count <= 600, "\(comment): \(text)")
        #expect(!text.contains(secret) && !text.contains(encodedSecret), "\(comment): \(text)")
    }
}
