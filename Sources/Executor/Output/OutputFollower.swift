import Synchronization

/// The output of a run for one reader: from the beginning, live to the end.
public struct OutputFollower: AsyncSequence, Sendable {
    public typealias Element = OutputRecord
    public typealias Failure = Never

    let queue: Queue
    /// What was there before the queue began.
    let kept: @Sendable () async -> [OutputRecord]

    public func makeAsyncIterator() -> Iterator { Iterator(queue: queue, kept: kept) }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let queue: Queue
        fileprivate let kept: @Sendable () async -> [OutputRecord]
        private let attention: Attention
        private var earlier: ArraySlice<OutputRecord>?
        private var live: AsyncStream<OutputRecord>.Iterator

        fileprivate init(queue: Queue, kept: @escaping @Sendable () async -> [OutputRecord]) {
            self.queue = queue
            self.kept = kept
            live = queue.stream.makeAsyncIterator()
            attention = Attention(queue: queue)
        }

        /// nil at the end of the run, and when the reader was too slow or is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async -> OutputRecord? {
            if earlier == nil {
                let first = queue.firstNumber
                earlier = await kept().filter { $0.number < first }[...]
            }
            if let record = earlier?.popFirst() { return record }
            return await live.next(isolation: actor)
        }
    }

    /// A reader that stops reading before the end is nobody to keep anything for.
    private final class Attention: Sendable {
        private let queue: Queue

        init(queue: Queue) { self.queue = queue }

        deinit { queue.finish() }
    }

    /// What waits for the reader; a limited number of pieces.
    final class Queue: Sendable {
        /// Pieces of at most 64 KiB.
        private static let limit = 256

        let firstNumber: Int
        let stream: AsyncStream<OutputRecord>
        private let continuation: AsyncStream<OutputRecord>.Continuation

        init(firstNumber: Int) {
            self.firstNumber = firstNumber
            (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.limit))
        }

        func onEnd(_ body: @escaping @Sendable () -> Void) { continuation.onTermination = { _ in body() } }

        func append(_ record: OutputRecord) {
            guard case .enqueued(let remaining) = continuation.yield(record), remaining == 1 else { return }
            // The last place is for saying why there is no more.
            let text = "\n[... you read too slowly: the rest of the output is not shown here ...]\n"
            continuation.yield(
                OutputRecord(number: -1, file: record.file, chunk: OutputChunk(source: .service, text: text))
            )
            continuation.finish()
        }

        func finish() { continuation.finish() }
    }
}
