import Basics
import Git
import Glibc
import Synchronization

/// Which commits were found to be well signed, so that they need not be looked at again.
///
/// What was found holds for the very files that said so, and not for ever: an OpenPGP key can expire.
final class VerifiedCommits: Sendable {
    /// What a finding rests on.
    struct Basis: Sendable, Hashable {
        var policy: SignaturePolicy
        var allowedSigners: FileIdentity?
        var keyring: FileIdentity?
    }

    private struct Key: Sendable, Hashable {
        var commit: ObjectID
        var basis: Basis
    }

    /// Branches of a few hundred projects, with the commits that events name.
    static let maximum = 4_096
    static let lifetime = Duration.seconds(3_600)

    private let ends = Mutex<[Key: Deadline]>([:])

    func contains(_ commit: ObjectID, by basis: Basis) -> Bool {
        ends.withLock { $0[Key(commit: commit, basis: basis)]?.hasPassed == false }
    }

    func insert(_ commit: ObjectID, by basis: Basis, lifetime: Duration = lifetime) {
        ends.withLock { ends in
            if ends.count >= Self.maximum { ends = ends.filter { !$0.value.hasPassed } }
            // What is forgotten is looked at again.
            if ends.count >= Self.maximum, let first = ends.min(by: { $0.value < $1.value })?.key { ends[first] = nil }
            ends[Key(commit: commit, basis: basis)] = .after(lifetime)
        }
    }
}

/// Tells a file from what it was before it was written to or replaced.
struct FileIdentity: Sendable, Hashable {
    private let numbers: [Int]

    /// Blocks.
    init(of path: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) == 0, access(path, R_OK) == 0 else { throw FileError("read", path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError("read", path, errno: EISDIR) }
        numbers = [
            Int(status.st_dev), Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
            status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
    }
}
