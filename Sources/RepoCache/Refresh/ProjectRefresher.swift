import Basics
import Curl
import Git
import Model
import Synchronization

/// Keeps what is known of one project's repository up to date: who asks it when, what it said, and when it is left alone.
final class ProjectRefresher: Sendable {
    private struct State: Sendable {
        var turns = RefreshTurns()
        var landings: [Int: TurnLanding] = [:]
        /// nil: nothing is held.
        var view: ProjectView?
        var policy = RefreshPolicy()
        var failure: RefreshFailure?
        /// Whether the view is not written down yet.
        var hasNews = false
        var folders: [String] = []
    }

    /// What the callers of one turn wait for.
    private struct TurnLanding: Sendable {
        let answer = Landing<Void>()
        let result = Landing<RefreshResult>()
    }

    let clone: Clone
    private let directory: ProjectDirectory
    private let pool: ThreadPool
    private let breakers: HostBreakers
    private let remotes: RemoteFactory
    private let settings: @Sendable () async throws -> RepositorySettings
    private let verified = VerifiedCommits()
    private let state = Mutex(State())
    /// The address that was read last: each event asks for it, and it hardly ever changes.
    private let lastURL = Mutex<(text: String, url: RemoteURL)?>(nil)

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
        self.breakers = breakers
        self.settings = settings
        clone = Clone(directory: directory, pool: pool, limits: limits)
        remotes = RemoteFactory(client: client, directory: directory)
    }

    // MARK: What is known

    /// Takes up what an earlier process has left. Blocks.
    func open(_ kept: ProjectState?) {
        let view = kept.map { Recovery.reconcile($0.view, with: directory.repository) }
        clone.open(freshBytes: kept?.freshBytes)
        state.withLock { $0.view = view }
    }

    func held(_ remote: String) -> ProjectView? { state.withLock { $0.view }.flatMap { $0.remote == remote ? $0 : nil } }

    var view: ProjectView? { state.withLock { $0.view } }
    var failure: RefreshFailure? { state.withLock { $0.failure } }
    var isBusy: Bool { clone.isCompacting || state.withLock { $0.turns.inFlight != nil } }

    /// The repository's address.
    func url(_ settings: RepositorySettings) throws(GitError) -> RemoteURL {
        if let last = lastURL.withLock({ $0 }), last.text == settings.remote { return last.url }
        let url = try RemoteURL(settings.remote)
        lastURL.withLock { $0 = (settings.remote, url) }
        return url
    }

    /// What is held cannot be read: the next refresh makes a new clone.
    ///
    /// - Parameter generation: of the clone that was read; a later one is not to blame.
    func distrust(generation: Int) {
        guard clone.generation == generation, !clone.isNew else { return }
        state.withLock { $0.view = nil }
    }

    /// Forgets all, for the clone is being removed.
    func forget() {
        state.withLock { $0.view = nil }
        clone.forget()
    }

    // MARK: Asking

    /// Waits for a refresh that begins asking after this call.
    ///
    /// - Parameter settings: as the caller has just read them; a refresh that has to wait for its turn reads them again.
    func refresh(
        _ wish: Wish,
        settings: RepositorySettings? = nil,
        until deadline: Deadline
    ) async throws -> RefreshResult {
        let (landing, isHeld) = state.withLock { state in
            let (id, start) = state.turns.join(wish)
            let landing = state.landings[id] ?? TurnLanding()
            state.landings[id] = landing
            if let start { Task { await self.run(start, settings) } }
            return (landing, state.view != nil)
        }
        // The question may wait for the end of a first clone; as long as there is nothing else to serve, so does the caller.
        try await landing.answer.value(until: isHeld ? min(deadline, .after(RefreshLimits.questions)) : deadline)
        return try await landing.result.value(until: deadline)
    }

    /// Runs one turn after the other until none waits.
    private func run(_ first: RefreshTurns.Turn, _ settings: RepositorySettings?) async {
        var (next, settings): (RefreshTurns.Turn?, RepositorySettings?) = (first, settings)
        while let turn = next {
            let answer = state.withLock { $0.landings[turn.id]?.answer }
            let result: Result<RefreshResult, any Error>
            do {
                result = .success(try await perform(turn.wish, settings) { answer?.land(.success(())) })
            } catch {
                result = .failure(error)
                state.withLock { $0.failure = RefreshFailure(RepoCacheError(error), since: $0.failure, hold: $0.policy.hold) }
            }
            // What was served from a first clone is to be served after a restart, too, also if the server is down by then.
            if case .success(let result) = result, result.kind == .cloned { await write(result.view) }
            let landing = state.withLock { $0.landings.removeValue(forKey: turn.id) }
            landing?.answer.land(result.map { _ in () })
            landing?.result.land(result)
            if case .success(let result) = result { await keep(result) }
            settings = nil
            next = state.withLock { $0.turns.landed() }
        }
    }

    private func perform(
        _ wish: Wish,
        _ known: RepositorySettings?,
        onAnswer: @escaping @Sendable () -> Void
    ) async throws -> RefreshResult {
        let settings: RepositorySettings
        do {
            settings =
                if let known { known } else {
                    try await withLimit(.after(RefreshLimits.disk)) { [settings = self.settings] in try await settings() }
                }
        } catch {
            throw RepoCacheError("configuration", "\(error)")
        }
        let url = try url(settings)
        let old = held(url.description)
        let result: RefreshResult
        if let remote = remotes.remote(url, settings.access) {
            result = try await ask(remote, url, settings, from: old, wish: wish, onAnswer: onAnswer)
        } else {
            let refresh = LocalRefresh(url, settings: settings, pool: pool, verifier: verifier(settings))
            result = try await refresh.run(from: old, wish: wish)
        }
        state.withLock { state in
            state.hasNews = state.hasNews || result.isNewClone || !result.view.saysTheSame(as: old)
            state.folders = settings.folders.map(\.text)
            (state.view, state.failure) = (result.view, nil)
        }
        return result
    }

    /// Writes what is known down for the next start, if it is news. Nobody waits for this but the next refresh: until it is done, the
    /// clone's references say the same.
    private func keep(_ result: RefreshResult) async {
        if result.kind == .fetched {
            await clone.measure()
            if clone.isDue { Task { await compact(result.view.presentBranches) } }
        }
        if result.kind == .cloned { Task { await complete() } }
        await write(result.view)
    }

    private func write(_ view: ProjectView) async {
        let (hasNews, folders) = state.withLock { ($0.hasNews, $0.folders) }
        guard hasNews else { return }
        let kept = ProjectState(
            view: view,
            folders: folders,
            freshBytes: clone.size.fresh,
            boot: ProjectState.currentBoot
        )
        let written: Void? = try? await pool.run(until: .after(RefreshLimits.disk)) { [directory] in
            try Files.createDirectory(directory.path)
            try kept.write(to: directory.state)
        }
        if written != nil { state.withLock { $0.hasNews = false } }
    }

    /// Asks a server, as often as the kind of failure allows; keeps to the pauses that policy and breaker want.
    private func ask(
        _ remote: GitRemote,
        _ url: RemoteURL,
        _ settings: RepositorySettings,
        from old: ProjectView?,
        wish: Wish,
        onAnswer: @escaping @Sendable () -> Void
    ) async throws -> RefreshResult {
        let policy = state.withLock { $0.policy }
        if policy.hold != nil, !wish.isForced {
            let stamp = try await stamp(url, settings)
            if let refusal = policy.refusal(stamp, at: .now) { throw refusal }
        }
        let server = url.server ?? ""
        guard wish.isForced || breakers.admit(server) else { throw HostBreakers.refusal(of: server, operation: "reach \(url)") }
        let job = job(remote, url, settings) { [breakers] in
            breakers.note(nil, of: server)
            onAnswer()
        }
        let giveUp = Deadline.after(RefreshLimits.questions)
        var attempt = 1
        while true {
            do {
                let result = try await clone.refresh(job, from: old, wish: wish)
                state.withLock { $0.policy.succeeded() }
                return result
            } catch let error as GitError {
                breakers.note(error, of: server)
                attempt += 1
                if let pause = RefreshPolicy.pause(before: attempt, after: error), pause < giveUp.remaining {
                    try await Task.sleep(for: pause)
                    if wish.isForced || breakers.admit(server) { continue }
                }
                let stamp = try await stamp(url, settings)
                state.withLock { $0.policy.failed(error, stamp, at: .now, jitter: .random(in: 0...1)) }
                throw error
            }
        }
    }

    private func job(
        _ remote: GitRemote,
        _ url: RemoteURL,
        _ settings: RepositorySettings,
        onAnswer: @escaping @Sendable () -> Void = {}
    ) -> Clone.Job {
        let verifier = verifier(settings)
        return Clone.Job(remote: remote, address: "\(url)", settings: settings, verifier: verifier, onAnswer: onAnswer)
    }

    /// Checks who signed commits; nil where they need no signature.
    func verifier(_ settings: RepositorySettings) -> SignatureVerifier? {
        settings.signatures.map { SignatureVerifier($0, scratch: directory.temporary, pool: pool, known: verified) }
    }

    /// Does something that reads files of the repository; those that a partial clone lacks are fetched.
    func completing<T: Sendable>(
        _ url: RemoteURL,
        _ settings: RepositorySettings,
        _ body: () async throws -> T
    ) async throws -> T {
        guard let remote = remotes.remote(url, settings.access) else { return try await body() }
        return try await clone.completing(job(remote, url, settings), body)
    }

    private func stamp(_ url: RemoteURL, _ settings: RepositorySettings) async throws -> AccessStamp {
        try await pool.run(until: .after(RefreshLimits.disk)) { AccessStamp(url, settings.access) }
    }

    private func compact(_ branches: Set<String>) async {
        guard let job = await job() else { return clone.abandonCompaction() }
        await clone.compact(job, branches: branches)
        // The next event would adopt the fresh clone, too; this is for the time until then.
        _ = try? await refresh(Wish(), until: .after(RefreshLimits.clone))
    }

    private func complete() async {
        if let job = await job() { await clone.fetchRest(job) }
    }

    /// What work that no event asked for needs.
    private func job() async -> Clone.Job? {
        guard let settings = try? await withLimit(.after(RefreshLimits.disk), self.settings),
            let url = try? url(settings), let remote = remotes.remote(url, settings.access)
        else { return nil }
        return job(remote, url, settings)
    }
}
