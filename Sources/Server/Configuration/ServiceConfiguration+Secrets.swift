extension ServiceConfiguration {
    /// What must not be seen outside: our own tokens, those of all projects, and what the operator calls a secret.
    ///
    /// A token of a file is the one that it holds now; a later one is masked from the next start on.
    static func secrets(
        of sources: SettingsReader,
        projects: [String],
        environment: [String: String]
    ) throws(ConfigurationError) -> [String] {
        var secrets = [
            try sources.optional(Settings.receiveToken), try sources.optional(Settings.adminToken),
            environment["KEPTN_API_TOKEN"],
        ]
        for sources in [sources] + projects.map(sources.scoped(to:)) {
            secrets.append(try sources.optional(Settings.gitToken))
            // A file that cannot be read is the business of who needs it.
            secrets.append((try? token(sources)) ?? nil)
            secrets.append((try? webhookSecret(sources)) ?? nil)
            secrets.append(try sources.optional(Settings.gitRemote).flatMap(password(in:)))
        }
        return secrets.compactMap(\.self) + environment.filter { $0.key.uppercased().hasPrefix("SECRET_") }.map(\.value)
    }

    /// The password of `https://user:password@host/path`, as it is written there.
    private static func password(in remote: String) -> String? {
        guard let scheme = remote.firstRange(of: "://") else { return nil }
        let authority = remote[scheme.upperBound...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else { return nil }
        return String(authority[authority.index(after: colon)..<at])
    }
}
