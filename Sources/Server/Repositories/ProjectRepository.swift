import Curl
import Git
import Model
import RepoCache

/// A project's repository at this moment: its settings, and what a person should know about how they came to be.
struct ProjectRepository: Sendable {
    /// What was read or asked for because the configuration names it.
    struct Credentials: Sendable {
        var value: BasicCredentials
        /// For people.
        var origin: String
    }

    var settings: RepositorySettings
    /// One sentence each, without secrets.
    var warnings: [String] = []

    /// Puts together what the configuration says and what the project's own secret says. Pure.
    ///
    /// The configuration counts first, one kind of thing at a time. The secret's share is for the server that it names: where the
    /// configuration has a remote on another one, nothing of the secret is used.
    ///
    /// - Parameters:
    ///   - credentials: user and token, if the configuration leads to any.
    ///   - problem: why what the configuration or the directory names cannot be had.
    /// - Throws: if nobody names a remote.
    init(
        of project: PlainName,
        _ git: GitSettings,
        secret: ProjectSecret?,
        credentials: Credentials? = nil,
        problem: GitError? = nil
    ) throws(ConfigurationError) {
        guard let remote = git.remote ?? secret?.remote else { throw Self.noRemote(project, git, problem) }
        let server = RemoteServer(remote)
        let name = "\(CredentialsDirectory.name(of: project)) in GIT_CREDENTIALS_DIRECTORY"
        var share: ProjectSecret?
        if let secret, let its = secret.remote.flatMap(RemoteServer.init) {
            if its == server {
                share = secret
            } else if let server {
                warnings.append("\(name) is for \(its), and GIT_REMOTE is on \(server): nothing of it is used")
            }
        }
        var access = RemoteAccess(
            authorities: git.caFile.map { .file($0) } ?? share?.certificate.map { .text($0) },
            proxy: git.proxy ?? share?.proxy.map { .url($0.url) } ?? .system,
            clientCertificate: git.clientCertificate,
            netrcFile: git.netrcFile,
            followsToOtherHosts: git.followsRedirects,
            ssh: git.ssh,
            problem: problem
        )
        if git.ssh.key == nil, let key = share?.privateKey {
            access.ssh.key = .text(key)
            access.ssh.passphrase = share?.passphrase
        }
        let hasUserInfo = server?.isHTTP == true && (try? HTTPURL(remote))?.credentials != nil
        if let credentials {
            access.credentials = credentials.value
            access.origin = credentials.origin
        } else if hasUserInfo, git.remote != nil {
            access.origin = "GIT_REMOTE"
        } else if let own = share?.credentials {
            access.credentials = own
            access.origin = name
        } else if hasUserInfo {
            access.origin = name
        } else {
            access.origin = git.netrcFile.map { "GIT_NETRC_FILE \($0)" }
        }
        if server?.isHTTP != true { access.origin = server?.scheme == "ssh" ? Self.keyOrigin(git, share, name) : nil }
        if share?.skipsVerification == true, server?.scheme == "https", access.authorities == nil {
            warnings.append(
                "\(name) asks not to look at the server's certificate (insecureSkipTLS), and it is looked at all the same; "
                    + "if it is from an authority of your own, put that into the secret's certificate or let GIT_CA_FILE name it"
            )
        }
        settings = RepositorySettings(
            remote: remote,
            access: access,
            layout: git.layout,
            defaultBranch: git.defaultBranch,
            onFailure: git.onFailure,
            refreshMaxAge: git.refreshMaxAge,
            historyLimit: git.historyLimit,
            signatures: git.signatures,
            folders: git.folders
        )
    }

    private static func keyOrigin(_ git: GitSettings, _ share: ProjectSecret?, _ name: String) -> String? {
        if case .file(let path) = git.ssh.key { return "GIT_SSH_KEY_FILE \(path)" }
        return share?.privateKey.map { _ in name }
    }

    private static func noRemote(_ project: PlainName, _ git: GitSettings, _ problem: GitError?) -> ConfigurationError {
        let remedy = "set GIT_REMOTE, for example https://git.example/keptn/{project}.git"
        if let problem {
            return ConfigurationError("no Git remote is known for project '\(project)': \(problem.message); or \(remedy)")
        }
        guard let directory = git.secrets else {
            return ConfigurationError("no Git remote is known for project '\(project)'; \(remedy)")
        }
        let secret = "\(directory.path)/\(CredentialsDirectory.name(of: project))"
        return ConfigurationError("no Git remote is known for project '\(project)', and \(secret) names none; \(remedy)")
    }
}
