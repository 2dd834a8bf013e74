import Basics
import Curl
import Executor
import Keptn
import Model
import Processes
import RepoCache

/// Every setting of the service. `docs/configuration.md` has the same table for people; a test compares the two.
enum Settings {
    // Receiving events.
    static let receivePort = Setting.number("RCV_PORT", default: "8080", in: 0...65_535)
    static let receivePath = Setting<String>("RCV_PATH", default: "/", allowed: "a path that begins with /") {
        $0.hasPrefix("/") && !$0.contains("?") ? $0 : nil
    }
    static let receiveHost = Setting.text("RCV_HOST", default: "0.0.0.0", allowed: "an address of this machine")
    static let receiveToken = Setting.text("RCV_TOKEN", isSecret: true)
    static let receiveBodyLimit = Setting.bytes("RCV_BODY_LIMIT", default: "1MiB", in: 1_024...(256 << 20))
    static let queueLimit = Setting.number("QUEUE_LIMIT", default: "10000", in: 1...1_000_000)
    static let queueBytes = Setting.bytes("QUEUE_BYTES", default: "128MiB", in: (1 << 20)...(1 << 40))
    static let eventMaximumAge = Setting.duration("EVENT_MAX_AGE", default: nil, atLeast: .seconds(1))

    // The admin port.
    static let adminHost = Setting.text("ADMIN_HOST", default: "127.0.0.1", allowed: "an address of this machine")
    static let adminPort = Setting.number("ADMIN_PORT", default: "8090", in: 0...65_535)
    static let adminToken = Setting.text("ADMIN_TOKEN", isSecret: true)

    // Logs.
    static let verbose = Setting.flag("VERBOSE_LOGGING", default: "false")
    static let logFormat = Setting<LogFormat>.choice("LOG_FORMAT", default: .auto)

    // Git.
    static let gitRemote = Setting.text(
        "GIT_REMOTE",
        allowed: "a URL, user@host:path or a path, {project} stands for the project",
        isPerProject: true
    )
    static let gitUser = Setting.text("GIT_USER", isPerProject: true)
    static let gitToken = Setting.text("GIT_TOKEN", isSecret: true, isPerProject: true)
    static let gitTokenFile = Setting.path("GIT_TOKEN_FILE")
    static let gitNetrcFile = Setting.path("GIT_NETRC_FILE")
    static let gitCredentialsDirectory = Setting.path("GIT_CREDENTIALS_DIRECTORY", isPerProject: false)
    static let gitSSHKeyFile = Setting.path("GIT_SSH_KEY_FILE")
    static let gitSSHKeyPassphrase = Setting.text("GIT_SSH_KEY_PASSPHRASE", isSecret: true, isPerProject: true)
    static let gitSSHKnownHostsFile = Setting.path("GIT_SSH_KNOWN_HOSTS_FILE")
    static let gitCAFile = Setting.path("GIT_CA_FILE")
    static let gitClientCertificateFile = Setting.path("GIT_CLIENT_CERTIFICATE_FILE")
    static let gitClientKeyFile = Setting.path("GIT_CLIENT_KEY_FILE")
    static let gitProxy = Setting.proxy("GIT_PROXY", isPerProject: true)
    static let gitFollowRedirects = Setting.flag("GIT_FOLLOW_REDIRECTS", default: "false", isPerProject: true)
    static let gitHubAppID = Setting<String>(
        "GIT_GITHUB_APP_ID",
        allowed: "the App's number or client ID",
        isPerProject: true
    ) { text in
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") } ? text : nil
    }
    static let gitHubAppInstallationID = Setting<String>(
        "GIT_GITHUB_APP_INSTALLATION_ID",
        allowed: "a number",
        isPerProject: true
    ) { UInt64($0).map { "\($0)" } }
    static let gitHubAppKeyFile = Setting.path("GIT_GITHUB_APP_KEY_FILE")
    static let gitHubAPI = Setting<String>(
        "GIT_GITHUB_API_URL",
        default: "https://api.github.com",
        allowed: "an http or https URL",
        isPerProject: true
    ) { text in
        guard let url = try? HTTPURL(text), url.credentials == nil, !text.contains("?"), !text.contains("#") else { return nil }
        return url.text.hasSuffix("/") ? String(url.text.dropLast()) : url.text
    }
    static let gitLayout = Setting<RepositorySettings.Layout>.choice("GIT_LAYOUT", default: .auto, isPerProject: true)
    static let gitDefaultBranch = Setting.text("GIT_DEFAULT_BRANCH", allowed: "a branch name", isPerProject: true)
    static let gitOnFailure = Setting<RepositorySettings.FailurePolicy>.choice(
        "GIT_ON_FAILURE",
        default: .cached,
        isPerProject: true
    )
    static let gitRefreshMaxAge = Setting.duration("GIT_REFRESH_MAX_AGE", default: "0s", isPerProject: true)
    static let gitWebhookSecret = Setting.text("GIT_WEBHOOK_SECRET", isSecret: true, isPerProject: true)
    static let gitWebhookSecretFile = Setting.text("GIT_WEBHOOK_SECRET_FILE", allowed: "a path", isPerProject: true)
    static let gitHistoryLimit = Setting.number("GIT_HISTORY_LIMIT", default: "1000", in: 1...1_000_000, isPerProject: true)
    static let gitRequireSignature = Setting.flag("GIT_REQUIRE_SIGNATURE", default: "false", isPerProject: true)
    static let gitAllowedSignersFile = Setting.path("GIT_ALLOWED_SIGNERS_FILE")
    static let gitKeyringFile = Setting.path("GIT_KEYRING_FILE")

    // Scripts.
    static let environmentMode = Setting.text("ENV", allowed: "any text; only 'local' means something")
    static let scriptFolders = Setting<[String]>(
        "SCRIPT_FOLDERS",
        default: "genericexecutor,generic-executor",
        allowed: "folder names, parted by commas"
    ) { text in
        let names = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        return names.isEmpty || names.contains { PlainName($0) == nil } ? nil : names
    }
    static let scriptTimeout = Setting.duration("SCRIPT_TIMEOUT", default: "5m", atLeast: .milliseconds(1), isPerProject: true)
    static let scriptGrace = Setting.duration("SCRIPT_GRACE", default: "10s")
    static let scriptConcurrency = Setting.number("SCRIPT_CONCURRENCY", default: "64", in: 1...10_000, isPerProject: true)
    static let scriptConcurrencyPerService = Setting.number(
        "SCRIPT_CONCURRENCY_PER_SERVICE",
        default: "0",
        in: 0...10_000,
        isPerProject: true
    )
    static let scriptOutputLimit = Setting.bytes("SCRIPT_OUTPUT_LIMIT", default: "1MiB", in: 1_024...(1 << 30))
    static let messageLimit = Setting.bytes("MESSAGE_LIMIT", default: "32KiB", in: 256...(1 << 20))
    static let scriptEnvironmentAllow = Setting.list("SCRIPT_ENV_ALLOW", default: "*", allowed: "globs, parted by commas")
    static let scriptEnvironmentDeny = Setting.list("SCRIPT_ENV_DENY", default: "SECRET_*", allowed: "globs, parted by commas")
    static let scriptEnvironmentPass = Setting.list("SCRIPT_ENV_PASS", default: nil, allowed: "globs, parted by commas")

    // Requests of `.http` files.
    static let httpAllow = Setting.destinations("HTTP_ALLOW", default: "*")
    static let httpDeny = Setting.destinations("HTTP_DENY", default: DestinationRules.metadataServices.joined(separator: ","))
    static let httpCAFile = Setting.path("HTTP_CA_FILE", isPerProject: false)
    static let httpClientCertificateFile = Setting.path("HTTP_CLIENT_CERTIFICATE_FILE", isPerProject: false)
    static let httpClientKeyFile = Setting.path("HTTP_CLIENT_KEY_FILE", isPerProject: false)
    /// `HTTP_PROXY` is a variable that other programs know, with a meaning of its own.
    static let httpProxy = Setting.proxy("HTTP_PROXY_URL")

    // What scripts are kept to.
    static let scriptUser = Setting<ProcessUser>(
        "SCRIPT_USER",
        allowed: "a user's number or name, or number:group",
        parse: ProcessUser.init
    )
    static let scriptSandbox = Setting<ScriptSandbox>.choice("SCRIPT_SANDBOX", default: ScriptSandbox.none)
    static let scriptRead = Setting.paths("SCRIPT_READ", default: ScriptSandbox.systemRoots.joined(separator: ","))
    static let scriptWrite = Setting.paths("SCRIPT_WRITE", default: ScriptSandbox.devices.joined(separator: ","))
    static let scriptControlGroups = Setting.flag("SCRIPT_CGROUPS", default: "true")
    static let scriptCPULimit = Setting.duration("SCRIPT_CPU_LIMIT", default: nil, atLeast: .seconds(1))
    static let scriptMemoryLimit = Setting.bytes("SCRIPT_MEMORY_LIMIT", default: nil, in: (1 << 20)...(1 << 50))
    static let scriptFileSizeLimit = Setting.bytes("SCRIPT_FILE_SIZE_LIMIT", default: nil, in: 1_024...(1 << 50))
    static let scriptOpenFilesLimit = Setting.number("SCRIPT_OPEN_FILES_LIMIT", default: nil, in: 16...1_000_000)
    static let scriptProcessLimit = Setting.number("SCRIPT_PROCESS_LIMIT", default: nil, in: 1...1_000_000)

    // Answers.
    static let eventBroker = Setting<DeliveryTarget>(
        "EVENTBROKER",
        default: "http://localhost:8081/event",
        allowed: "an http or https URL, or none",
        parse: DeliveryTarget.init(text:)
    )
    static let deliveryTimeout = Setting.duration("DELIVERY_TIMEOUT", default: "24h", atLeast: .seconds(1))
    static let keptnSpec = Setting<Era>("KEPTN_SPEC", allowed: "0.1 or 0.2", parse: Era.init(specification:))
    static let answerAllEvents = Setting.flag("ANSWER_ALL_EVENTS", default: "false")
    static let answerProvenance = Setting.flag("ANSWER_PROVENANCE", default: "on")

    // The process.
    static let cacheDirectory = Setting.text("CACHE_DIRECTORY", allowed: "a path")
    static let cacheLimit = Setting.bytes("CACHE_LIMIT", default: "32GiB", in: (1 << 20)...(1 << 50))
    static let cacheLimitPerProject = Setting.bytes("CACHE_LIMIT_PER_PROJECT", default: "4GiB", in: (1 << 20)...(1 << 50))
    static let dataDirectory = Setting.text("DATA_DIRECTORY", allowed: "a path")
    static let dataSync = Setting<StoreFile.Sync>.choice("DATA_SYNC", default: .full)
    static let historyMaximumAge = Setting.duration("HISTORY_MAX_AGE", default: "30d", atLeast: .seconds(1))
    static let historyMaximumRuns = Setting.number("HISTORY_MAX_RUNS", default: "1000000", in: 1...1_000_000_000)
    static let historyMaximumBytes = Setting.bytes("HISTORY_MAX_BYTES", default: "1GiB", in: (1 << 20)...(1 << 50))
    static let shutdownTimeout = Setting.duration("SHUTDOWN_TIMEOUT", default: "30s")
    static let configurationService = Setting.text("CONFIGURATION_SERVICE", allowed: "anything; it is ignored")

    /// All of them, in the order of the document.
    static let all: [any AnySetting] = [
        receivePort, receivePath, receiveHost, receiveToken, receiveBodyLimit, queueLimit, queueBytes, eventMaximumAge,
        adminHost, adminPort, adminToken,
        verbose, logFormat,
        gitRemote, gitUser, gitToken, gitTokenFile, gitNetrcFile, gitCredentialsDirectory,
        gitSSHKeyFile, gitSSHKeyPassphrase, gitSSHKnownHostsFile,
        gitCAFile, gitClientCertificateFile, gitClientKeyFile, gitProxy, gitFollowRedirects,
        gitHubAppID, gitHubAppInstallationID, gitHubAppKeyFile, gitHubAPI,
        gitLayout, gitDefaultBranch, gitOnFailure, gitRefreshMaxAge, gitHistoryLimit,
        gitRequireSignature, gitAllowedSignersFile, gitKeyringFile, gitWebhookSecret, gitWebhookSecretFile,
        environmentMode, scriptFolders, scriptTimeout, scriptGrace, scriptConcurrency, scriptConcurrencyPerService,
        scriptOutputLimit, messageLimit,
        scriptEnvironmentAllow, scriptEnvironmentDeny, scriptEnvironmentPass,
        httpAllow, httpDeny, httpCAFile, httpClientCertificateFile, httpClientKeyFile, httpProxy,
        scriptUser, scriptSandbox, scriptRead, scriptWrite, scriptControlGroups,
        scriptCPULimit, scriptMemoryLimit, scriptFileSizeLimit, scriptOpenFilesLimit, scriptProcessLimit,
        eventBroker, deliveryTimeout, keptnSpec, answerAllEvents, answerProvenance,
        cacheDirectory, cacheLimit, cacheLimitPerProject, dataDirectory, dataSync, historyMaximumAge, historyMaximumRuns,
        historyMaximumBytes, shutdownTimeout, configurationService,
    ]
}
