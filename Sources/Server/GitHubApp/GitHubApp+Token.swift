import Basics
import CloudEvents
import Curl
import Git

extension GitHubApp {
    /// How long GitHub may take.
    private static let timeout = Duration.seconds(10)

    /// Asks GitHub for a token of the installation.
    ///
    /// - Parameters:
    ///   - key: the App's private key in PEM.
    ///   - git: the proxy and the authorities that are good for GitHub are good for its API.
    ///   - now: what the key's proof is dated by.
    func requestToken(
        key: String,
        through git: GitSettings,
        now: Timestamp,
        client: HTTPClient
    ) async throws(GitError) -> InstallationToken {
        guard let proof = JSONWebToken.signed(claims(now), key: key) else {
            throw failure(
                .auth,
                "GIT_GITHUB_APP_KEY_FILE \(keyFile) holds no RSA private key in PEM; take the file that GitHub gave for the App"
            )
        }
        var request = HTTPRequest(
            "POST",
            tokensURL,
            headers: [
                "Accept": "application/vnd.github+json", "Authorization": "Bearer \(proof)", "X-GitHub-Api-Version": "2022-11-28",
            ]
        )
        request.caFile = git.caFile
        request.proxy = git.proxy ?? .system
        request.bodyLimit = 1 << 20
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await client.send(request, deadline: .after(Self.timeout))
        } catch {
            throw failure(Self.failureClass(error.kind), error.reason)
        }
        return try token(response)
    }

    /// Dated back a minute, for our clock may be fast; GitHub takes ten minutes at most.
    func claims(_ now: Timestamp) -> JSONObject {
        [
            "iat": .number(JSONNumber(Int(now.seconds) - 60)), "exp": .number(JSONNumber(Int(now.seconds) + 540)),
            "iss": .string(id),
        ]
    }

    private func token(_ response: HTTPResponse) throws(GitError) -> InstallationToken {
        switch response.status {
        case 200..<300: break
        case 401:
            throw failure(
                .auth,
                "GitHub does not take the App's proof (HTTP 401); check GIT_GITHUB_APP_ID, GIT_GITHUB_APP_KEY_FILE and this machine's clock"
            )
        case 403: throw failure(.auth, "GitHub does not allow it (HTTP 403); check that the installation is not suspended")
        case 404:
            throw failure(.auth, "the App has no such installation (HTTP 404); check GIT_GITHUB_APP_INSTALLATION_ID")
        case 429: throw failure(.throttled, "GitHub takes no more requests for now (HTTP 429)")
        case 500...: throw failure(.server, "GitHub failed (HTTP \(response.status))")
        default: throw failure(.protocol, "GitHub answered HTTP \(response.status); check GIT_GITHUB_API_URL")
        }
        guard let answer = try? JSON(parsing: response.body), let token = answer["token"]?.string, !token.isEmpty,
            let expiry = answer["expires_at"]?.string.flatMap({ Timestamp(parsing: $0) })
        else {
            throw failure(.protocol, "the answer holds no token; check GIT_GITHUB_API_URL")
        }
        return InstallationToken(text: token, expires: expiry.seconds)
    }

    func failure(_ failureClass: GitError.FailureClass, _ reason: String) -> GitError {
        GitError(failureClass, "get a token of GitHub App \(id) from \(api)", reason)
    }

    private static func failureClass(_ kind: HTTPClientError.Kind) -> GitError.FailureClass {
        switch kind {
        case .dns: .dns
        case .connect, .proxy: .connect
        case .tls: .tls
        case .timeout, .cancelled: .timeout
        case .incomplete: .server
        case .protocol, .redirect, .tooLarge, .stopped, .other: .protocol
        case .invalidURL, .invalidRequest, .destination: .unsupported
        }
    }
}
