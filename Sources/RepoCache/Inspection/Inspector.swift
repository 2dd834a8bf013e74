import Basics
import Curl
import Git
import Model

/// Looks at a repository from scratch, with nothing of what is held: a clone of its own, which is removed.
struct Inspector: Sendable {
    let directory: ProjectDirectory
    let client: HTTPClient
    let pool: ThreadPool
    let limits: CacheLimits
    let settings: @Sendable () async throws -> RepositorySettings

    func inspect() async -> RepositoryInspection {
        var inspection = RepositoryInspection(project: directory.name)
        guard let settings = await step(.configuration, &inspection, { try await self.settings() }) else { return inspection }
        inspection.remote = (try? RemoteURL(settings.remote))?.description
        inspection.credentials = settings.access.origin
        guard let source = await step(.ask, &inspection, { try await ask(settings) }) else { return inspection }
        inspection.peer = source.remote?.peer
        inspection.defaultBranch = source.tips.defaultBranch
        inspection.branchCount = source.branches.count
        let clone = directory.temporaryPath("inspection")
        if let path = await step(.fetch, &inspection, { try await fetch(source, settings, to: clone) }) {
            inspection.branches = await step(.read, &inspection, { try await read(source, settings, at: path) }) ?? []
        }
        try? await pool.run { Files.removeTree(clone) }
        return inspection
    }

    private struct Source: Sendable {
        var url: RemoteURL
        /// nil: a repository of this machine.
        var remote: GitRemote?
        var branches: [String: ObjectID]
        var tips: RemoteTips
    }

    private func step<T>(
        _ stage: RepositoryInspection.Stage,
        _ inspection: inout RepositoryInspection,
        _ body: () async throws -> T
    ) async -> T? {
        let start = ContinuousClock.now
        let result: Result<T, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        var failure: RepoCacheError?
        if case .failure(let error) = result {
            let isOurs = error is GitError || error is RepoCacheError || error is DeadlineExceeded
            failure = stage == .configuration && !isOurs ? RepoCacheError("configuration", "\(error)") : RepoCacheError(error)
        }
        inspection.steps.append(RepositoryInspection.Step(stage: stage, duration: .now - start, failure: failure))
        return try? result.get()
    }

    private func ask(_ settings: RepositorySettings) async throws -> Source {
        let url = try RemoteURL(settings.remote)
        let remote = RemoteFactory(client: client, directory: directory).remote(url, settings.access)
        let references: [RemoteReference]
        if let remote {
            let question = LsRefs(prefixes: ["HEAD", "refs/heads/"])
            references = try await remote.references(question, deadline: .after(RefreshLimits.questions))
        } else {
            let path = repository(of: url)
            references = try await pool.run(until: .after(RefreshLimits.disk)) {
                let repository = try Repository(openingBare: path)
                let head = RemoteReference(
                    name: "HEAD",
                    id: try repository.commit(ofReference: "HEAD"),
                    target: try repository.headTarget()
                )
                return try [head]
                    + repository.references(under: "refs/heads/").map { (name) in
                        RemoteReference(name: name, id: try repository.commit(ofReference: name))
                    }
            }
        }
        let heads = "refs/heads/"
        let branches = references.filter { $0.name.hasPrefix(heads) && $0.id != nil }.map { reference in
            (String(reference.name.dropFirst(heads.count)), reference.id)
        }
        return Source(
            url: url,
            remote: remote,
            branches: Dictionary(branches.compactMap { name, id in id.map { (name, $0) } }) { first, _ in first },
            tips: RemoteTips(references, branches: [], defaultBranch: settings.defaultBranch)
        )
    }

    private func repository(of url: RemoteURL) -> String {
        url.localRepository ?? directory.repository
    }

    private func names(_ source: Source) -> [String] {
        Array(source.branches.keys.sorted().prefix(RepositoryInspection.maximumBranches))
    }

    /// - Returns: where the commits can be read.
    private func fetch(_ source: Source, _ settings: RepositorySettings, to clone: String) async throws -> String {
        let wish = Wish(branches: Set(names(source)))
        let verifier = settings.signatures.map {
            SignatureVerifier($0, scratch: directory.temporary, pool: pool, known: VerifiedCommits())
        }
        guard let remote = source.remote else {
            let path = repository(of: source.url)
            try await LocalRefresh(source.url, settings: settings, pool: pool, verifier: verifier)
                .run(from: nil, wish: wish)
                .check()
            return path
        }
        let refresh = RemoteRefresh(
            repository: clone,
            temporary: directory.temporary,
            remote: remote,
            address: source.url.description,
            settings: settings,
            limits: PackLimits(bytes: limits.perProject),
            pool: pool,
            verifier: verifier
        )
        try await refresh.run(from: nil, wish: wish).check()
        return clone
    }

    private func read(_ source: Source, _ settings: RepositorySettings, at path: String) async throws -> [RepositoryInspection
        .Branch]
    {
        let names = names(source)
        return try await pool.run(until: .after(RefreshLimits.disk)) {
            let repository = try Repository(openingBare: path)
            return try names.map { name in
                let commit = try repository.branch(name) ?? source.branches[name]
                guard let commit else { return RepositoryInspection.Branch(name: name, commit: "", folders: []) }
                var found = ScriptFolders(names: settings.folders.map(\.text))
                try found.find(in: try repository.commit(commit).tree, of: repository)
                let folders = try found.folders.map { folder in
                    RepositoryInspection.Folder(
                        path: folder.path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/"),
                        files: try repository.tree(folder.tree).count { $0.kind != .tree && $0.kind != .submodule }
                    )
                }
                return RepositoryInspection.Branch(name: name, commit: commit.description, folders: folders)
            }
        }
    }
}

extension RefreshResult {
    /// - Throws: why a commit must not be used, if one must not.
    fileprivate func check() throws(GitError) {
        guard let (branch, refusal) = refusals.min(by: { $0.key < $1.key }) else { return }
        throw GitError(refusal.failureClass, "use branch \(branch)", "\(refusal)")
    }
}
