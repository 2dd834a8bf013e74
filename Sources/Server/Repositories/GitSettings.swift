import Curl
import Git
import Model
import RepoCache

/// What the configuration says of one project's repository. Files that it names are not read yet.
struct GitSettings: Sendable {
    /// Where a token is. Printing one shows no token.
    enum TokenSource: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
        case file(String)
        case text(String)
        case app(GitHubApp)

        /// For people; never the token.
        var name: String {
            switch self {
            case .file(let path): "GIT_TOKEN_FILE \(path)"
            case .text: "GIT_TOKEN"
            case .app(let app): "GitHub App \(app.id)"
            }
        }

        var description: String { name }
        var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// nil: the project's secret has to say.
    var remote: String?
    var user: String?
    /// The first one that there is counts.
    var tokens: [TokenSource] = []

    /// Whether a file has to be read to know the credentials.
    var namesFiles: Bool {
        let hasTokenFile = tokens.contains { if case .file = $0 { true } else { false } }
        return hasTokenFile || secrets != nil || netrcFile != nil
    }

    var ssh = RemoteAccess.SSH()
    var caFile: String?
    var proxy: HTTPRequest.Proxy?
    var clientCertificate: RemoteAccess.ClientCertificate?
    var netrcFile: String?
    var followsRedirects = false
    var secrets: CredentialsDirectory?
    var layout = RepositorySettings.Layout.auto
    var defaultBranch: String?
    var onFailure = RepositorySettings.FailurePolicy.cached
    var refreshMaxAge = Duration.zero
    var historyLimit = 1_000
    var signatures: SignaturePolicy?
    var folders: [PlainName] = []

    func credentials(token: String) -> BasicCredentials {
        BasicCredentials(user: user ?? ProjectSecret.defaultUser, password: token)
    }
}
