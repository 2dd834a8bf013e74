import Basics
import Git
import Model

/// One project: answers requests from what is known of its repository, asks where that is not enough, and keeps its snapshots.
final class ProjectCache: Sendable {
    let refresher: ProjectRefresher
    private let directory: ProjectDirectory
    private let pool: ThreadPool
    private let store: SnapshotStore
    private let opened = Landing<Void>()
    let usage = Usage()
    private let plans = PlanMemory()

    /// How long reading what is held may take, after a question that took all of the caller's time.
    private static let grace = Duration.seconds(5)
    /// How often a request is made again because what it read was replaced meanwhile.
    private static let attempts = 3

    init(directory: ProjectDirectory, folders: [PlainName], pool: ThreadPool, refresher: ProjectRefresher) {
        self.directory = directory
        self.pool = pool
        self.refresher = refresher
        store = SnapshotStore(directory: directory, folders: folders, pool: pool)
        Task { await open(folders.map(\.text)) }
    }

    /// Takes up what an earlier process has left.
    private func open(_ folders: [String]) async {
        _ = try? await pool.run { [directory, refresher] in
            let kept = ProjectState.read(directory.state)
            if kept?.boot != ProjectState.currentBoot || kept?.folders != folders { try? directory.discard(directory.snapshots) }
            refresher.open(kept)
        }
        opened.land(.success(()))
    }

    /// See ``RepoCache/snapshot(_:commit:deadline:)``. Throws any error of the parts below.
    func snapshot(
        _ scope: Scope,
        commit: String?,
        settings: RepositorySettings,
        deadline: Deadline
    ) async throws -> (lease: SnapshotLease, kind: RefreshRecord.Kind) {
        let url = try refresher.url(settings)
        let request = SnapshotRequest(scope: scope, commit: commit, settings: settings, remote: url.description)
        try await opened.value(until: deadline)
        try await usage.enter(until: deadline)
        defer { usage.leave() }
        var attempt = 1
        while true {
            let generation = refresher.clone.generation
            let (answer, kind) = try await answer(to: request, repository(of: url), deadline)
            do {
                return (try await lease(answer, request, url, max(deadline, .after(Self.grace))), kind)
            } catch let error as GitError where [.corrupt, .notFound].contains(error.failureClass) && attempt < Self.attempts {
                // It was replaced while it was read, or a push with force and a clean-up took it away; or it is damaged, and is
                // cloned anew.
                if url.isCloned { refresher.distrust(generation: generation) }
                attempt += 1
            }
        }
    }

    /// See ``RepoCache/lastKnown(_:)``.
    func lastKnown(_ scope: Scope, settings: RepositorySettings) async throws -> SnapshotLease? {
        let url = try refresher.url(settings)
        let request = SnapshotRequest(scope: scope, commit: nil, settings: settings, remote: url.description)
        let deadline = Deadline.after(Self.grace)
        try await opened.value(until: deadline)
        guard let held = refresher.held(request.remote), request.isKnown(in: held) else { return nil }
        return try await lease(SnapshotAnswer(view: held), request, url, deadline)
    }

    /// See ``RepoCache/refresh(_:deadline:)``.
    func refreshAll(settings: RepositorySettings, deadline: Deadline) async throws -> RefreshRecord.Kind {
        let url = try refresher.url(settings)
        try await opened.value(until: deadline)
        let branches = refresher.held(url.description)?.presentBranches ?? []
        try await usage.enter(until: deadline)
        defer { usage.leave() }
        return try await refresher.refresh(Wish(branches: branches, isForced: true), settings: settings, until: deadline).kind
    }

    func status() async -> RepositoryStatus {
        try? await opened.value(until: .after(Self.grace))
        return RepositoryStatus(
            project: directory.name,
            view: refresher.view,
            size: refresher.clone.size,
            failure: refresher.failure
        )
    }

    /// Removes clone and snapshots if nobody uses them now.
    ///
    /// - Returns: whether they are gone.
    func evict() async -> Bool {
        guard !refresher.isBusy, !store.isInUse, usage.close() else { return false }
        defer { usage.reopen() }
        refresher.forget()
        let isGone = try? await pool.run { [directory] in
            try directory.discard(directory.snapshots)
            try directory.discard(directory.repository)
            return true
        }
        store.forget()
        return isGone ?? false
    }

    private func lease(
        _ answer: SnapshotAnswer,
        _ request: SnapshotRequest,
        _ url: RemoteURL,
        _ deadline: Deadline
    ) async throws -> SnapshotLease {
        let repository = repository(of: url)
        let key = request.planKey(answer)
        let plan: SnapshotPlan
        if let known = plans[key] {
            plan = known
        } else {
            plan = try await refresher.completing(url, request.settings) {
                try await pool.run(until: deadline) { try Repository.reading(repository) { try request.plan(answer, in: $0) } }
            }
            plans[key] = plan
        }
        // Whatever way they came to be held: who may sign can have changed since.
        try await refresher.verifier(request.settings)?.verify(plan.places.map(\.commit), in: repository)
        let lease = try await refresher.completing(url, request.settings) {
            try await store.lease(plan.places, repository: repository, current: answer.view.commits, deadline: deadline)
        }
        let snapshot = Snapshot(
            places: lease.places,
            warnings: plan.warnings + lease.warnings,
            staleness: answer.staleness
        )
        return SnapshotLease(snapshot, onRelease: lease.release)
    }

    private func repository(of url: RemoteURL) -> String {
        url.localRepository ?? directory.repository
    }

    /// Finds out which commits count for a request: from what is held if that is enough, else from the repository, and from what
    /// is held again if that cannot be reached and may be served.
    private func answer(
        to request: SnapshotRequest,
        _ repository: String,
        _ deadline: Deadline
    ) async throws -> (answer: SnapshotAnswer, kind: RefreshRecord.Kind) {
        let held = refresher.held(request.remote)
        if let held, request.mayUse(held) {
            // A failure here is no reason to fail: the refresh says what is wrong, or cures it.
            let known = try? await pool.run(until: max(deadline, .after(Self.grace))) {
                try request.answer(from: held, in: try Repository(openingBare: repository))
            }
            if let known = known.flatMap(\.self) { return (known, .held) }
        }
        do {
            let result = try await refresher.refresh(request.wish, settings: request.settings, until: deadline)
            let answer = try request.answer(from: result)
            return (answer, answer.staleness == nil ? result.kind : .cached)
        } catch let error where !(error is CancellationError) {
            let failure = error is DeadlineExceeded ? timeout(request) : RepoCacheError(error)
            guard let held = refresher.held(request.remote) ?? held, request.mayServe(held) else { throw failure }
            let last = try? await pool.run(until: .after(Self.grace)) {
                try request.answer(from: held, after: failure, in: try Repository(openingBare: repository))
            }
            guard let last else { throw failure }
            return (last, .cached)
        }
    }

    private func timeout(_ request: SnapshotRequest) -> RepoCacheError {
        let reason = "the time limit was reached; a refresh that goes on counts for later events"
        return RepoCacheError(GitError(.timeout, "refresh \(request.remote)", reason))
    }
}
