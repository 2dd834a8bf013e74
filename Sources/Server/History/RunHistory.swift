import CloudEvents
import Executor

/// The history for the command line: read from the database itself, whether the service runs or not.
public struct RunHistory: Sendable {
    private let directory: String

    public init(_ configuration: ServiceConfiguration) { directory = configuration.dataDirectory }

    /// Writes the runs that meet the filters to standard output, the newest first.
    ///
    /// - Parameter options: the parameters of the API's list, by their names; those that are nil are left out.
    /// - Throws: ``ConfigurationError`` for an option that is wrong, else why the history cannot be read.
    public func list(_ options: [String: String?], output: OutputFormat) async throws {
        let now = WallClock.system.now()
        let query: RunQuery
        do throws(QueryError) {
            query = try RunQuery(QueryItems(options), now: now)
        } catch {
            throw ConfigurationError("--\(error)")
        }
        let page = try await HistoryFile.open(in: directory).read { try HistoryTable.page(query, in: $0) }
        switch output {
        case .json: Terminal.print(page.json.prettyText)
        case .text: for line in RunText.list(page, now: now) { Terminal.print(line) }
        }
    }

    /// Writes all that is known of a run.
    ///
    /// - Throws: ``NoSuchRun``, or why the history cannot be read.
    public func show(_ id: String, output: OutputFormat) async throws {
        let run = try await run(id)
        switch output {
        case .json: Terminal.print(run.json.prettyText)
        case .text: for line in RunText.lines(of: run, now: WallClock.system.now()) { Terminal.print(line) }
        }
    }

    /// Writes what the files of a run have printed.
    ///
    /// - Throws: ``NoSuchRun``; where the run is not over; why the history cannot be read.
    public func output(of id: String, output: OutputFormat) async throws {
        let run = try await run(id)
        guard run.state.isOver else {
            throw ServiceError("run \(id) is not over, and its output not in the history yet; --follow shows what it prints")
        }
        let records = try await RunOutputs(directory: RunOutputs.directory(in: directory)).records(of: run.id)
        switch output {
        case .json:
            let document: JSON = ["run": .string(run.id), "records": .array(records.map(\.numberedJSON))]
            Terminal.print(document.prettyText)
        case .text:
            var transcript = Transcript()
            for record in records { Terminal.write(transcript.text(of: record.chunk.text, from: record.file)) }
            if transcript.endsInLine { Terminal.print("") }
        }
    }

    private func run(_ id: String) async throws -> RunRecord {
        guard let run = try await HistoryFile.open(in: directory).read({ try HistoryTable.run(id, in: $0) }) else {
            throw NoSuchRun(id)
        }
        return run
    }

    /// Copies the database into a new file, while the service may run.
    ///
    /// - Throws: if the file exists, or cannot be written.
    public func backUp(to file: String) async throws { try await HistoryFile.open(in: directory).backUp(to: file) }
}
