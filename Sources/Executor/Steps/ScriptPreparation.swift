import Basics
import Model
import Processes
import Synchronization

/// All that has to be done on disk before a script starts, by the thread that starts it: a thread of its own would cost more than the
/// work.
final class ScriptPreparation: Sendable {
    /// What is there once ``command()`` was called, even if it failed later.
    struct Made: Sendable {
        var text: ScriptText?
        var directory: WorkingDirectory?
        /// Lines about variables that were left out.
        var notes: [String] = []
        /// What the script wrote as its result, once ``cleanUp()`` was called.
        var result: [UInt8]?
    }

    private let script: Script
    private let kind: InterpreterKind
    private let request: ScriptRequest
    private let runID: String
    private let settings: ExecutorSettings
    private let service: ServiceVariables
    private let interpreters: Interpreters
    /// Where python is, for files that need it.
    private let python: String?
    private let texts: ScriptTexts
    private let confinement: Confinement
    private let state = Mutex(Made())

    init(
        of script: Script,
        for request: ScriptRequest,
        runID: String,
        settings: ExecutorSettings,
        service: ServiceVariables,
        interpreters: Interpreters,
        python: String?,
        texts: ScriptTexts,
        confinement: Confinement
    ) {
        self.script = script
        kind = script.kind == .py ? .python : .bash
        self.request = request
        self.runID = runID
        self.settings = settings
        self.service = service
        self.interpreters = interpreters
        self.python = python
        self.texts = texts
        self.confinement = confinement
    }

    var made: Made { state.withLock { $0 } }

    /// Reads the script, makes its working directory and says what to start. Blocks. May be called again if the start failed.
    func command() throws -> Command {
        let text = try texts.text(of: script, kind: kind)
        state.withLock { $0.text = text }
        let directory =
            try made.directory
            ?? WorkingDirectory(
                for: request.event,
                runID: runID,
                in: settings.runsDirectory,
                user: settings.user
            )
        let environment = ScriptEnvironment(
            for: request,
            script: script,
            runID: runID,
            directory: directory.paths,
            service: service
        )
        state.withLock { made in
            made.directory = directory
            made.notes = environment.notes
        }
        let (program, arguments) = try interpreter(text)
        return Command(
            program,
            arguments + [script.path, directory.paths.eventFile],
            environment: environment.variables,
            directory: directory.paths.directory,
            confinement: confinement.adding(readable: script.root, writable: directory.paths.directory)
        )
    }

    /// Takes the result out of the working directory, and removes that. Blocks. Does nothing the second time.
    func cleanUp() {
        guard let directory = state.withLock({ $0.directory }) else { return }
        let result = directory.result(limit: settings.outputLimit)
        directory.remove()
        state.withLock { made in (made.directory, made.result) = (nil, result) }
    }

    /// bash or python3, unless the file asks for somebody else.
    private func interpreter(_ text: ScriptText) throws(InterpreterMissing) -> (program: String, arguments: [String]) {
        guard let line = text.interpreterLine, !line.isUsual(for: kind) else {
            guard let path = kind == .bash ? interpreters.bash : python else {
                throw InterpreterMissing(script: script.name, program: kind.rawValue)
            }
            return (path, [])
        }
        if line.program.hasPrefix("/") { return (line.program, line.arguments) }
        let found = InterpreterLine.isPython(line.name) ? python ?? interpreters.find("python3") : interpreters.find(line.name)
        guard let found else { throw InterpreterMissing(script: script.name, program: line.name) }
        return (found, line.arguments)
    }
}

private struct InterpreterMissing: Error, CustomStringConvertible {
    var script: String
    var program: String

    var description: String { "cannot run \(script): there is no \(program) on the PATH of the service" }
}
