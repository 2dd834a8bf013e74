import Basics
import Glibc

/// The places of one project on disk.
struct ProjectDirectory: Sendable, Hashable {
    let path: String
    /// Whether scripts run as a user of their own, who must be able to walk to the snapshots. All else stays closed.
    let isOpen: Bool

    init(_ path: String, isOpen: Bool = false) {
        self.path = path
        self.isOpen = isOpen
    }

    /// The project's.
    var name: String { String(path.split(separator: "/").last ?? "") }
    var repository: String { "\(path)/repository.git" }
    var snapshots: String { "\(path)/snapshots" }
    var state: String { "\(path)/state.json" }
    /// What is being made or removed; on the same file system, so that a rename publishes it.
    var temporary: String { "\(path)/tmp" }

    /// A path under ``temporary`` that nobody else uses, or can guess: a script of our own user that may look at nothing here could
    /// still connect to a socket whose path it knows.
    func temporaryPath(_ purpose: String) -> String { "\(temporary)/\(purpose)-\(UniqueID.random())" }

    /// The same; its parent exists afterwards.
    func newTemporary(_ purpose: String) throws(FileError) -> String {
        try Files.createDirectory(temporary)
        return temporaryPath(purpose)
    }

    /// Lets every user walk to what is published at `snapshot`, a path in ``snapshots``. What else is here stays closed.
    func open(to snapshot: String) {
        guard isOpen else { return }
        chmod(path, 0o711)
        let parts = snapshot.dropFirst(path.count).split(separator: "/").dropLast()
        var directory = path
        for part in parts {
            directory += "/" + part
            chmod(directory, 0o755)
        }
    }

    /// Where the old clone is while a new one takes its place. A start that finds it there and no clone puts it back.
    private var previous: String { "\(temporary)/previous.git" }

    /// Lets the clone at `path` take the place of the present one, which is removed.
    func replaceRepository(by path: String) throws(FileError) {
        Files.removeTree(previous)
        if rename(repository, previous) != 0, errno != ENOENT { throw FileError("replace", repository, errno: errno) }
        guard rename(path, repository) == 0 else { throw FileError("publish", path, errno: errno) }
        Files.removeTree(previous)
    }

    /// Moves a file or directory out of the way and removes it.
    func discard(_ path: String) throws(FileError) {
        // Nothing is made for a project of which nothing is there: its name may be any that a sender thought of.
        guard Files.exists(path) else { return }
        let grave = try newTemporary("removed")
        guard rename(path, grave) == 0 else {
            guard errno == ENOENT else { throw FileError("remove", path, errno: errno) }
            return
        }
        Files.removeTree(grave)
    }

    /// Removes what a killed process left: half-made things, locks, packs without an index.
    func sweep() {
        if !Files.exists(repository) { rename(previous, repository) }
        Files.removeTree(temporary)
        for name in names(in: path) where name.hasPrefix("state.json.new-") { unlink("\(path)/\(name)") }
        for name in names(in: repository) where name.hasSuffix(".lock") || name.hasPrefix("shallow.new-") {
            unlink("\(repository)/\(name)")
        }
        let packs = "\(repository)/objects/pack"
        for name in names(in: packs) where name.hasPrefix("pack_git2_") || name.hasSuffix(".lock") { unlink("\(packs)/\(name)") }
        removeLocks(under: "\(repository)/refs")
    }

    private func removeLocks(under directory: String) {
        for name in names(in: directory) {
            let path = "\(directory)/\(name)"
            // No reference can have a name that ends so.
            if name.hasSuffix(".lock") { unlink(path) } else if Files.isDirectory(path) { removeLocks(under: path) }
        }
    }

    private func names(in directory: String) -> [String] { (try? Files.list(directory)) ?? [] }
}
