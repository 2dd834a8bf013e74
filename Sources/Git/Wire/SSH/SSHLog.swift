import Processes
import Synchronization

/// What an ssh process writes to its standard error, the beginning and the end of it.
final class SSHLog: Sendable {
    private struct State: Sendable {
        var text = HeadTailBuffer(limit: 64 << 10)
        /// The end of what came, in which the mark may have begun.
        var tail: [UInt8] = []
    }

    private let state = Mutex(State())

    var text: String { state.withLock { $0.text.text } }

    /// - Returns: whether `mark` has come with these bytes.
    func append(_ bytes: [UInt8], lookingFor mark: String = "") -> Bool {
        state.withLock { state in
            state.text.append(bytes)
            guard !mark.isEmpty else { return false }
            let text = String(decoding: state.tail + bytes, as: UTF8.self)
            state.tail = Array((state.tail + bytes).suffix(mark.utf8.count))
            return text.contains(mark)
        }
    }
}
