import Basics
import Git
import Synchronization

/// Which commits were found to be well signed, so that they need not be looked at again.
///
/// What was found holds for the very files that said so, and not for ever: an OpenPGP key can expire.
final class VerifiedCommits: Sendable {
    /// What a finding rests on.
    struct Basis: Sendable, Hashable {
        var policy: SignaturePolicy
        var allowedSigners: FileStamp?
        var keyring: FileStamp?
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
