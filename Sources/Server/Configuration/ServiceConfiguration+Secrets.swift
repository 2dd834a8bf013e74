import Basics
import Curl

extension ServiceConfiguration {
    /// What must not be seen outside from the start on: our own tokens, those of all projects, and what the operator calls a
    /// secret. What is read later is added when it is read.
    static func secrets(
        of sources: SettingsReader,
        projects: [String],
        environment: [String: String]
    ) throws(ConfigurationError) -> [String] {
        var secrets = [
            try sources.optional(Settings.receiveToken), try sources.optional(Settings.adminToken),
            environment["KEPTN_API_TOKEN"],
        ].compactMap(\.self)
        // Scripts see these two, and may print them.
        if case .http(let url) = try sources.optional(Settings.eventBroker) { secrets += MaskedForms.of(remote: url) }
        for (name, value) in environment where name.lowercased().hasSuffix("_proxy") { secrets += MaskedForms.of(remote: value) }
        if case .address(let proxy) = try sources.optional(Settings.httpProxy) { secrets += proxy.secrets }
        for sources in [sources] + projects.map(sources.scoped(to:)) {
            let user = try sources.optional(Settings.gitUser) ?? ProjectSecret.defaultUser
            // A file that cannot be read is the business of who needs it.
            let file = try sources.optional(Settings.gitTokenFile).flatMap { try? RepositoryCatalog.token(in: $0) }
            for token in [try sources.optional(Settings.gitToken), file].compactMap(\.self) {
                secrets += MaskedForms.of(user: user, password: token)
            }
            secrets += [try sources.optional(Settings.gitSSHKeyPassphrase), (try? webhookSecret(sources)) ?? nil].compactMap(
                \.self
            )
            if case .address(let proxy) = try sources.optional(Settings.gitProxy) { secrets += proxy.secrets }
            secrets += try sources.optional(Settings.gitRemote).map(MaskedForms.of(remote:)) ?? []
        }
        return secrets + environment.filter { $0.key.uppercased().hasPrefix("SECRET_") }.map(\.value)
    }
}
