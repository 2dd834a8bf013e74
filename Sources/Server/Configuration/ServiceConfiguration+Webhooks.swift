import Basics
import Model

extension ServiceConfiguration {
    /// What push webhooks are checked with, as it is at this moment. Reads files.
    func webhookRules() -> WebhookRules {
        var rules = WebhookRules()
        do throws(ConfigurationError) {
            rules.template = try sources.optional(Settings.gitRemote)
            rules.secrets.common = try Self.webhookSecret(sources)
        } catch {
            rules.problems.append("\(error)")
        }
        for name in projects.compactMap(PlainName.init) {
            let sources = sources.scoped(to: name.text)
            do throws(ConfigurationError) {
                rules.configured[name] = try sources.optional(Settings.gitRemote)?.replacing("{project}", with: name.text)
                if let secret = try Self.webhookSecret(sources) { rules.secrets.ofProjects[name] = secret }
            } catch {
                rules.problems.append("\(error)")
            }
        }
        return rules
    }

    /// The secret of a file is read anew each time. A project's own secret stands over a file for all projects.
    static func webhookSecret(_ sources: SettingsReader) throws(ConfigurationError) -> String? {
        let isOwnText = sources.isOwn(Settings.gitWebhookSecret) && !sources.isOwn(Settings.gitWebhookSecretFile)
        guard !isOwnText, let path = try sources.optional(Settings.gitWebhookSecretFile) else {
            return try sources.optional(Settings.gitWebhookSecret).flatMap(usable)
        }
        // Not there is no secret: a deployment names the file and mounts it only where there is one.
        guard Files.exists(path) else { return nil }
        do {
            return usable(String(decoding: try Files.read(path, limit: 65_536), as: UTF8.self)[...].trimmed)
        } catch {
            throw ConfigurationError("GIT_WEBHOOK_SECRET_FILE cannot be used: \(error)")
        }
    }

    /// An empty secret would let everyone sign.
    private static func usable(_ secret: String) -> String? { secret.isEmpty ? nil : secret }
}
