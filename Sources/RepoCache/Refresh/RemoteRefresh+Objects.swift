import Basics
import Git
import Model

/// Fetching. A server that can leave out files is asked to do so at the first clone; if the repository turns out to be small, the
/// files follow at once and the clone is whole. Else only those of script folders are fetched, first the ones that somebody waits
/// for, and the clone stays partial.
extension RemoteRefresh {
    /// Up to so many files a clone is made whole.
    static let smallRepository = 2_000
    /// The most bytes of files that are fetched ahead of their use.
    private static let prefetchLimit = 256 << 20

    /// Fetches commits, as far as they are not there, with what is needed of them.
    ///
    /// - Parameters:
    ///   - isNew: nothing is held yet.
    ///   - known: those of them that may be there already.
    ///   - scopes: whose files are wanted now, if nothing was held; those of others can wait.
    ///   - publication: what is done next, if no file is missing then.
    /// - Returns: whether it was done.
    @discardableResult
    func fetch(
        _ commits: Set<ObjectID>,
        isNew: Bool,
        known: Set<ObjectID> = [],
        scopes: Set<Scope> = [],
        then publication: Publication? = nil
    ) async throws -> Bool {
        let held = try await prepare(commits, isNew: isNew, known: known)
        guard !held.wants.isEmpty else { return false }
        let request = FetchRequest(wants: held.wants, haves: held.tips, shallow: held.shallow, omitsBlobs: held.isPartial)
        let limit = isNew ? RefreshLimits.clone : RefreshLimits.fetch
        let spool = try await remote.fetch(request, spoolingIn: temporary, limits: limits, deadline: .after(limit))
        let missing = try await pool.run(until: .after(limit)) { () -> [ObjectID]? in
            let repository = try Repository(openingBare: repository)
            try spool.unpack(into: repository)
            let isFiltered = held.isPartial && spool.isFiltered
            let missing = try missingFiles(in: repository, of: commits, scopes: isNew ? scopes : nil, isFiltered: isFiltered)
            guard missing.isEmpty, !held.isPartial || isNew, let publication else { return missing }
            try publication.run(in: repository)
            return nil
        }
        guard let missing else { return true }
        do {
            try await fetchBlobs(missing, limits: PackLimits(bytes: min(limits.bytes, Self.prefetchLimit)))
        } catch let error as GitError where error.failureClass == .unsupported {
            // More than is good to have ahead: whoever needs a folder fetches that one. Until then its absence is no damage.
            try await pool.run(until: .after(RefreshLimits.disk)) { try Repository(openingBare: repository).becomePartial() }
        }
        return false
    }

    /// The files that have to be fetched after commits that came without theirs. Blocks.
    private func missingFiles(
        in repository: borrowing Repository,
        of commits: Set<ObjectID>,
        scopes: Set<Scope>?,
        isFiltered: Bool
    ) throws(GitError) -> [ObjectID] {
        let isPartial = try repository.isPartial()
        guard isPartial || isFiltered else { return [] }
        if scopes != nil, let all = try ScriptBlobs.allMissing(of: commits, limit: Self.smallRepository, in: repository) {
            return all
        }
        if isPartial { try repository.markPacks() } else { try repository.becomePartial() }
        guard let scopes else { return try ScriptBlobs.missing(of: commits, folders: folders, in: repository) }
        return try ScriptBlobs.missing(of: commits, folders: folders, scopes: scopes, in: repository)
    }

    /// Fetches what else scripts may need of a partial clone: ahead of its use, and while nobody waits.
    func fetchRest() async throws {
        let missing = try await pool.run(until: .after(RefreshLimits.disk)) { [folders] () -> [ObjectID] in
            let repository = try Repository(openingBare: repository)
            guard try repository.isPartial() else { return [] }
            return try ScriptBlobs.missing(of: try repository.tips(), folders: folders, in: repository)
        }
        try await fetchBlobs(missing, limits: PackLimits(bytes: min(limits.bytes, Self.prefetchLimit)))
    }

    /// Fetches that many commits of a branch, the first one included.
    func fetchHistory(of tip: ObjectID, depth: Int) async throws {
        let isPartial = try await prepare([], isNew: false).isPartial
        // Nothing is said to be held: what we have of the tip has no history.
        try await unpack(FetchRequest(wants: [tip], depth: depth, omitsBlobs: isPartial), limit: RefreshLimits.fetch)
    }

    /// Does something that reads files; those that a partial clone lacks are fetched. Each round of it can show others, behind
    /// links.
    func completing<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        for _ in 0..<Self.rounds {
            do {
                return try await body()
            } catch let error as GitError where !error.missing.isEmpty {
                let isPartial = try await pool.run(until: .after(RefreshLimits.disk)) {
                    try Repository(openingBare: repository).isPartial()
                }
                guard isPartial else { throw error }
                try await fetchBlobs(
                    error.missing,
                    limits: PackLimits(bytes: min(limits.bytes, FolderLimits().bytes + Self.slack))
                )
            }
        }
        return try await body()
    }

    private static let rounds = 8
    /// What names and compression may add to the bytes of files.
    private static let slack = 8 << 20

    /// Fetches files by their names.
    func fetchBlobs(_ blobs: [ObjectID], limits: PackLimits) async throws {
        guard !blobs.isEmpty else { return }
        try await pool.run(until: .after(RefreshLimits.disk)) { try Files.createDirectory(temporary) }
        try await unpack(FetchRequest(wants: blobs, depth: nil), limit: RefreshLimits.fetch, limits: limits)
    }

    private func unpack(_ request: FetchRequest, limit: Duration, limits: PackLimits? = nil) async throws {
        let spool = try await remote.fetch(
            request,
            spoolingIn: temporary,
            limits: limits ?? self.limits,
            deadline: .after(limit)
        )
        try await pool.run(until: .after(limit)) {
            let repository = try Repository(openingBare: repository)
            try spool.unpack(into: repository)
            if try repository.isPartial() { try repository.markPacks() }
        }
    }

    private struct Held: Sendable {
        /// The commits that are not there.
        var wants: [ObjectID]
        /// The commits that the clone's references are at.
        var tips: [ObjectID] = []
        /// Those of them that have parents, which are not held.
        var shallow: [ObjectID] = []
        var isPartial: Bool
    }

    /// Finds out what is to be asked for, and makes the place for the answer. Only commits that may be there are looked for: to find
    /// that one is not there, all packs have to be read.
    private func prepare(_ commits: Set<ObjectID>, isNew: Bool, known: Set<ObjectID> = []) async throws -> Held {
        try await pool.run(until: .after(RefreshLimits.disk)) {
            try Files.createDirectory(temporary)
            guard !isNew else { return Held(wants: commits.sorted(), isPartial: true) }
            let repository = try Repository(openingBare: repository)
            let tips = try repository.tips()
            let shallow = try tips.filter { (tip) in try !repository.commit(tip).parents.isEmpty }
            let wants = commits.filter { !known.contains($0) || !repository.hasTree(of: $0) }.sorted()
            return Held(wants: wants, tips: tips, shallow: shallow, isPartial: try repository.isPartial())
        }
    }
}
