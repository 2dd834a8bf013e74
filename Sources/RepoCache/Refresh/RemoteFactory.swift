import Basics
import Curl
import Git
import Synchronization

/// Makes a project's way to its server, and keeps it: its connections and what its server said serve later questions.
final class RemoteFactory: Sendable {
    private struct Key: Sendable, Hashable {
        var url: RemoteURL
        var access: RemoteAccess
    }

    private let client: HTTPClient
    private let directory: ProjectDirectory
    private let last = Mutex<(key: Key, remote: GitRemote)?>(nil)

    init(client: HTTPClient, directory: ProjectDirectory) {
        self.client = client
        self.directory = directory
    }

    /// - Returns: nil for a repository of this machine.
    func remote(_ url: RemoteURL, _ access: RemoteAccess) -> GitRemote? {
        last.withLock { last in
            let key = Key(url: url, access: access)
            if let last, last.key == key { return last.remote }
            guard let carrier = carrier(url, access) else { return nil }
            let remote = GitRemote(carrier)
            last = (key, remote)
            return remote
        }
    }

    private func carrier(_ url: RemoteURL, _ access: RemoteAccess) -> (any WireCarrier)? {
        switch url.place {
        case .local: return nil
        case .http(let address):
            var access = access
            access.credentials = access.credentials ?? url.credentials
            return SmartHTTP(address, access: access, client: client)
        case .ssh(let address):
            return SSHCarrier(address, access: access, directory: directory.temporaryPath("ssh"))
        case .daemon(let address): return GitDaemonCarrier(address)
        }
    }
}

extension RemoteURL {
    /// Whether a clone is kept; a local repository is read where it is.
    var isCloned: Bool {
        if case .local = place { false } else { true }
    }

    /// Where a repository of this machine is, or the one of the working copy there; nil for a remote one.
    var localRepository: String? {
        guard case .local(let path) = place else { return nil }
        return !Files.exists("\(path)/HEAD") && Files.isDirectory("\(path)/.git") ? "\(path)/.git" : path
    }

    /// The server, for what concerns all of its repositories; nil for this machine.
    var server: String? {
        switch place {
        case .local: nil
        case .http(let url): "\(url.host):\(url.port)"
        case .ssh(let address): "\(address.host):\(address.port ?? 22)"
        case .daemon(let address): "\(address.host):\(address.port)"
        }
    }
}
