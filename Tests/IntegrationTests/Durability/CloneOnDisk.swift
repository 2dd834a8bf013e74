import Basics
import Glibc
import TestSupport

/// The clone of a project in a service's cache.
struct CloneOnDisk: Sendable, Hashable {
    let path: String

    /// How many packs it has.
    var packs: Int {
        let names = (try? Files.list(path + "/objects/pack")) ?? []
        return names.count { $0.hasSuffix(".pack") }
    }

    /// What `git fsck` finds wrong with it; empty if nothing. While git looked, the service may have put a new clone in its place:
    /// then it looks again.
    func damage() async -> String {
        var damage = ""
        for _ in 0..<10 {
            let before = inode
            damage = await BareRepository.damage(of: path)
            if damage.isEmpty || (before != nil && before == inode) { break }
        }
        return damage
    }

    /// Tells one directory at the path from the next one; nil while there is none.
    private var inode: ino_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_ino : nil
    }
}
