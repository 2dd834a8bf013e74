import Basics
import Git
import Glibc
import Model
import Synchronization

/// A project's script folders on disk, one directory for each commit.
///
/// A folder is written under a temporary name and renamed: it is there as a whole or not at all. Directories above it are made
/// as needed. Because a service may be called like a script folder, the outermost folder on a path is written first and the
/// inner one comes with it: a directory with a folder's name is always complete.
///
/// A script runs as the same user as we do and can change or remove what lies here. So a folder is compared with what it was
/// before it is used again, and written anew if it is no longer the same.
final class SnapshotStore: Sendable {
    /// What stands for a level on disk.
    private struct LevelKey: Sendable, Hashable {
        var commit: ObjectID
        var path: [String]

        init(_ place: LevelPlace) { (commit, path) = (place.commit, place.path) }
    }

    private struct Level: Sendable {
        /// What had to be left out.
        var warnings: [String] = []
        /// The paths of its folders.
        var folders: [String] = []
        var hasWritten = false
    }

    private struct State: Sendable {
        /// The levels that are on disk or on their way there.
        var levels: [LevelKey: Landing<Level>] = [:]
        /// What the folders were like when they were written, or first seen.
        var stamps: [String: FolderStamp] = [:]
        var leases: [ObjectID: Int] = [:]
    }

    /// How many levels are remembered. Names of services come from senders: those that do not exist must not pile up. What is
    /// forgotten is found again on disk.
    static let maximumLevels = 4_096
    /// How many snapshots without a lease stay, for the next event of the same commit.
    static let spare = 8
    /// Reading and writing one level, on a slow disk.
    private static let limit = Duration.seconds(60)

    private let directory: ProjectDirectory
    private let folders: [PlainName]
    private let pool: ThreadPool
    private let state = Mutex(State())

    init(directory: ProjectDirectory, folders: [PlainName], pool: ThreadPool) {
        self.directory = directory
        self.folders = folders
        self.pool = pool
    }

    /// Puts the levels on disk as far as they are not there, and keeps them until the lease is released.
    ///
    /// - Parameters:
    ///   - repository: the path of the bare repository that holds the commits.
    ///   - current: the commits that branches are at; they stay without a lease.
    func lease(
        _ places: [LevelPlace],
        repository: String,
        current: Set<ObjectID>,
        deadline: Deadline
    ) async throws -> (places: [Snapshot.Place], warnings: [String], release: @Sendable () -> Void) {
        let commits = Set(places.map(\.commit))
        // Before anything is written: a sweep must not take what is on its way.
        state.withLock { state in
            for commit in commits { state.leases[commit, default: 0] += 1 }
        }
        let release: @Sendable () -> Void = { [self] in
            state.withLock { state in
                for commit in commits {
                    let left = (state.leases[commit] ?? 1) - 1
                    state.leases[commit] = left > 0 ? left : nil
                }
            }
        }
        do {
            if let warnings = try await present(places, deadline) { return (places.map(onDisk), warnings, release) }
            let new = start(places, repository: repository, current: current)
            var warnings: [String] = []
            for place in places {
                let isNew = new.contains(LevelKey(place))
                warnings += try await ensure(place, isNew: isNew, repository: repository, current: current, deadline: deadline)
            }
            return (places.map(onDisk), warnings, release)
        } catch {
            release()
            throw error
        }
    }

    /// The usual case: all levels are on disk and as they were. One job of the pool finds that out.
    ///
    /// - Returns: what had to be left out; nil if a level has to be written.
    private func present(_ places: [LevelPlace], _ deadline: Deadline) async throws -> [String]? {
        let landings = state.withLock { state in places.map { state.levels[LevelKey($0)] } }
        var levels: [Level] = []
        for landing in landings {
            guard case .success(let level) = landing?.result else { return nil }
            levels.append(level)
        }
        let folders = levels.flatMap(\.folders)
        if !folders.isEmpty {
            let areWhole = try await pool.run(until: deadline) { [self] in folders.allSatisfy(isWhole) }
            guard areWhole else { return nil }
        }
        return levels.flatMap(\.warnings)
    }

    /// Whether somebody holds a lease.
    var isInUse: Bool { state.withLock { !$0.leases.isEmpty } }

    /// The snapshots on disk have been removed.
    func forget() { state.withLock { ($0.levels, $0.stamps) = ([:], [:]) } }

    private func onDisk(_ place: LevelPlace) -> Snapshot.Place {
        Snapshot.Place(
            level: place.level,
            branch: place.branch,
            commit: place.commit.description,
            path: place.path.joined(separator: "/"),
            directory: ([snapshot(of: place.commit)] + place.path).joined(separator: "/")
        )
    }

    private func snapshot(of commit: ObjectID) -> String { "\(directory.snapshots)/\(commit)" }

    /// Sees to it that a level is on disk.
    ///
    /// - Parameter isNew: it is on its way just now, so nobody can have changed it.
    /// - Returns: what had to be left out.
    private func ensure(
        _ place: LevelPlace,
        isNew: Bool,
        repository: String,
        current: Set<ObjectID>,
        deadline: Deadline
    ) async throws -> [String] {
        let key = LevelKey(place)
        let landing = state.withLock { $0.levels[key] }
        if let landing {
            let level = try await landing.value(until: deadline)
            if isNew || level.folders.isEmpty { return level.warnings }
            let isIntact = try await pool.run(until: deadline) { [self] in level.folders.allSatisfy(isWhole) }
            if isIntact { return level.warnings }
            state.withLock { state in
                if state.levels[key] === landing { state.levels[key] = nil }
            }
        }
        _ = start([place], repository: repository, current: current)
        guard let again = state.withLock({ $0.levels[key] }) else {
            throw GitError(.corrupt, "read the script folders of \(place.origin)", "they cannot be written to disk")
        }
        return try await again.value(until: deadline).warnings
    }

    /// Begins to put levels on disk that are neither there nor on their way: all in one job, for each opens the repository.
    ///
    /// - Returns: which.
    private func start(_ places: [LevelPlace], repository: String, current: Set<ObjectID>) -> Set<LevelKey> {
        var new: [(key: LevelKey, place: LevelPlace, landing: Landing<Level>)] = []
        state.withLock { state in
            for place in places where state.levels[LevelKey(place)] == nil {
                if state.levels.count >= Self.maximumLevels { (state.levels, state.stamps) = ([:], [:]) }
                let landing = Landing<Level>()
                state.levels[LevelKey(place)] = landing
                new.append((LevelKey(place), place, landing))
            }
        }
        guard !new.isEmpty else { return [] }
        let levels = new
        Task { [self] in
            do {
                try await pool.run(until: .after(Self.limit)) { [self] in
                    var hasWritten = false
                    try Repository.reading(repository) { repository in
                        for (_, place, landing) in levels where landing.result == nil {
                            let level = try write(place, from: repository)
                            hasWritten = hasWritten || level.hasWritten
                            landing.land(.success(level))
                        }
                    }
                    if hasWritten { sweep(keeping: current) }
                }
            } catch {
                // A failure is not remembered: the next one tries again.
                for (key, _, landing) in levels where landing.result == nil {
                    state.withLock { $0.levels[key] = nil }
                    landing.land(.failure(error))
                }
            }
        }
        return Set(new.map(\.key))
    }

    /// Whether a folder is there, and nobody has changed it. Blocks.
    private func isWhole(_ folder: String) -> Bool {
        guard let stamp = FolderStamp(of: folder) else { return false }
        return state.withLock { state in
            // One that an earlier process wrote is taken as it is.
            if state.stamps[folder] == nil { state.stamps[folder] = stamp }
            return state.stamps[folder] == stamp
        }
    }

    private func write(_ place: LevelPlace, from repository: borrowing Repository) throws -> Level {
        let root = try repository.commit(place.commit).tree
        var level = Level()
        for folder in folders {
            let path = place.path + [folder.text]
            let content = try FolderContent(at: path.map { Array($0.utf8) }, of: root, in: repository, origin: place.origin)
            level.warnings += content.warnings
            guard let nodes = content.nodes else { continue }
            let outermost = self.outermost(path)
            let target = ([snapshot(of: place.commit)] + outermost).joined(separator: "/")
            if !level.folders.contains(target) { level.folders.append(target) }
            if isWhole(target) { continue }
            let outer =
                outermost == path
                ? nodes
                : try FolderContent(at: outermost.map { Array($0.utf8) }, of: root, in: repository, origin: place.origin).nodes
            guard let outer else { continue }
            try publish(outer, at: target, from: repository)
            level.hasWritten = true
        }
        return level
    }

    /// The shortest beginning of a path that ends with the name of a script folder.
    private func outermost(_ path: [String]) -> [String] {
        let end = path.firstIndex { part in folders.contains { $0.text == part } }
        return Array(path[...(end ?? path.count - 1)])
    }

    private func publish(_ nodes: [FolderContent.Node], at target: String, from repository: borrowing Repository) throws {
        let temporary = try directory.newTemporary("folder")
        do {
            try FolderWriter.write(nodes, to: temporary, from: repository)
            if let slash = target.lastIndex(of: "/") { try Files.createDirectory(String(target[..<slash]), mode: 0o755) }
            // A directory without write permission cannot be renamed by others than root: its `..` changes.
            if !isWhole(target) {
                // One that was damaged goes; scripts that run in it now have what they opened.
                chmod(target, 0o755)
                try directory.discard(target)
            }
            guard chmod(temporary, 0o755) == 0, rename(temporary, target) == 0, chmod(target, 0o555) == 0 else {
                throw FileError("publish", target, errno: errno)
            }
            directory.open(to: target)
            let stamp = FolderStamp(of: target)
            state.withLock { $0.stamps[target] = stamp }
        } catch {
            Files.removeTree(temporary)
            // Somebody else was faster: the folder is there, and the same.
            guard Files.isDirectory(target) else { throw error }
        }
    }

    /// Removes the oldest snapshots that nobody needs.
    private func sweep(keeping current: Set<ObjectID>) {
        let kept = current.map(\.description)
        var candidates: [(changed: (Int, Int), commit: ObjectID)] = []
        for name in (try? Files.list(directory.snapshots)) ?? [] where !kept.contains(name) {
            var status = stat()
            guard let commit = ObjectID(hex: name), lstat(snapshot(of: commit), &status) == 0 else { continue }
            candidates.append(((status.st_mtim.tv_sec, status.st_mtim.tv_nsec), commit))
        }
        candidates.sort { $1.changed < $0.changed }
        for (_, commit) in candidates.dropFirst(Self.spare) { remove(commit) }
    }

    private func remove(_ commit: ObjectID) {
        guard let grave = try? directory.newTemporary("removed") else { return }
        let isRemoved = state.withLock { state in
            guard state.leases[commit] == nil, rename(snapshot(of: commit), grave) == 0 else { return false }
            state.levels = state.levels.filter { $0.key.commit != commit }
            state.stamps = state.stamps.filter { !$0.key.hasPrefix(snapshot(of: commit) + "/") }
            return true
        }
        if isRemoved { Files.removeTree(grave) }
    }
}
