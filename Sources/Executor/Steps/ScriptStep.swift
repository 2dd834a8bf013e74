import Basics
import CloudEvents
import Glibc
import Model
import Processes
import Synchronization

/// Runs `.sh` and `.py` files.
struct ScriptStep: Sendable {
    let settings: ExecutorSettings
    let service: ServiceVariables
    let interpreters: Interpreters
    let files: ThreadPool
    let texts = ScriptTexts()
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
        let preparation = ScriptPreparation(
            of: script,
            for: request,
            runID: runID,
            settings: settings,
            service: service,
            interpreters: interpreters,
            python: script.kind == .py ? await interpreters.python : nil,
            texts: texts,
            confinement: confinement
        )
        let recorder = OutputRecorder(secrets: secrets, limit: settings.outputLimit, onOutput: onOutput)
        let ending: Ending
        var usage: StepUsage?
        // A start may need several attempts.
        let areNotesShown = Atomic(false)
        do {
            let exit = try await Command.run(
                until: .after(timeout),
                grace: settings.grace,
                valve: valve,
                building: {
                    let command = try preparation.command()
                    let notes = Self.lines(preparation.made.notes, secrets)
                    if !notes.isEmpty, !areNotesShown.exchange(true, ordering: .relaxed) {
                        onOutput(OutputChunk(source: .service, text: notes))
                    }
                    return command
                },
                aftermath: Aftermath(on: files) { preparation.cleanUp() },
                onOutput: { recorder.append($0) }
            )
            ending = Ending(exit, timeout: timeout)
            usage = exit.usage.map { StepUsage(cpuTime: $0.cpuTime, peakMemory: $0.peakMemory) }
        } catch is CancellationError {
            ending = .cancelled
        } catch {
            ending = .failed("\(error)")
        }
        let printed = recorder.finish()
        // Where it could not be started, or ended without us.
        if preparation.made.directory != nil {
            await uncancelled { [files] in _ = try? await files.run { preparation.cleanUp() } }
        }
        let made = preparation.made
        return StepReport(
            ending: ending,
            notes: Self.lines(made.notes, secrets),
            results: [made.result, printed].compactMap { $0 },
            reason: limitReason(ending, script),
            hints: made.text?.oddities ?? [],
            usage: usage
        )
    }

    private static func lines(_ notes: [String], _ secrets: RunSecrets) -> String {
        notes.map { secrets.redact($0) + "\n" }.joined()
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
