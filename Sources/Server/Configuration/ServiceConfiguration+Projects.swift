import Basics
import Curl
import Executor
import Git
import Model
import RepoCache

extension ServiceConfiguration {
    /// A project's repository: the remote with `{project}` replaced, and the credentials as they are at this moment.
    ///
    /// - Throws: ``ConfigurationError`` for a value that is not allowed, no remote at all, or a token file that cannot be read.
    func repository(of project: PlainName) throws(ConfigurationError) -> RepositorySettings {
        let sources = sources.scoped(to: project.text)
        guard let template = try sources.optional(Settings.gitRemote) else {
            throw ConfigurationError(
                "no Git remote is known for project '\(project)'; set GIT_REMOTE, for example https://git.example/keptn/{project}.git"
            )
        }
        return RepositorySettings(
            remote: template.replacing("{project}", with: project.text),
            access: RemoteAccess(
                credentials: try credentials(sources),
                authorities: try sources.optional(Settings.gitCAFile).map { .file($0) }
            ),
            layout: try sources.required(Settings.gitLayout),
            defaultBranch: try sources.optional(Settings.gitDefaultBranch),
            onFailure: try sources.required(Settings.gitOnFailure),
            refreshMaxAge: try sources.required(Settings.gitRefreshMaxAge),
            folders: executor.folders.compactMap(PlainName.init)
        )
    }

    /// Checks what can be checked of a project before an event of it comes.
    func checkProject(_ name: String) throws(ConfigurationError) {
        guard PlainName(name) != nil else {
            throw ConfigurationError("'\(name)' under 'projects' is no project name: it must not be empty or hold '/' or '..'")
        }
        try checkGit(sources.scoped(to: name))
    }

    func checkGit(_ sources: SettingsReader) throws(ConfigurationError) {
        _ = try sources.required(Settings.gitLayout)
        _ = try sources.required(Settings.gitOnFailure)
        _ = try sources.required(Settings.gitRefreshMaxAge)
        if let template = try sources.optional(Settings.gitRemote) {
            do throws(GitError) {
                _ = try RemoteURL(template.replacing("{project}", with: "project"))
            } catch {
                throw ConfigurationError("GIT_REMOTE cannot be used: \(error.message)")
            }
        }
        // A token file may be mounted later; a CA file that is missing now is a typing error.
        if let path = try sources.optional(Settings.gitCAFile), !Files.isReadable(path) {
            throw ConfigurationError("GIT_CA_FILE names \(path), which cannot be read")
        }
    }

    private func credentials(_ sources: SettingsReader) throws(ConfigurationError) -> BasicCredentials? {
        guard let token = try Self.token(sources) else { return nil }
        // Servers that know the token ask for some user name; Keptn sends this one.
        return BasicCredentials(user: try sources.optional(Settings.gitUser) ?? "keptnuser", password: token)
    }

    /// The token of the file is read anew each time: tokens live an hour.
    static func token(_ sources: SettingsReader) throws(ConfigurationError) -> String? {
        guard let path = try sources.optional(Settings.gitTokenFile) else { return try sources.optional(Settings.gitToken) }
        // Not there is no token: a deployment names the file and mounts the secret only where there is one.
        guard Files.exists(path) else { return nil }
        do {
            return String(decoding: try Files.read(path, limit: 65_536), as: UTF8.self)[...].trimmed
        } catch {
            throw ConfigurationError("GIT_TOKEN_FILE cannot be used: \(error)")
        }
    }
}
