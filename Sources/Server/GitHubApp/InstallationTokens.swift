import Basics
import CloudEvents
import Curl
import Git
import Synchronization

/// The tokens of GitHub Apps, kept until shortly before their end. One question to GitHub at a time for each App.
final class InstallationTokens: Sendable {
    private typealias Waiter = AsyncStream<Result<InstallationToken, GitError>>.Continuation

    private struct Entry: Sendable {
        var token: InstallationToken?
        /// When the question was asked that failed; nil if the last one did not.
        var failed: Int64?
        var isAsking = false
        var waiters: [Waiter] = []
    }

    private let client: HTTPClient
    private let files: ThreadPool
    private let now: @Sendable () -> Timestamp
    private let entries = Mutex<[GitHubApp: Entry]>([:])

    /// - Parameter now: the clock.
    init(client: HTTPClient, files: ThreadPool, now: @escaping @Sendable () -> Timestamp = Timestamp.now) {
        self.client = client
        self.files = files
        self.now = now
    }

    /// A token that is valid. Waits for GitHub only where there is none; a renewal that fails is no failure until then.
    ///
    /// Cancelling ends the wait, not the question: others wait for it, too.
    ///
    /// - Throws: why there is none.
    func token(of app: GitHubApp, through git: GitSettings) async throws(GitError) -> String {
        let (answers, waiter) = AsyncStream.makeStream(of: Result<InstallationToken, GitError>.self)
        let now = now()
        let (held, asks) = entries.withLock { entries in
            var entry = entries[app, default: Entry()]
            let step = InstallationToken.step(entry.token, now: now.seconds, failed: entry.failed)
            let asks = step != .use && !entry.isAsking
            if asks { entry.isAsking = true }
            if step == .wait { entry.waiters.append(waiter) }
            entries[app] = entry
            return (step == .wait ? nil : entry.token, asks)
        }
        if asks { Task { await renew(app, git, asked: now) } }
        if let held { return held.text }
        for await answer in answers { return try answer.get().text }
        throw app.failure(.timeout, "the wait was cancelled")
    }

    private func renew(_ app: GitHubApp, _ git: GitSettings, asked: Timestamp) async {
        let result: Result<InstallationToken, GitError>
        do throws(GitError) {
            let key = try await key(of: app)
            result = .success(try await app.requestToken(key: key, through: git, now: asked, client: client))
        } catch {
            result = .failure(error)
        }
        let waiters = entries.withLock { entries in
            var entry = entries[app, default: Entry()]
            switch result {
            case .success(let token):
                entry.token = token
                entry.failed = nil
            case .failure: entry.failed = asked.seconds
            }
            entry.isAsking = false
            defer { entries[app] = entry }
            defer { entry.waiters = [] }
            return entry.waiters
        }
        for waiter in waiters {
            waiter.yield(result)
            waiter.finish()
        }
    }

    /// Read each time: keys are exchanged, too.
    private func key(of app: GitHubApp) async throws(GitError) -> String {
        do {
            return try await files.run { String(decoding: try Files.read(app.keyFile, limit: 65_536), as: UTF8.self) }
        } catch {
            throw app.failure(.auth, "GIT_GITHUB_APP_KEY_FILE: \(error)")
        }
    }
}
