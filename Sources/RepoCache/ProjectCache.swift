import Basics
import Curl
import Git
import Model
import Synchronization

/// One project: what is known of its repository, who asks it when, and its snapshots.
final class ProjectCache: Sendable {
    private struct State: Sendable {
        var turns = RefreshTurns()
        var landings: [Int: Landing<RefreshResult>] = [:]
        /// nil: nothing is held.
        var view: ProjectView?
        /// The last remote with all that it depends on: its connection and what its server said serve later questions.
        var remote: (key: RemoteKey, remote: GitRemote)?
    }

    private struct RemoteKey: Sendable, Hashable {
        var url: RemoteURL
        var access: RemoteAccess
    }

    private let directory: ProjectDirectory
    private let folders: [PlainName]
    private let client: HTTPClient
    private let pool: ThreadPool
    private let settings: @Sendable () async throws -> RepositorySettings
    private let store: SnapshotStore
    private let state = Mutex(State())
    private let opened = Landing<Void>()

    init(
        directory: ProjectDirectory,
        folders: [PlainName],
        client: HTTPClient,
        pool: ThreadPool,
        settings: @escaping @Sendable () async throws -> RepositorySettings
    ) {
        self.directory = directory
        self.folders = folders
        self.client = client
        self.pool = pool
        self.settings = settings
        store = SnapshotStore(directory: directory, folders: folders, pool: pool)
        Task { await open() }
    }

    /// Takes up what an earlier process has left.
    private func open() async {
        let kept = try? await pool.run { [directory, folders] in
            let kept = ProjectState.read(directory.state)
            if kept?.boot != ProjectState.currentBoot || kept?.folders != folders.map(\.text) {
                try? directory.discard(directory.snapshots)
            }
            return kept
        }
        state.withLock { $0.view = kept?.view }
        opened.land(.success(()))
    }

    /// See ``RepoCache/snapshot(_:commit:deadline:)``. Throws any error of the parts below.
    func snapshot(
        _ scope: Scope,
        commit: String?,
        settings: RepositorySettings,
        deadline: Deadline
    ) async throws -> SnapshotLease {
        let url = try RemoteURL(settings.remote)
        let request = SnapshotRequest(scope: scope, commit: commit, settings: settings, remote: url.description)
        try await opened.value(until: deadline)
        let answer = try await answer(to: request, repository(of: url), deadline)
        do {
            return try await lease(answer, request, url, max(deadline, .after(Self.grace)))
        } catch let error as GitError where url.isCloned && [.corrupt, .notFound].contains(error.failureClass) {
            // What was published cannot be read, or somebody removed it: the next refresh makes a new clone.
            state.withLock { $0.view = nil }
            let answer = try await self.answer(to: request, repository(of: url), deadline)
            return try await lease(answer, request, url, max(deadline, .after(Self.grace)))
        }
    }

    /// Reading what is held, after a question that took all of the caller's time.
    private static let grace = Duration.seconds(5)

    /// See ``RepoCache/lastKnown(_:)``.
    func lastKnown(_ scope: Scope, settings: RepositorySettings) async throws -> SnapshotLease? {
        let url = try RemoteURL(settings.remote)
        let request = SnapshotRequest(scope: scope, commit: nil, settings: settings, remote: url.description)
        let deadline = Deadline.after(Self.grace)
        try await opened.value(until: deadline)
        guard let held = held(request.remote), request.isKnown(in: held) else { return nil }
        return try await lease(SnapshotAnswer(view: held), request, url, deadline)
    }

    /// See ``RepoCache/refresh(_:deadline:)``.
    func refreshAll(settings: RepositorySettings, deadline: Deadline) async throws {
        let url = try RemoteURL(settings.remote)
        try await opened.value(until: deadline)
        let tips = held(url.description)?.tips.filter { $0.value.commit != nil } ?? [:]
        _ = try await refresh(Wish(branches: Set(tips.keys)), until: deadline)
    }

    func status() async -> RepositoryStatus {
        try? await opened.value(until: .after(Self.grace))
        let view = state.withLock { $0.view }
        let packs = "\(directory.repository)/objects/pack"
        let sizes = (try? await pool.run { try Files.list(packs).map { (name: $0, bytes: Files.size("\(packs)/\($0)")) } }) ?? []
        return RepositoryStatus(
            project: directory.name,
            remote: view?.remote,
            defaultBranch: view?.defaultBranch,
            branches: (view?.tips ?? [:]).sorted { $0.key < $1.key }.map { name, tip in
                RepositoryStatus.Branch(
                    name: name,
                    commit: tip.commit?.description,
                    asked: tip.asked.seconds,
                    changed: tip.changed.seconds
                )
            },
            failure: nil,
            bytes: sizes.map(\.bytes).reduce(0, +),
            packs: sizes.count { $0.name.hasSuffix(".pack") }
        )
    }

    private func held(_ remote: String) -> ProjectView? {
        state.withLock { $0.view }.flatMap { $0.remote == remote ? $0 : nil }
    }

    private func lease(
        _ answer: SnapshotAnswer,
        _ request: SnapshotRequest,
        _ url: RemoteURL,
        _ deadline: Deadline
    ) async throws -> SnapshotLease {
        let repository = repository(of: url)
        let plan = try await pool.run(until: deadline) {
            try request.plan(answer, in: try Repository(openingBare: repository))
        }
        let lease = try await store.lease(
            plan.places,
            repository: repository,
            current: answer.view.commits,
            deadline: deadline
        )
        let snapshot = Snapshot(
            places: lease.places,
            warnings: plan.warnings + lease.warnings,
            staleness: answer.staleness
        )
        return SnapshotLease(snapshot, onRelease: lease.release)
    }

    private func repository(of url: RemoteURL) -> String {
        if case .local(let path) = url.place { LocalRefresh.repository(at: path) } else { directory.repository }
    }

    /// Finds out which commits count for a request: from what is held if that is enough, else from the repository, and from what
    /// is held again if that cannot be reached and may be served.
    private func answer(to request: SnapshotRequest, _ repository: String, _ deadline: Deadline) async throws -> SnapshotAnswer {
        let held = held(request.remote)
        if let held, request.mayUse(held) {
            // A failure here is no reason to fail: the refresh says what is wrong, or cures it.
            let known = try? await pool.run(until: max(deadline, .after(Self.grace))) {
                try request.answer(from: held, in: try Repository(openingBare: repository))
            }
            if let known = known.flatMap(\.self) { return known }
        }
        do {
            return try request.answer(from: try await refresh(request.wish, until: deadline))
        } catch let error where !(error is CancellationError) {
            guard let held, request.mayServe(held) else { throw error }
            let last = try? await pool.run(until: .after(Self.grace)) {
                try request.answer(from: held, after: RepoCacheError(error), in: try Repository(openingBare: repository))
            }
            guard let last else { throw error }
            return last
        }
    }
}

extension ProjectCache {
    /// Waits for a refresh that begins asking after this call.
    private func refresh(_ wish: Wish, until deadline: Deadline) async throws -> RefreshResult {
        let landing = state.withLock { state in
            let (id, start) = state.turns.join(wish)
            let landing = state.landings[id] ?? Landing()
            state.landings[id] = landing
            if let start { Task { await self.run(start) } }
            return landing
        }
        return try await landing.value(until: deadline)
    }

    /// Runs one turn after the other until none waits.
    private func run(_ first: RefreshTurns.Turn) async {
        var next: RefreshTurns.Turn? = first
        while let turn = next {
            let result: Result<RefreshResult, any Error>
            do { result = .success(try await perform(turn.wish)) } catch { result = .failure(error) }
            let landing = state.withLock { state in
                next = state.turns.landed()
                return state.landings.removeValue(forKey: turn.id)
            }
            landing?.land(result)
        }
    }

    private func perform(_ wish: Wish) async throws -> RefreshResult {
        let settings: RepositorySettings
        do {
            settings = try await withDeadline(.after(RefreshLimits.disk)) { try await self.settings() }
        } catch {
            throw RepoCacheError("configuration", "\(error)")
        }
        let url = try RemoteURL(settings.remote)
        let old = held(url.description)
        let result: RefreshResult
        switch url.place {
        case .local(let path):
            let refresh = LocalRefresh(
                repository: LocalRefresh.repository(at: path),
                remote: url.description,
                settings: settings,
                pool: pool
            )
            result = try await refresh.run(from: old, wish: wish)
        case .http(let address):
            let refresh = RemoteRefresh(
                directory: directory,
                remote: remote(url, address, settings),
                address: url.description,
                settings: settings,
                folders: folders.map(\.text),
                pool: pool
            )
            result = try await refresh.run(from: Files.isDirectory(directory.repository) ? old : nil, wish: wish)
        }
        if !result.view.saysTheSame(as: old) {
            let kept = ProjectState(view: result.view, folders: folders.map(\.text), boot: ProjectState.currentBoot)
            try await pool.run(until: .after(RefreshLimits.disk)) { [directory] in
                try Files.createDirectory(directory.path)
                try kept.write(to: directory.state)
            }
        }
        state.withLock { $0.view = result.view }
        return result
    }

    private func remote(_ url: RemoteURL, _ address: HTTPURL, _ settings: RepositorySettings) -> GitRemote {
        var access = settings.access
        access.credentials = access.credentials ?? url.credentials
        let key = RemoteKey(url: url, access: access)
        return state.withLock { state in
            if let known = state.remote, known.key == key { return known.remote }
            let remote = GitRemote(SmartHTTP(address, access: access, client: client))
            state.remote = (key, remote)
            return remote
        }
    }
}

extension RemoteURL {
    /// Whether a clone is kept; a local repository is read where it is.
    fileprivate var isCloned: Bool {
        if case .local = place { false } else { true }
    }
}
