import Basics
import Curl
import Executor
import Git
import Model
import RepoCache

extension ServiceConfiguration {
    /// What is set for a project's repository, its own section above all. Reads no file.
    ///
    /// - Throws: ``ConfigurationError`` for a value that is not allowed.
    func git(of project: PlainName) throws(ConfigurationError) -> GitSettings {
        var git = try Self.git(sources.scoped(to: project.text))
        git.remote = git.remote?.replacing("{project}", with: project.text)
        git.folders = executor.folders.compactMap(PlainName.init)
        return git
    }

    /// Checks what can be checked before an event comes.
    func checkProjects(_ names: [String]) throws(ConfigurationError) {
        try Self.checkGit(sources)
        for name in names {
            guard PlainName(name) != nil else {
                throw ConfigurationError(
                    "'\(name)' under 'projects' is no project name: it must not be empty or hold '/' or '..'"
                )
            }
            try Self.checkGit(sources.scoped(to: name))
        }
        let scopes = [sources] + names.map(sources.scoped(to:))
        let settings = [Settings.gitHubAppID, Settings.gitHubAppInstallationID, Settings.gitHubAppKeyFile]
        // All projects may share a key, and each have an installation of its own.
        for scope in scopes where try Self.app(scope) == nil {
            guard scopes.allSatisfy({ (scope) in (try? Self.app(scope)) == nil }) else { continue }
            var missing: [String] = []
            for setting in settings where try scope.optional(setting) == nil { missing.append(setting.name) }
            guard missing.count < settings.count else { continue }
            throw ConfigurationError(
                "\(missing.joined(separator: " and ")) is not set: a GitHub App needs its ID, its installation's ID and its key file"
            )
        }
    }

    private static func git(_ sources: SettingsReader) throws(ConfigurationError) -> GitSettings {
        var git = GitSettings()
        git.remote = try sources.optional(Settings.gitRemote)
        git.user = try sources.optional(Settings.gitUser)
        git.tokens = try tokens(sources)
        git.ssh = RemoteAccess.SSH(
            key: try sources.optional(Settings.gitSSHKeyFile).map { .file($0) },
            passphrase: try sources.optional(Settings.gitSSHKeyPassphrase),
            knownHostsFile: try sources.optional(Settings.gitSSHKnownHostsFile)
        )
        git.caFile = try sources.optional(Settings.gitCAFile)
        git.proxy = try sources.optional(Settings.gitProxy)?.proxy
        let keyFile = try sources.optional(Settings.gitClientKeyFile)
        git.clientCertificate = try sources.optional(Settings.gitClientCertificateFile).map {
            RemoteAccess.ClientCertificate(file: $0, keyFile: keyFile)
        }
        git.netrcFile = try sources.optional(Settings.gitNetrcFile)
        git.followsRedirects = try sources.required(Settings.gitFollowRedirects)
        git.secrets = try sources.optional(Settings.gitCredentialsDirectory).map(CredentialsDirectory.init)
        git.layout = try sources.required(Settings.gitLayout)
        git.defaultBranch = try sources.optional(Settings.gitDefaultBranch)
        git.onFailure = try sources.required(Settings.gitOnFailure)
        git.refreshMaxAge = try sources.required(Settings.gitRefreshMaxAge)
        git.historyLimit = try sources.required(Settings.gitHistoryLimit)
        git.signatures = try signatures(sources)
        return git
    }

    /// The projects that Keptn has a secret for. Blocks.
    var secretProjects: [String] {
        let directory = (try? sources.optional(Settings.gitCredentialsDirectory)) ?? nil
        return directory.map { CredentialsDirectory(path: $0).projects } ?? []
    }

    /// Where a token may be, in the order in which they count: what the project's own section names comes first.
    private static func tokens(_ sources: SettingsReader) throws(ConfigurationError) -> [GitSettings.TokenSource] {
        var all: [(isOwn: Bool, source: GitSettings.TokenSource)] = []
        if let path = try sources.optional(Settings.gitTokenFile) {
            all.append((sources.isOwn(Settings.gitTokenFile), .file(path)))
        }
        if let token = try sources.optional(Settings.gitToken) { all.append((sources.isOwn(Settings.gitToken), .text(token))) }
        if let app = try app(sources) {
            let settings: [any AnySetting] = [
                Settings.gitHubAppID, Settings.gitHubAppInstallationID, Settings.gitHubAppKeyFile,
            ]
            all.append((settings.contains(where: { sources.isOwn($0) }), .app(app)))
        }
        return all.filter(\.isOwn).map(\.source) + all.filter { !$0.isOwn }.map(\.source)
    }

    /// - Returns: nil unless all of it is set.
    private static func app(_ sources: SettingsReader) throws(ConfigurationError) -> GitHubApp? {
        let api = try sources.required(Settings.gitHubAPI)
        guard let id = try sources.optional(Settings.gitHubAppID),
            let installation = try sources.optional(Settings.gitHubAppInstallationID),
            let keyFile = try sources.optional(Settings.gitHubAppKeyFile)
        else { return nil }
        return GitHubApp(id: id, installation: installation, keyFile: keyFile, api: api)
    }

    private static func signatures(_ sources: SettingsReader) throws(ConfigurationError) -> SignaturePolicy? {
        guard try sources.required(Settings.gitRequireSignature) else { return nil }
        return SignaturePolicy(
            allowedSignersFile: try sources.optional(Settings.gitAllowedSignersFile),
            keyringFile: try sources.optional(Settings.gitKeyringFile)
        )
    }

    private static func checkGit(_ sources: SettingsReader) throws(ConfigurationError) {
        let git = try git(sources)
        if let template = git.remote {
            do throws(GitError) {
                _ = try RemoteURL(template.replacing("{project}", with: "project"))
            } catch {
                throw ConfigurationError("GIT_REMOTE cannot be used: \(error.message)")
            }
        }
        if let policy = git.signatures, policy.allowedSignersFile == nil, policy.keyringFile == nil {
            throw ConfigurationError(
                "GIT_REQUIRE_SIGNATURE is true, and nobody is trusted to sign: set GIT_ALLOWED_SIGNERS_FILE or GIT_KEYRING_FILE"
            )
        }
        if git.clientCertificate == nil, try sources.optional(Settings.gitClientKeyFile) != nil {
            throw ConfigurationError("GIT_CLIENT_KEY_FILE is set without GIT_CLIENT_CERTIFICATE_FILE; set both")
        }
        // A credential may be mounted later; what tells whom to trust is there, or its name is a typing error.
        let files = [
            Settings.gitCAFile, Settings.gitSSHKnownHostsFile, Settings.gitAllowedSignersFile, Settings.gitKeyringFile,
        ]
        for setting in files {
            if let path = try sources.optional(setting), !Files.isReadable(path) {
                throw ConfigurationError("\(setting.name) names \(path), which cannot be read")
            }
        }
        if let directory = git.secrets, !Files.isDirectory(directory.path) {
            throw ConfigurationError("GIT_CREDENTIALS_DIRECTORY names \(directory.path), which is no directory")
        }
    }
}
