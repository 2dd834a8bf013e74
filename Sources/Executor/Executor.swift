public import Basics
public import Curl
import Glibc
public import Model
import Processes

/// Finds the files of an event and runs them, one after the other.
public struct Executor: Sendable {
    private let settings: ExecutorSettings
    private let secrets: SecretRegistry
    private let scripts: ScriptStep
    private let requests: RequestStep
    private let index = ScriptIndex()
    private let restartMarks = RestartMarks()
    /// For the few small files of a run, which may be on a slow disk all the same.
    private let files = ThreadPool(name: "run-files", width: 4)

    /// - Parameters:
    ///   - client: sends the requests of `.http` files.
    ///   - secrets: what is masked in outputs, messages and reasons.
    /// - Throws: if the directory for runs cannot be made, or scripts not be confined as the settings want it.
    public init(
        settings: ExecutorSettings,
        client: HTTPClient,
        secrets: SecretRegistry = SecretRegistry()
    ) throws {
        try Files.createDirectory(settings.runsDirectory)
        // Scripts are told absolute paths.
        guard let runsDirectory = realpath(settings.runsDirectory, nil) else {
            throw FileError("find directory", settings.runsDirectory, errno: errno)
        }
        defer { free(runsDirectory) }
        var settings = settings
        settings.runsDirectory = String(cString: runsDirectory)
        self.settings = settings
        self.secrets = secrets
        if let user = settings.user { try Self.open(settings.runsDirectory, to: user) }
        let service = ServiceVariables(settings)
        scripts = ScriptStep(
            settings: settings,
            service: service,
            interpreters: Interpreters(searchPath: settings.serviceEnvironment["PATH"] ?? ServiceVariables.defaultPath),
            files: files,
            confinement: Confinement(
                user: settings.user,
                limits: settings.limits,
                sandbox: try settings.fileRules.map {
                    try Sandbox(readable: $0.readable, writable: $0.writable, protected: $0.protected)
                },
                controlGroups: settings.usesControlGroups ? ControlGroups(limits: settings.limits) : nil
            )
        )
        requests = RequestStep(settings: settings, service: service, client: client, files: files)
    }

    /// Lets the scripts' user walk to its working directories. Nobody can list what else is on the way.
    private static func open(_ runsDirectory: String, to user: ProcessUser) throws {
        let parent = runsDirectory[..<(runsDirectory.lastIndex(of: "/") ?? runsDirectory.startIndex)]
        for directory in [String(parent), runsDirectory] where user.firstClosedDirectory(onTheWayTo: directory) == directory {
            chmod(directory, 0o711)
        }
        if let closed = user.firstClosedDirectory(onTheWayTo: runsDirectory) {
            throw ClosedDirectory(directory: closed, path: runsDirectory, user: user)
        }
    }

    /// Ends and removes what a process that was killed left of its runs. Blocks; nothing may run yet.
    public func sweep() {
        LeftBehind.end(beneath: settings.runsDirectory)
        for name in (try? Files.list(settings.runsDirectory)) ?? [] { Files.removeTree("\(settings.runsDirectory)/\(name)") }
    }

    /// Which files run for the event, in order.
    public func plan(_ request: ScriptRequest, in snapshot: Snapshot) async -> Plan {
        let folders = settings.folders
        var isKnown = true
        let known = Planner.plan(request, places: snapshot.places, folders: folders) { place, folder, name in
            if let finding = index.known(place, folder, name) { return finding }
            isKnown = false
            return .nothing
        }
        if isKnown { return known }
        let plan = await uncancelled { [files, index] in
            try? await files.run { Planner.plan(request, places: snapshot.places, folders: folders, find: index.find) }
        }
        return plan ?? Plan(scripts: [])
    }

    /// Whether all files of the plan say that they can be run once more if a restart interrupts them.
    public func mayRunAgain(_ plan: Plan) async -> Bool {
        let known = plan.scripts.map { restartMarks.known($0) }
        if known.contains(false) { return false }
        if !known.contains(nil) { return true }
        return await uncancelled { [files, restartMarks] in
            (try? await files.run { plan.scripts.allSatisfy { restartMarks.has($0) } }) ?? false
        }
    }

    /// Runs the files of the plan. A file that fails does not stop those after it.
    ///
    /// Cancelling the task ends the file that runs, SIGTERM first; those after it are not begun, and all count as cancelled.
    /// No process is left when this returns.
    ///
    /// - Parameters:
    ///   - timeout: how long each file may run; nil: as the settings say.
    ///   - output: takes what the files print; over when this returns. It stays the caller's to remove.
    ///   - onOutput: gets it too, as it comes; it must not block.
    public func run(
        _ request: ScriptRequest,
        plan: Plan,
        runID: String,
        timeout: Duration? = nil,
        output: RunOutput,
        onOutput: (@Sendable (Script, OutputChunk) -> Void)? = nil
    ) async -> RunOutcome {
        defer { output.finish() }
        let secrets = RunSecrets(secrets)
        var verdicts: [StepVerdict] = []
        for script in plan.scripts {
            let start = ContinuousClock.now
            let step = output.begin(script.name)
            var report = await run(
                script,
                for: request,
                runID: runID,
                timeout: timeout ?? settings.timeout,
                secrets: secrets,
                valve: step.valve
            ) { chunk in
                output.append(chunk, of: script.name, to: step)
                onOutput?(script, chunk)
            }
            report.output = await step.text()
            verdicts.append(StepVerdict(report, of: script, duration: .now - start, redactor: secrets.redactor))
        }
        return RunOutcome(verdicts, request: request, messageLimit: settings.messageLimit)
    }

    /// A place for the output of a run.
    public func output(of runID: String) -> RunOutput {
        let name = PlainName(runID).map { "\($0)-output-" } ?? "output-"
        return RunOutput(directory: "\(settings.runsDirectory)/\(name)", limit: settings.outputLimit, pool: files)
    }

    private func run(
        _ script: Script,
        for request: ScriptRequest,
        runID: String,
        timeout: Duration,
        secrets: RunSecrets,
        valve: OutputValve,
        onOutput: @escaping @Sendable (OutputChunk) -> Void
    ) async -> StepReport {
        if Task.isCancelled { return StepReport(ending: .cancelled) }
        switch script.kind {
        case .sh, .py:
            return await scripts.run(
                script,
                for: request,
                runID: runID,
                timeout: timeout,
                secrets: secrets,
                valve: valve,
                onOutput: onOutput
            )
        case .http:
            return await requests.run(script, for: request, runID: runID, timeout: timeout, secrets: secrets, onOutput: onOutput)
        }
    }
}
