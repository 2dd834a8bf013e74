import Basics
import CloudEvents
import Curl
import Model

/// Runs `.http` files: gives ``HTTPStep`` the file and its values, and takes what came back.
struct RequestStep: Sendable {
    let settings: ExecutorSettings
    let service: ServiceVariables
    let client: HTTPClient
    let files: ThreadPool

    /// More than any person writes.
    private static let sizeLimit = 4 << 20

    func run(
        _ script: Script,
        for request: ScriptRequest,
        runID: String,
        timeout: Duration,
        secrets: RunSecrets,
        onOutput: @escaping @Sendable (OutputChunk) -> Void
    ) async -> StepReport {
        let included = IncludedFiles(of: script)
        let bytes: [UInt8]
        let dotenv: [String: String]
        do {
            (bytes, dotenv) = try await files.run {
                (try Files.read(script.path, limit: Self.sizeLimit), included.dotenv())
            }
        } catch is CancellationError {
            return StepReport(ending: .cancelled)
        } catch {
            return StepReport(ending: .failed("\(error)"))
        }
        let environment = ScriptEnvironment(for: request, script: script, runID: runID, directory: nil, service: service)
        let values = PlaceholderValues(
            variables: environment.variables,
            event: (try? JSON(parsing: request.event.raw)) ?? .object([:]),
            environment: service.placeholders,
            dotenv: dotenv
        )
        let step = HTTPStep(client: client, settings: settings.http, outputLimit: settings.outputLimit, files: files)
        let outcome = await step.run(file: bytes, values: values, included: included, deadline: .after(timeout)) { line in
            onOutput(OutputChunk(source: .service, text: secrets.redact(line) + "\n"))
        }
        let notes = (environment.notes + outcome.warnings).map { secrets.redact($0) + "\n" }.joined()
        let body = secrets.redact(outcome.output)
        if !notes.isEmpty { onOutput(OutputChunk(source: .service, text: notes)) }
        if !body.isEmpty { onOutput(OutputChunk(source: .output, text: body)) }
        return StepReport(
            ending: outcome.ending,
            notes: notes,
            results: [outcome.body],
            allowsFollowUp: outcome.allowsFollowUp,
            isAccepted: outcome.isAccepted,
            reason: outcome.reason
        )
    }
}
