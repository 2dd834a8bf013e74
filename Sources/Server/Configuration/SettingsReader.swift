import Configuration

/// Where settings come from: `--set` over the project's own section over the environment over the YAML file over the default.
struct SettingsReader: Sendable {
    private let reader: ConfigReader
    /// The project whose section counts, for error messages.
    private let project: String?
    private let overrides: [String: String]
    private let environment: [String: String]
    private let file: ConfigurationFile

    /// - Parameter overrides: `NAME=VALUE` pairs of the command line, in order.
    /// - Throws: ``ConfigurationError`` for an override that is no pair or names no setting.
    init(overrides: [String], environment: [String: String], file: ConfigurationFile) throws(ConfigurationError) {
        var pairs: [String: String] = [:]
        for override in overrides {
            guard let equals = override.firstIndex(of: "=") else {
                throw ConfigurationError("--set takes NAME=VALUE, and '\(override)' has no '='")
            }
            let name = override[..<equals].lowercased()
            guard Settings.all.contains(where: { $0.key == name }) else {
                throw ConfigurationError("--set \(override[..<equals]) names no setting; docs/configuration.md lists them")
            }
            pairs[name] = String(override[override.index(after: equals)...])
        }
        self.init(overrides: pairs, environment: environment, file: file, project: nil)
    }

    private init(overrides: [String: String], environment: [String: String], file: ConfigurationFile, project: String?) {
        self.overrides = overrides
        self.environment = environment
        self.file = file
        self.project = project
        let section = project.flatMap { file.projects[$0] } ?? [:]
        reader = ConfigReader(providers: [
            InMemoryProvider(name: "--set", values: Self.values(overrides)),
            InMemoryProvider(name: "project", values: Self.values(section)),
            // An empty variable is one that nobody set: deployments write them so.
            EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty }),
            InMemoryProvider(name: "file", values: Self.values(file.values)),
        ])
    }

    /// The same sources with the project's own section, above all but `--set`.
    func scoped(to project: String) -> SettingsReader {
        SettingsReader(overrides: overrides, environment: environment, file: file, project: project)
    }

    /// Whether the project's own section has the setting.
    func isOwn(_ setting: some AnySetting) -> Bool {
        project.flatMap { file.projects[$0]?[setting.key] }?.isEmpty == false
    }

    /// - Throws: ``ConfigurationError`` for a value that is not allowed.
    func optional<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> Value? {
        guard let text = reader.string(forKey: ConfigKey([setting.key]), isSecret: setting.isSecret) ?? setting.fallback else {
            return nil
        }
        // An empty secret is none: it would lock everybody out, or let everybody in.
        if setting.isSecret, text.isEmpty { return nil }
        guard let value = setting.parse(text) else {
            throw ConfigurationError(setting, value: text, in: project.map { "project '\($0)'" })
        }
        return value
    }

    /// - Throws: ``ConfigurationError`` for a value that is missing or not allowed.
    func required<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> Value {
        guard let value = try optional(setting) else {
            throw ConfigurationError("\(setting.name) is not set; allowed: \(setting.allowed)")
        }
        return value
    }

    private static func values(_ texts: [String: String]) -> [AbsoluteConfigKey: ConfigValue] {
        Dictionary(uniqueKeysWithValues: texts.map { (AbsoluteConfigKey([$0]), ConfigValue(.string($1), isSecret: false)) })
    }
}
