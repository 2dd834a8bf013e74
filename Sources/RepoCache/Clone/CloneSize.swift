import Basics
import Glibc

/// How large a clone is on disk, and whether a fresh one is due.
struct CloneSize: Sendable, Hashable {
    /// Blocks in use, in bytes.
    var bytes = 0
    var packs = 0
    /// What the last fresh clone took.
    var fresh = 0

    static let maximumPacks = 50
    static let slack = 16 << 20

    var isExcessive: Bool { packs > Self.maximumPacks || bytes > 2 * fresh + Self.slack }
}

extension CloneSize {
    /// Looks at the objects of the bare repository at `path`; what else is in it is small. Blocks.
    ///
    /// - Parameter fresh: what the last fresh clone took; nil: this is one.
    init(of path: String, fresh: Int?) {
        let directory = "\(path)/objects/pack"
        for name in (try? Files.list(directory)) ?? [] {
            bytes += Files.allocatedSize("\(directory)/\(name)")
            if name.hasSuffix(".pack") { packs += 1 }
        }
        self.fresh = fresh ?? bytes
    }
}
