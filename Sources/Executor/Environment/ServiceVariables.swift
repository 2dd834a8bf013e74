import Model

/// What scripts see of the service's own environment; sorted out once, when the executor is made.
struct ServiceVariables: Sendable {
    /// `PATH`, language, time zone, proxies, certificates: every script has them, and nothing can replace them.
    let base: [Variable]
    /// The allowed ones under their own names, where the operator wants that.
    let passed: [Variable]
    /// The allowed ones as `ENV_<NAME>`.
    let prefixed: [Variable]
    /// The allowed ones by lower-case name, for `${env.name}`.
    let placeholders: [String: String]

    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    private static let baseNames: Set<String> = [
        "LANG", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
    ]
    /// What the service keeps for itself, whatever is allowed.
    private static let secrets = ["GIT_*", "RCV_TOKEN", "ADMIN_TOKEN", "HTTP_PROXY_URL"].map(Glob.init)
    /// Scripts have known this one as `ENV_KEPTN_API_TOKEN` for ever; by its own name it would leak into every tool.
    private static let prefixedOnly = Glob("KEPTN_API_TOKEN")

    init(_ settings: ExecutorSettings) {
        let (allow, deny, pass) = (
            settings.environmentAllow.map(Glob.init), settings.environmentDeny.map(Glob.init),
            settings.environmentPass.map(Glob.init)
        )
        let all = settings.serviceEnvironment.sorted { $0.key < $1.key }.map { Variable($0.key, $0.value) }
        let allowed = all.filter { variable in
            allow.contains { $0.matches(variable.name) } && !(deny + Self.secrets).contains { $0.matches(variable.name) }
        }
        base =
            [
                Variable("PATH", settings.serviceEnvironment["PATH"] ?? Self.defaultPath),
                // Without it, what a script prints before it hangs would stay in its buffer.
                Variable("PYTHONDONTWRITEBYTECODE", "1"), Variable("PYTHONUNBUFFERED", "1"),
            ] + all.filter { Self.baseNames.contains($0.name.uppercased()) }
        passed = allowed.filter { variable in
            pass.contains { $0.matches(variable.name) } && !Self.prefixedOnly.matches(variable.name)
        }
        prefixed = allowed.map { Variable("ENV_" + $0.name, $0.value) }
        placeholders = Dictionary(allowed.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
    }
}
