import Basics
import Git
import Synchronization

/// The shallow clone of a project's remote repository on disk: brought up to date, made anew where it is damaged or has grown, and
/// exchanged without that anybody waits. One refresh at a time; the turns see to that.
final class Clone: Sendable {
    private struct State: Sendable {
        /// Counts the clones that took the place of another one. What was read meanwhile may be gone.
        var generation = 0
        var size = CloneSize()
        /// When this process made the clone; nil: an earlier one did.
        var made: ContinuousClock.Instant?
        /// A fresh clone that waits to take the present one's place.
        var successor: Successor?
        var isCompacting = false
    }

    private struct Successor: Sendable {
        let path: String
        let view: ProjectView
    }

    private let directory: ProjectDirectory
    private let pool: ThreadPool
    private let limits: CacheLimits
    private let state = Mutex(State())

    init(directory: ProjectDirectory, pool: ThreadPool, limits: CacheLimits) {
        self.directory = directory
        self.pool = pool
        self.limits = limits
    }

    var generation: Int { state.withLock { $0.generation } }
    var size: CloneSize { state.withLock { $0.size } }
    /// Whether the clone is so new that another one would be no better: what cannot be read is damaged where it comes from.
    var isNew: Bool { state.withLock { $0.made.map { .now - $0 < Self.newness } ?? false } }
    private static let newness = Duration.seconds(30)

    var isCompacting: Bool { state.withLock { $0.isCompacting || $0.successor != nil } }

    /// Takes up what an earlier process has left. Blocks.
    ///
    /// - Parameter freshBytes: what the last fresh clone took; nil if nobody knows.
    func open(freshBytes: Int?) {
        let size = CloneSize(of: directory.repository, fresh: freshBytes)
        state.withLock { $0.size = size }
    }

    /// The clone is being removed.
    func forget() { state.withLock { ($0.size, $0.generation) = (CloneSize(), $0.generation + 1) } }

    /// What one refresh needs to know.
    struct Job: Sendable {
        let remote: GitRemote
        let address: String
        let settings: RepositorySettings
        let verifier: SignatureVerifier?
        /// Told when the question is answered.
        let onAnswer: @Sendable () -> Void
    }

    /// Asks once, and brings the clone up to date.
    ///
    /// - Parameter old: what is held; nil makes a new clone.
    func refresh(_ job: Job, from old: ProjectView?, wish: Wish) async throws -> RefreshResult {
        if let successor = state.withLock({ $0.successor.take() }) {
            if let old, successor.view.remote == job.address {
                return try await adopt(successor, job, wish: wish.adding(old.presentBranches))
            }
            await remove(successor.path)
        }
        if let old, Files.isDirectory(directory.repository) {
            do {
                return try await work(job, on: directory.repository).run(from: old, wish: wish)
            } catch let error as GitError where error.failureClass == .corrupt {
                // What is held is damaged. Only this leads to a new clone: no failure of the network ever does.
            }
        }
        let (path, result) = try await make(job, wish: wish)
        try await take(path)
        return result
    }

    /// Does something that reads files of the clone; those that it lacks are fetched.
    func completing<T: Sendable>(_ job: Job, _ body: () async throws -> T) async throws -> T {
        try await work(job, on: directory.repository).completing(body)
    }

    /// Fetches what else scripts may need of a new clone, while nobody waits. A failure is of no matter: whoever needs it fetches it.
    func fetchRest(_ job: Job) async { try? await work(job, on: directory.repository).fetchRest() }

    /// Whether a fresh clone is due. Who is told so calls ``compact(_:branches:)`` or ``abandonCompaction()``.
    var isDue: Bool {
        state.withLock { state in
            guard state.size.isExcessive, !state.isCompacting, state.successor == nil else { return false }
            state.isCompacting = true
            return true
        }
    }

    /// Packs pile up with each fetch, and repacking costs more than a clone: a fresh one is made while events go on with the present
    /// one. The next refresh brings it up to date and lets it take its place.
    func compact(_ job: Job, branches: Set<String>) async {
        defer { state.withLock { $0.isCompacting = false } }
        guard let (path, result) = try? await make(job, wish: Wish(branches: branches)) else { return }
        try? await work(job, on: path).fetchRest()
        state.withLock { $0.successor = Successor(path: path, view: result.view) }
    }

    func abandonCompaction() { state.withLock { $0.isCompacting = false } }

    private func work(_ job: Job, on repository: String) -> RemoteRefresh {
        RemoteRefresh(
            repository: repository,
            temporary: directory.temporary,
            remote: job.remote,
            address: job.address,
            settings: job.settings,
            limits: PackLimits(bytes: limits.perProject),
            pool: pool,
            verifier: job.verifier,
            onAnswer: job.onAnswer
        )
    }

    /// Makes a clone beside the present one.
    private func make(_ job: Job, wish: Wish) async throws -> (path: String, result: RefreshResult) {
        let path = directory.temporaryPath("clone")
        do {
            var result = try await work(job, on: path).run(from: nil, wish: wish)
            result.isNewClone = true
            return (path, result)
        } catch {
            await remove(path)
            throw error
        }
    }

    /// Brings a fresh clone up to date and lets it take its place: one refresh like any other.
    private func adopt(_ successor: Successor, _ job: Job, wish: Wish) async throws -> RefreshResult {
        do {
            var result = try await work(job, on: successor.path).run(from: successor.view, wish: wish)
            try await take(successor.path)
            result.isNewClone = true
            return result
        } catch {
            await remove(successor.path)
            throw error
        }
    }

    /// Lets a new clone take the place of the present one.
    private func take(_ path: String) async throws {
        let size = try await pool.run(until: .after(RefreshLimits.disk)) { [directory] in
            let size = CloneSize(of: path, fresh: nil)
            try directory.replaceRepository(by: path)
            return size
        }
        state.withLock { ($0.size, $0.generation, $0.made) = (size, $0.generation + 1, .now) }
    }

    /// Looks how large the clone has become.
    func measure() async {
        let fresh = size.fresh
        let size = try? await pool.run(until: .after(RefreshLimits.disk)) { [directory] in
            CloneSize(of: directory.repository, fresh: fresh)
        }
        if let size { state.withLock { $0.size = size } }
    }

    /// What is left if this fails, too, the next start sweeps.
    private func remove(_ path: String) async {
        try? await pool.run(until: .after(RefreshLimits.disk)) { Files.removeTree(path) }
    }
}

extension Wish {
    fileprivate func adding(_ branches: Set<String>) -> Wish {
        var wish = self
        wish.branches.formUnion(branches)
        return wish
    }
}
