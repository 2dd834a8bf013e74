import Executor
import Glibc
import Processes

extension ServiceConfiguration {
    /// What scripts are kept to, checked against what this system can do.
    static func confine(
        _ settings: inout ExecutorSettings,
        _ sources: SettingsReader,
        protected: [String]
    ) throws(ConfigurationError) {
        settings.user = try user(sources)
        settings.limits = ResourceLimits(
            cpuTime: try sources.optional(Settings.scriptCPULimit),
            memory: try sources.optional(Settings.scriptMemoryLimit),
            fileSize: try sources.optional(Settings.scriptFileSizeLimit),
            openFiles: try sources.optional(Settings.scriptOpenFilesLimit),
            processes: try sources.optional(Settings.scriptProcessLimit)
        )
        settings.usesControlGroups = try sources.required(Settings.scriptControlGroups)
        guard try sources.required(Settings.scriptSandbox) == .landlock else { return }
        guard Sandbox.version > 0 else {
            throw ConfigurationError(
                "SCRIPT_SANDBOX is landlock, which this kernel has not or has turned off (it needs Linux 5.13 and 'landlock' in "
                    + "/sys/kernel/security/lsm); use a kernel that has it, or set SCRIPT_SANDBOX to none"
            )
        }
        settings.fileRules = ExecutorSettings.FileRules(
            readable: try sources.required(Settings.scriptRead),
            writable: try sources.required(Settings.scriptWrite),
            protected: protected
        )
    }

    /// Files and directories that hold what the service must keep to itself, whichever project they are for.
    static func credentialPaths(
        _ sources: SettingsReader,
        projects: [String],
        configurationFile: String?
    ) throws(ConfigurationError) -> [String] {
        let settings = [
            Settings.gitTokenFile, Settings.gitNetrcFile, Settings.gitCredentialsDirectory, Settings.gitSSHKeyFile,
            Settings.gitClientCertificateFile, Settings.gitClientKeyFile, Settings.gitHubAppKeyFile,
            Settings.gitWebhookSecretFile, Settings.httpClientCertificateFile, Settings.httpClientKeyFile,
        ]
        var paths = configurationFile.map { [$0] } ?? []
        for scope in [sources] + projects.map(sources.scoped(to:)) {
            for setting in settings { paths += try scope.optional(setting).map { [$0] } ?? [] }
        }
        return paths
    }

    private static func user(_ sources: SettingsReader) throws(ConfigurationError) -> ProcessUser? {
        guard let user = try sources.optional(Settings.scriptUser) else { return nil }
        // Who the service is already needs no change.
        if user.uid == geteuid(), user.gid == getegid() { return nil }
        guard geteuid() == 0 else {
            throw ConfigurationError(
                "SCRIPT_USER is \(user.uid), but the service runs as user \(geteuid()), which may not start programs as somebody "
                    + "else; start it as root, or leave SCRIPT_USER out"
            )
        }
        return user
    }
}
