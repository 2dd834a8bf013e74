import Model

/// What the configuration says of webhooks, at one moment.
struct WebhookRules: Sendable, Hashable {
    var secrets = WebhookSecrets()
    /// `GIT_REMOTE` with `{project}` in it.
    var template: String?
    /// The remotes of the projects that have a section of their own.
    var configured: [PlainName: String] = [:]
    /// What could not be read, one sentence each.
    var problems: [String] = []
}
