import Basics
import Curl
import Git

/// What a remote is reached with, the state of its files included: when it changes, a refused login is worth another try.
struct AccessStamp: Sendable, Hashable {
    private let url: RemoteURL
    private let access: RemoteAccess
    private let files: [FileStamp?]

    /// Looks at the files. Blocks for a moment.
    init(_ url: RemoteURL, _ access: RemoteAccess) {
        self.url = url
        self.access = access
        let paths = [
            access.authorities?.path, access.clientCertificate?.file, access.clientCertificate?.keyFile, access.netrcFile,
            access.ssh.key?.path, access.ssh.knownHostsFile,
        ]
        files = paths.map { $0.flatMap(FileStamp.init(of:)) }
    }
}

extension RemoteAccess.Material {
    fileprivate var path: String? { if case .file(let path) = self { path } else { nil } }
}
