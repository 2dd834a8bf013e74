import Basics
import Curl
import Git
import Model
import Synchronization

/// Keeps what is known of one project's repository up to date: who asks it when, what it said, and the clone.
final class ProjectRefresher: Sendable {
    private struct State: Sendable {
        var turns = RefreshTurns()
        var landings: [Int: TurnLanding] = [:]
        /// nil: nothing is held.
        var view: ProjectView?
        /// Counts the clones that took the place of another one. What is read meanwhile may be gone.
        var generation = 0
        var policy = RefreshPolicy()
        var failure: RefreshFailure?
        var size = CloneSize()
        /// A fresh clone that waits to take the old one's place.
        var successor: Successor?
        var isCompacting = false
    }

    /// What the callers of one turn wait for.
    private struct TurnLanding: Sendable {
        let answer = Landing<Void>()
        let result = Landing<RefreshResult>()
    }

    private struct Successor: Sendable {
        let path: String
        let view: ProjectView
    }

    private let directory: ProjectDirectory
    private let pool: ThreadPool
    private let limits: CacheLimits
    private let breakers: HostBreakers
    private let remotes: RemoteFactory
    private let settings: @Sendable () async throws -> RepositorySettings
    private let state = Mutex(State())

    init(
        directory: ProjectDirectory,
        client: HTTPClient,
        pool: ThreadPool,
        limits: CacheLimits,
        breakers: HostBreakers,
        settings: @escaping @Sendable () async throws -> RepositorySettings
    ) {
        self.directory = directory
        self.pool = pool
        self.limits = limits
        self.breakers = breakers
        self.settings = settings
        remotes = RemoteFactory(client: client, directory: directory)
    }

    // MARK: What is known

    /// Takes up what an earlier process has left. Blocks.
    func open(_ kept: ProjectState?) {
        let view = kept.map { Recovery.reconcile($0.view, with: directory.repository) }
        let size = CloneSize(of: directory.repository, fresh: kept?.freshBytes)
        state.withLock { ($0.view, $0.size) = (view, size) }
    }

    func held(_ remote: String) -> ProjectView? { state.withLock { $0.view }.flatMap { $0.remote == remote ? $0 : nil } }

    var view: ProjectView? { state.withLock { $0.view } }
    var size: CloneSize { state.withLock { $0.size } }
    var failure: RefreshFailure? { state.withLock { $0.failure } }
    var generation: Int { state.withLock { $0.generation } }
    var isBusy: Bool { state.withLock { $0.turns.inFlight != nil || $0.isCompacting } }

    /// What is held cannot be read: the next refresh makes a new clone.
    ///
    /// - Parameter generation: of the clone that was read; a later one is not to blame.
    func distrust(generation: Int) {
        state.withLock { if $0.generation == generation { $0.view = nil } }
    }

    /// Forgets all, for the clone is being removed.
    func forget() { state.withLock { ($0.view, $0.size, $0.generation) = (nil, CloneSize(), $0.generation + 1) } }

    // MARK: Asking

    /// Waits for a refresh that begins asking after this call.
    func refresh(_ wish: Wish, until deadline: Deadline) async throws -> RefreshResult {
        let (landing, isHeld) = state.withLock { state in
            let (id, start) = state.turns.join(wish)
            let landing = state.landings[id] ?? TurnLanding()
            state.landings[id] = landing
            if let start { Task { await self.run(start) } }
            return (landing, state.view != nil)
        }
        // The question may wait for the end of a first clone; as long as there is nothing else to serve, so does the caller.
        try await landing.answer.value(until: isHeld ? min(deadline, .after(RefreshLimits.questions)) : deadline)
        return try await landing.result.value(until: deadline)
    }

    /// Runs one turn after the other until none waits.
    private func run(_ first: RefreshTurns.Turn) async {
        var next: RefreshTurns.Turn? = first
        while let turn = next {
            let answer = state.withLock { $0.landings[turn.id]?.answer }
            let result: Result<RefreshResult, any Error>
            do {
                result = .success(try await perform(turn.wish) { answer?.land(.success(())) })
            } catch {
                result = .failure(error)
                note(error)
            }
            let landing = state.withLock { state in
                next = state.turns.landed()
                return state.landings.removeValue(forKey: turn.id)
            }
            landing?.answer.land(result.map { _ in () })
            landing?.result.land(result)
        }
    }

    private func perform(_ wish: Wish, onAnswer: @escaping @Sendable () -> Void) async throws -> RefreshResult {
        let settings: RepositorySettings
        do {
            settings = try await withDeadline(.after(RefreshLimits.disk)) { try await self.settings() }
        } catch {
            throw RepoCacheError("configuration", "\(error)")
        }
        let url = try RemoteURL(settings.remote)
        let old = held(url.description)
        let result: RefreshResult
        if case .local(let path) = url.place {
            let refresh = LocalRefresh(
                repository: LocalRefresh.repository(at: path),
                remote: url.description,
                settings: settings,
                pool: pool
            )
            result = try await refresh.run(from: old, wish: wish)
        } else {
            result = try await ask(url, settings, from: old, wish: wish, onAnswer: onAnswer)
        }
        try await publish(result, in: old, folders: settings.folders)
        return result
    }

    private func publish(_ result: RefreshResult, in old: ProjectView?, folders: [PlainName]) async throws {
        if !result.view.saysTheSame(as: old) {
            let kept = ProjectState(
                view: result.view,
                folders: folders.map(\.text),
                freshBytes: state.withLock { $0.size.fresh },
                boot: ProjectState.currentBoot
            )
            try await pool.run(until: .after(RefreshLimits.disk)) { [directory] in
                try Files.createDirectory(directory.path)
                try kept.write(to: directory.state)
            }
        }
        state.withLock { ($0.view, $0.failure) = (result.view, nil) }
    }

    private func note(_ error: any Error) {
        state.withLock { $0.failure = RefreshFailure(RepoCacheError(error), since: $0.failure, hold: $0.policy.hold) }
    }
}

// MARK: Remote repositories

extension ProjectRefresher {
    /// Asks, as often as the kind of failure allows; keeps to the pauses that policy and breaker want.
    private func ask(
        _ url: RemoteURL,
        _ settings: RepositorySettings,
        from old: ProjectView?,
        wish: Wish,
        onAnswer: @escaping @Sendable () -> Void
    ) async throws -> RefreshResult {
        let policy = state.withLock { $0.policy }
        if policy.hold != nil, !wish.isForced {
            let stamp = try await pool.run(until: .after(RefreshLimits.disk)) { AccessStamp(url, settings.access) }
            if let refusal = policy.refusal(stamp, at: .now) { throw refusal }
        }
        let server = url.server ?? ""
        guard wish.isForced || breakers.admit(server) else { throw HostBreakers.refusal(of: server, operation: "reach \(url)") }
        let giveUp = Deadline.after(RefreshLimits.questions)
        var attempt = 1
        while true {
            do {
                let result = try await refreshClone(url, settings, from: old, wish: wish) { [breakers] in
                    breakers.note(nil, of: server)
                    onAnswer()
                }
                state.withLock { $0.policy.succeeded() }
                return result
            } catch let error as GitError {
                breakers.note(error, of: server)
                attempt += 1
                if let pause = RefreshPolicy.pause(before: attempt, after: error), pause < giveUp.remaining {
                    try await Task.sleep(for: pause)
                    if wish.isForced || breakers.admit(server) { continue }
                }
                let stamp = try await pool.run(until: .after(RefreshLimits.disk)) { AccessStamp(url, settings.access) }
                state.withLock { $0.policy.failed(error, stamp, at: .now, jitter: .random(in: 0...1)) }
                throw error
            }
        }
    }

    private func refreshClone(
        _ url: RemoteURL,
        _ settings: RepositorySettings,
        from old: ProjectView?,
        wish: Wish,
        onAnswer: @escaping @Sendable () -> Void
    ) async throws -> RefreshResult {
        if let successor = state.withLock({ $0.successor.take() }) {
            if old != nil, successor.view.remote == url.description {
                return try await adopt(successor, url, settings, wish: wish, onAnswer: onAnswer)
            }
            await remove(successor.path)
        }
        if let old, Files.isDirectory(directory.repository) {
            do {
                let result = try await work(on: directory.repository, url, settings, onAnswer).run(from: old, wish: wish)
                if result.kind == .fetched { await measure(after: settings, url) }
                return result
            } catch let error as GitError where error.failureClass == .corrupt {
                // What is held is damaged. Only this leads to a new clone: no failure of the network ever does.
            }
        }
        let (path, result) = try await clone(url, settings, wish: wish, onAnswer)
        try await take(path)
        return result
    }

    private func work(
        on repository: String,
        _ url: RemoteURL,
        _ settings: RepositorySettings,
        _ onAnswer: @escaping @Sendable () -> Void = {}
    ) throws(GitError) -> RemoteRefresh {
        guard let remote = remotes.remote(url, settings.access) else {
            throw GitError(.unsupported, "clone \(url)", "it is a repository of this machine, which is read in place")
        }
        return RemoteRefresh(
            repository: repository,
            temporary: directory.temporary,
            remote: remote,
            address: url.description,
            settings: settings,
            limits: PackLimits(bytes: limits.perProject),
            pool: pool,
            onAnswer: onAnswer
        )
    }

    /// Makes a clone beside the present one.
    private func clone(
        _ url: RemoteURL,
        _ settings: RepositorySettings,
        wish: Wish,
        _ onAnswer: @escaping @Sendable () -> Void
    ) async throws -> (path: String, result: RefreshResult) {
        let path = directory.temporaryPath("clone")
        do {
            return (path, try await work(on: path, url, settings, onAnswer).run(from: nil, wish: wish))
        } catch {
            await remove(path)
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
        state.withLock { ($0.size, $0.generation) = (size, $0.generation + 1) }
    }

    /// What is left if this fails, too, the next start sweeps.
    private func remove(_ path: String) async {
        try? await pool.run(until: .after(RefreshLimits.disk)) { Files.removeTree(path) }
    }

    /// Brings a fresh clone up to date and lets it take its place: one turn like any other.
    private func adopt(
        _ successor: Successor,
        _ url: RemoteURL,
        _ settings: RepositorySettings,
        wish: Wish,
        onAnswer: @escaping @Sendable () -> Void
    ) async throws -> RefreshResult {
        var wish = wish
        wish.branches.formUnion(state.withLock { $0.view?.presentBranches ?? [] })
        do {
            let result = try await work(on: successor.path, url, settings, onAnswer).run(from: successor.view, wish: wish)
            try await take(successor.path)
            return result
        } catch {
            await remove(successor.path)
            throw error
        }
    }

    /// Looks how large the clone has become, and begins a fresh one when it is time.
    private func measure(after settings: RepositorySettings, _ url: RemoteURL) async {
        let fresh = state.withLock { $0.size.fresh }
        let size = try? await pool.run(until: .after(RefreshLimits.disk)) { [directory] in
            CloneSize(of: directory.repository, fresh: fresh)
        }
        guard let size else { return }
        let isDue = state.withLock { state in
            state.size = size
            guard size.isExcessive, !state.isCompacting, state.successor == nil else { return false }
            state.isCompacting = true
            return true
        }
        guard isDue else { return }
        Task { await compact(settings, url) }
    }

    /// Packs pile up with each fetch, and repacking costs more than a clone: a fresh one is made while events go on with the old one.
    private func compact(_ settings: RepositorySettings, _ url: RemoteURL) async {
        defer { state.withLock { $0.isCompacting = false } }
        let wish = Wish(branches: state.withLock { $0.view?.presentBranches ?? [] })
        guard let (path, result) = try? await clone(url, settings, wish: wish, {}) else { return }
        state.withLock { $0.successor = Successor(path: path, view: result.view) }
        // The next event would adopt it, too; this is for the time until then.
        _ = try? await refresh(Wish(), until: .after(RefreshLimits.clone))
    }
}
