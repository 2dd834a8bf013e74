import Basics
import CloudEvents
import Glibc
import Model
import Processes

/// Runs `.sh` and `.py` files.
struct ScriptStep: Sendable {
    let settings: ExecutorSettings
    let service: ServiceVariables
    let interpreters: Interpreters
    let files: ThreadPool
    /// What scripts are kept to; each adds its own folder and working directory.
    let confinement: Confinement

    func run(
        _ script: Script,
        for request: ScriptRequest,
        runID: String,
        timeout: Duration,
        secrets: RunSecrets,
        valve: OutputValve,
        onOutput: @escaping @Sendable (OutputChunk) -> Void
    ) async -> StepReport {
        do {
            let kind: InterpreterKind = script.kind == .py ? .python : .bash
            let (text, directory) = try await files.run { [settings] in
                let text = ScriptText(try Files.readBeginning(of: script.path, count: ScriptText.limit), kind: kind)
                return (
                    text, try WorkingDirectory(for: request.event, runID: runID, in: settings.runsDirectory, user: settings.user)
                )
            }
            let report = await run(
                script,
                text,
                kind,
                in: directory,
                for: request,
                runID: runID,
                timeout: timeout,
                secrets: secrets,
                valve: valve,
                onOutput: onOutput
            )
            await uncancelled { _ = try? await files.run { directory.remove() } }
            return report
        } catch is CancellationError {
            return StepReport(ending: .cancelled)
        } catch {
            return StepReport(ending: .failed("\(error)"))
        }
    }

    private func run(
        _ script: Script,
        _ text: ScriptText,
        _ kind: InterpreterKind,
        in directory: WorkingDirectory,
        for request: ScriptRequest,
        runID: String,
        timeout: Duration,
        secrets: RunSecrets,
        valve: OutputValve,
        onOutput: @escaping @Sendable (OutputChunk) -> Void
    ) async -> StepReport {
        let environment = ScriptEnvironment(
            for: request,
            script: script,
            runID: runID,
            directory: directory.paths,
            service: service
        )
        let recorder = OutputRecorder(secrets: secrets, limit: settings.outputLimit, onOutput: onOutput)
        let notes = environment.notes.map { secrets.redact($0) + "\n" }.joined()
        if !notes.isEmpty { onOutput(OutputChunk(source: .service, text: notes)) }
        let ending: Ending
        var usage: StepUsage?
        do {
            let (program, arguments) = try await interpreter(of: script, text, kind)
            let command = Command(
                program,
                arguments + [script.path, directory.paths.eventFile],
                environment: environment.variables,
                directory: directory.paths.directory,
                confinement: confinement.adding(readable: script.root, writable: directory.paths.directory)
            )
            let exit = try await command.run(until: .after(timeout), grace: settings.grace, valve: valve) {
                recorder.append($0)
            }
            ending = Ending(exit, timeout: timeout)
            usage = exit.usage.map { StepUsage(cpuTime: $0.cpuTime, peakMemory: $0.peakMemory) }
        } catch is CancellationError {
            ending = .cancelled
        } catch {
            ending = .failed("\(error)")
        }
        let printed = recorder.finish()
        let written = await uncancelled { try? await files.run { [settings] in directory.result(limit: settings.outputLimit) } }
        return StepReport(
            ending: ending,
            notes: notes,
            results: [written ?? nil, printed].compactMap { $0 },
            reason: limitReason(ending, script),
            hints: text.oddities,
            usage: usage
        )
    }

    /// Which of our limits a signal stands for.
    private func limitReason(_ ending: Ending, _ script: Script) -> String? {
        switch ending {
        case .signalled(Int(SIGXCPU)) where settings.limits.cpuTime != nil:
            "\(script.name) used up its processor time (SCRIPT_CPU_LIMIT) and was ended by signal \(SIGXCPU)"
        case .signalled(Int(SIGXFSZ)) where settings.limits.fileSize != nil:
            "\(script.name) wrote a file larger than SCRIPT_FILE_SIZE_LIMIT and was ended by signal \(SIGXFSZ)"
        default: nil
        }
    }

    /// bash or python3, unless the file asks for somebody else.
    private func interpreter(
        of script: Script,
        _ text: ScriptText,
        _ kind: InterpreterKind
    ) async throws(InterpreterMissing) -> (program: String, arguments: [String]) {
        guard let line = text.interpreterLine, !line.isUsual(for: kind) else {
            guard let path = await interpreters.path(of: kind) else {
                throw InterpreterMissing(script: script.name, program: kind.rawValue)
            }
            return (path, [])
        }
        if line.program.hasPrefix("/") { return (line.program, line.arguments) }
        let found = InterpreterLine.isPython(line.name) ? await interpreters.path(of: .python) : interpreters.find(line.name)
        guard let found else { throw InterpreterMissing(script: script.name, program: line.name) }
        return (found, line.arguments)
    }
}

private struct InterpreterMissing: Error, CustomStringConvertible {
    var script: String
    var program: String

    var description: String { "cannot run \(script): there is no \(program) on the PATH of the service" }
}

extension Ending {
    fileprivate init(_ exit: ProcessExit, timeout: Duration) {
        self =
            switch (exit.stopCause, exit.status) {
            case (.deadline, _): .timedOut(after: timeout)
            case (.cancellation, _): .cancelled
            case (nil, .exited(let status)): .exited(status)
            case (nil, .signalled(let signal)): .signalled(signal)
            case (nil, .unknown): .failed("its end could not be observed")
            }
    }
}
