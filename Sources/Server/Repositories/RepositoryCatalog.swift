import Basics
import Curl
import Git
import Logging
import Model
import RepoCache
import Synchronization

/// Where each project's repository is, and how to get in. Everything is read anew at each question but the tokens of a GitHub App.
final class RepositoryCatalog: Sendable {
    private let configuration: ServiceConfiguration
    private let tokens: InstallationTokens
    /// A token may be in a file on a slow disk, which must stall nobody else.
    private let files: ThreadPool
    private let logger: Logger
    /// What was said of a project already.
    /// What is set for a project does not change while the service runs; what the settings name is read each time.
    private let known = Mutex(BoundedMemory<PlainName, GitSettings>(capacity: 1_000))
    private let told = Mutex<[PlainName: [String]]>([:])

    init(_ configuration: ServiceConfiguration, client: HTTPClient, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        files = ThreadPool(name: "settings", width: 2)
        tokens = InstallationTokens(client: client, files: files)
    }

    /// The settings of a project; a warning about them is logged once.
    ///
    /// - Throws: ``ConfigurationError`` if it is not known where the repository is, or `CancellationError`. What keeps credentials
    ///   from being had is part of the settings.
    func settings(of project: PlainName) async throws -> RepositorySettings {
        let repository = try await repository(of: project)
        let isNew = told.withLock { told in
            defer { told[project] = repository.warnings }
            return told[project] ?? [] != repository.warnings
        }
        for warning in isNew ? repository.warnings : [] {
            logger.warning("repository", metadata: ["project": "\(project)", "warning": "\(warning)"])
        }
        return repository.settings
    }

    /// The same with all warnings.
    func repository(of project: PlainName) async throws -> ProjectRepository {
        let git = try settled(project)
        var found = git.namesFiles ? try await files.run { Self.read(git, of: project) } : Self.read(git, of: project)
        var credentials = found.token.map {
            ProjectRepository.Credentials(value: git.credentials(token: $0.text), origin: $0.source.name)
        }
        let remote = git.remote ?? found.secret?.remote
        if let app = found.app, let remote, RemoteServer(remote)?.isHTTP == true {
            do throws(GitError) {
                let token = try await tokens.token(of: app, through: git)
                credentials = ProjectRepository.Credentials(
                    value: BasicCredentials(user: GitHubApp.user, password: token),
                    origin: GitSettings.TokenSource.app(app).name
                )
            } catch {
                try Task.checkCancellation()
                found.problem = Self.problem(project, error.failureClass, "\(error)")
            }
        }
        configuration.secrets.add(
            (credentials.map { MaskedForms.of($0.value) } ?? []) + (found.secret.map(MaskedForms.of) ?? [])
                + found.netrc.flatMap(MaskedForms.of)
        )
        return try ProjectRepository(
            of: project,
            git,
            secret: found.secret,
            credentials: credentials,
            problem: found.problem
        )
    }

    private func settled(_ project: PlainName) throws -> GitSettings {
        if let git = known.withLock({ $0[project] }) { return git }
        let git = try configuration.git(of: project)
        known.withLock { $0[project] = git }
        return git
    }

    private struct Found: Sendable {
        var token: (source: GitSettings.TokenSource, text: String)?
        /// Has to be asked.
        var app: GitHubApp?
        var secret: ProjectSecret?
        /// Only to be masked.
        var netrc: [BasicCredentials] = []
        var problem: GitError?
    }

    /// Reads what the settings name. Blocks.
    private static func read(_ git: GitSettings, of project: PlainName) -> Found {
        var found = Found()
        search: for source in git.tokens {
            switch source {
            case .app(let app):
                found.app = app
                break search
            case .text(let text):
                found.token = (source, text)
                break search
            case .file(let path):
                do {
                    guard let text = try token(in: path) else { continue search }
                    found.token = (source, text)
                } catch {
                    found.problem = problem(project, .auth, "GIT_TOKEN_FILE: \(error)")
                }
                break search
            }
        }
        if let path = git.netrcFile, let bytes = try? Files.read(path, limit: 1 << 20) {
            found.netrc = NetrcFile.credentials(in: String(decoding: bytes, as: UTF8.self))
        }
        do {
            found.secret = try git.secrets?.secret(of: project)
        } catch {
            let name = "\(CredentialsDirectory.name(of: project)) in GIT_CREDENTIALS_DIRECTORY"
            found.problem = problem(project, .auth, "\(name) cannot be used: \(error)")
        }
        return found
    }

    private static func problem(_ project: PlainName, _ failureClass: GitError.FailureClass, _ reason: String) -> GitError {
        GitError(failureClass, "log in to the repository of \(project)", reason)
    }

    /// - Returns: nil where there is no file: a deployment names it and mounts the secret only where there is one.
    static func token(in path: String) throws(FileError) -> String? {
        guard Files.exists(path) else { return nil }
        let text = String(decoding: try Files.read(path, limit: 65_536), as: UTF8.self)[...].trimmed
        return text.isEmpty ? nil : text
    }
}
