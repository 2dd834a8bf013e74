/// A repository as it is reached, and everyone who keeps a copy of it.
struct Subject: Sendable {
    let title: String
    let upstream: Upstream
    let get: BareRequest
    /// One refreshes, one takes snapshots: whoever came second would find the commit there.
    let refreshed: CachedProject
    let snapshotted: CachedProject
    let git: GitClone

    /// - Parameter authority: the file with the certificate that the server's is from, for https.
    init(_ title: String, _ upstream: Upstream, _ url: String, authority: String? = nil) async throws {
        self.title = title
        self.upstream = upstream
        get = BareRequest(url, authority: authority)
        refreshed = try CachedProject(url, authority: authority)
        snapshotted = try CachedProject(url, authority: authority)
        git = try await GitClone(url, authority: authority)
        try await refreshed.warmUp()
        try await snapshotted.warmUp()
        try await git.fetch()
    }

    /// Everyone asks.
    func turns(_ action: String) -> [Turn] {
        [
            Turn(measure(action, .refresh)) { [refreshed] in try await refreshed.refresh() },
            Turn(measure(action, .snapshot)) { [snapshotted] in try await snapshotted.snapshot() },
            Turn(measure(action, .git)) { [git] in try await git.fetch() },
        ]
    }

    /// Everyone asks, the bare request too.
    func turnsWithRequest(_ action: String) -> [Turn] {
        [Turn(measure(action, .get)) { [get] in try await get.send() }] + turns(action)
    }

    func measure(_ action: String, _ contender: Measure.Contender) -> Measure {
        Measure(repository: title, action: action, contender: contender)
    }
}
