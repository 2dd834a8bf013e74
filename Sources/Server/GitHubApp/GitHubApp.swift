/// An App of GitHub, installed where the repositories are: it signs in with its key and is given a token for an hour.
struct GitHubApp: Sendable, Hashable {
    /// Its number or its client ID.
    let id: String
    let installation: String
    /// Its private key, in PEM.
    let keyFile: String
    /// Without a slash at its end.
    let api: String

    /// The name under which GitHub takes an installation's token.
    static let user = "x-access-token"

    var tokensURL: String { "\(api)/app/installations/\(installation)/access_tokens" }
}
