import Basics
import Processes
import Synchronization

/// Takes what a script writes, as it comes: masks it and hands it on; keeps standard output as a whole, as long as it can still be a
/// result.
final class OutputRecorder: Sendable {
    private struct Stream {
        var commands = MaskCommands()
        var text: RedactedText
    }

    private struct State {
        var output: Stream
        var errors: Stream
        var result: ResultCollector
    }

    private let state: Mutex<State>
    private let secrets: RunSecrets
    private let onOutput: @Sendable (OutputChunk) -> Void

    /// - Parameter limit: the most bytes of a result.
    init(secrets: RunSecrets, limit: Int, onOutput: @escaping @Sendable (OutputChunk) -> Void) {
        let stream = Stream(text: RedactedText { secrets.redactor })
        state = Mutex(State(output: stream, errors: stream, result: ResultCollector(limit: limit)))
        self.secrets = secrets
        self.onOutput = onOutput
    }

    func append(_ output: ProcessOutput) {
        let chunk = state.withLock { state in
            switch output.stream {
            case .standardOutput:
                state.result.append(output.bytes)
                return OutputChunk(source: .output, text: take(output.bytes, &state.output))
            case .standardError:
                return OutputChunk(source: .errors, text: take(output.bytes, &state.errors))
            }
        }
        if !chunk.text.isEmpty { onOutput(chunk) }
    }

    /// Ends the recording.
    ///
    /// - Returns: standard output if the whole of it may be a result; that is not masked.
    func finish() -> [UInt8]? {
        let (last, result) = state.withLock { state in
            (
                [
                    OutputChunk(source: .output, text: finish(&state.output)),
                    OutputChunk(source: .errors, text: finish(&state.errors)),
                ],
                state.result.whole
            )
        }
        for chunk in last where !chunk.text.isEmpty { onOutput(chunk) }
        return result
    }

    private func take(_ bytes: [UInt8], _ stream: inout Stream) -> String {
        var text = ""
        var commands = stream.commands
        commands.append(bytes, add: secrets.add) { text += stream.text.append($0) }
        stream.commands = commands
        return text
    }

    private func finish(_ stream: inout Stream) -> String {
        let last = stream.commands.finish(add: secrets.add)
        return stream.text.append(last) + stream.text.finish()
    }
}
