import Basics
import Processes
import Synchronization

/// Takes what a script writes, as it comes: masks it, hands it on, keeps its beginning and end; keeps standard output as a whole,
/// as long as it can still be a result.
final class OutputRecorder: Sendable {
    private struct State {
        var output: RedactedText
        var errors: RedactedText
        var kept: HeadTailBuffer
        var result: ResultCollector
    }

    private let state: Mutex<State>
    private let onOutput: @Sendable (OutputChunk) -> Void

    init(secrets: SecretRegistry, limit: Int, onOutput: @escaping @Sendable (OutputChunk) -> Void) {
        state = Mutex(
            State(
                output: RedactedText(secrets),
                errors: RedactedText(secrets),
                kept: HeadTailBuffer(limit: limit),
                result: ResultCollector(limit: limit)
            )
        )
        self.onOutput = onOutput
    }

    func append(_ output: ProcessOutput) {
        let chunk = state.withLock { state in
            switch output.stream {
            case .standardOutput:
                state.result.append(output.bytes)
                return OutputChunk(source: .output, text: state.output.append(output.bytes))
            case .standardError:
                return OutputChunk(source: .errors, text: state.errors.append(output.bytes))
            }
        }
        record(chunk)
    }

    /// Ends the recording.
    ///
    /// - Returns: the text that was kept, and standard output if the whole of it may be a result; that is not masked.
    func finish() -> (text: String, result: [UInt8]?) {
        let last = state.withLock { state in
            [
                OutputChunk(source: .output, text: state.output.finish()),
                OutputChunk(source: .errors, text: state.errors.finish()),
            ]
        }
        for chunk in last { record(chunk) }
        return state.withLock { ($0.kept.text, $0.result.whole) }
    }

    private func record(_ chunk: OutputChunk) {
        guard !chunk.text.isEmpty else { return }
        state.withLock { $0.kept.append(chunk.text.utf8) }
        onOutput(chunk)
    }
}
