import CloudEvents
import Executor
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// The output of a run as it comes, from any piece on to the end of the run, as a `text/event-stream`.
struct OutputEvents: Sendable {
    let run: String
    /// The number of the last piece that the client has; -1: it has none.
    let last: Int
    let store: Store
    let outputs: RunOutputs
    let watch: RunWatch
    /// How often something is sent in any case.
    let pulse: Duration

    func response(to request: Request) -> Response {
        let body = ResponseBody { writer in
            let channel = FrameChannel()
            try await request.body.consumeWithInboundCloseHandler { _ in
                try await send(channel, to: &writer)
            } onInboundClosed: {
                channel.finish()
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    /// Returns when the run is over, the client has gone, or the service ends.
    private func send(_ channel: FrameChannel, to writer: inout any ResponseBodyWriter) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                await produce(channel)
                channel.finish()
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: pulse)
                    channel.beat()
                }
            }
            group.addTask {
                try await gracefulShutdown()
                // The runs are over by now, or left for the next start: one more look tells which.
                channel.end()
                watch.changed(run)
            }
            // The headers go at once, however long the run waits.
            try await writer.write(ByteBuffer(string: ServerSentEvent.comment))
            for await text in channel.texts {
                try await writer.write(ByteBuffer(string: text))
                channel.written(text)
            }
        }
    }

    private func produce(_ channel: FrameChannel) async {
        var last = last
        var sender = channel.sender()
        // Before the first look, so that no change is missed.
        var changes = watch.changes(of: run).makeAsyncIterator()
        while !Task.isCancelled {
            // Before the output: that of a run that is over is kept where it is read from.
            guard let current = try? await store.read({ try HistoryTable.state(of: run, in: $0) }) else { return }
            if let follower = outputs.follow(run) {
                let start = last
                for await record in follower where record.number > start {
                    guard await sender.send(Self.event(record)) else { return }
                    last = max(last, record.number)
                }
                // There may be more for a client that was too slow to follow.
                if last > start { continue }
            } else if current.state.isOver {
                for record in (try? await outputs.records(of: run)) ?? [] where record.number > last {
                    guard await sender.send(Self.event(record)) else { return }
                }
                let end = ServerSentEvent(
                    name: "end",
                    data: JSON.object(["state": .string(current.state.rawValue), "result": .text(current.result)]).text
                )
                _ = await sender.send(end)
                return
            }
            guard !channel.isEnding, await changes.next() != nil else { return }
        }
    }

    private static func event(_ record: OutputRecord) -> ServerSentEvent {
        ServerSentEvent(id: "\(record.number)", data: record.json.text)
    }
}

/// Hands texts from who reads a run's output to who writes them to a client: one event at a time, and a sign of life in between.
private final class FrameChannel: Sendable {
    let texts: AsyncStream<String>
    private let text: AsyncStream<String>.Continuation
    private let turns: AsyncStream<Void>
    private let turn: AsyncStream<Void>.Continuation
    private let isBeating = Atomic(false)
    private let ending = Atomic(false)

    init() {
        (texts, text) = AsyncStream.makeStream()
        (turns, turn) = AsyncStream.makeStream()
    }

    /// Of one task alone.
    struct Sender {
        fileprivate let channel: FrameChannel
        fileprivate var turns: AsyncStream<Void>.Iterator

        /// Waits until the event is written.
        ///
        /// - Returns: false if there is nobody to write it to any more.
        mutating func send(_ event: ServerSentEvent) async -> Bool {
            channel.text.yield(event.text)
            return await turns.next(isolation: #isolation) != nil
        }
    }

    func sender() -> Sender { Sender(channel: self, turns: turns.makeAsyncIterator()) }

    /// A client that takes nothing gets one sign of life, not many.
    func beat() {
        if !isBeating.exchange(true, ordering: .relaxed) { text.yield(ServerSentEvent.comment) }
    }

    func written(_ text: String) {
        if text == ServerSentEvent.comment { isBeating.store(false, ordering: .relaxed) } else { turn.yield() }
    }

    /// What has come up to now is sent, and nothing is waited for.
    func end() { ending.store(true, ordering: .sequentiallyConsistent) }

    var isEnding: Bool { ending.load(ordering: .sequentiallyConsistent) }

    func finish() {
        text.finish()
        turn.finish()
    }
}
