public import CloudEvents
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A receiver of answers on a free port of loopback: it keeps what is posted, and answers as it is told.
public final class EventRecorder: Sendable {
    private struct State {
        var events: [CloudEvent] = []
        var posts = 0
        var waiters: [(id: Int, isMet: ([CloudEvent]) -> Bool, continuation: CheckedContinuation<Void, any Error>)] = []
        var nextWaiter = 0
    }

    private let state = Mutex(State())
    /// Which status the n-th post is answered with, counted from 1; an event that is refused is not kept.
    private let status: @Sendable (Int) -> Int
    private let server = Mutex<Task<Void, any Error>?>(nil)
    private let portBox = Mutex(0)

    private init(status: @escaping @Sendable (Int) -> Int) { self.status = status }

    deinit { server.withLock { $0 }?.cancel() }

    public var port: Int { portBox.withLock { $0 } }
    public var url: String { "http://127.0.0.1:\(port)/event" }

    /// What was taken so far, in order.
    public var events: [CloudEvent] { state.withLock { $0.events } }

    /// How often somebody posted, refused posts too.
    public var posts: Int { state.withLock { $0.posts } }

    /// Starts a recorder; it ends with the value.
    public static func start(status: @escaping @Sendable (Int) -> Int = { _ in 200 }) async throws -> EventRecorder {
        let recorder = EventRecorder(status: status)
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let responder = CallbackResponder<BasicRequestContext> { [weak recorder] request, _ in
            let body = Array(try await request.body.collect(upTo: 64 << 20).readableBytesView)
            let status = recorder?.take(body) ?? 503
            return Response(status: .init(code: status))
        }
        let application = Application(
            responder: responder,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { announce.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "recorder") { _ in SwiftLogNoOpLogHandler() }
        )
        let task = Task {
            defer { announce.finish() }
            try await application.run()
        }
        recorder.server.withLock { $0 = task }
        for await port in ports {
            recorder.portBox.withLock { $0 = port }
            return recorder
        }
        try await task.value
        throw CancellationError()
    }

    private func take(_ body: [UInt8]) -> Int {
        state.withLock { state in
            state.posts += 1
            let status = status(state.posts)
            guard (200..<300).contains(status) else { return status }
            guard let event = try? EventDecoder.decode(structured: body, now: .now()) else { return 400 }
            state.events.append(event)
            state.waiters.removeAll { waiter in
                guard waiter.isMet(state.events) else { return false }
                waiter.continuation.resume()
                return true
            }
            return status
        }
    }

    /// Waits until the events that came meet the condition; the time limit of the test ends it.
    ///
    /// - Returns: the events then.
    @discardableResult
    public func wait(until isMet: @escaping @Sendable ([CloudEvent]) -> Bool) async throws -> [CloudEvent] {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                state.withLock { state in
                    if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else if isMet(state.events) {
                        continuation.resume()
                    } else {
                        state.waiters.append((id, isMet, continuation))
                    }
                }
            }
        } onCancel: {
            state.withLock { state in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return }
                state.waiters.remove(at: index).continuation.resume(throwing: CancellationError())
            }
        }
        return events
    }

    /// Waits until `count` events came.
    @discardableResult
    public func wait(for count: Int) async throws -> [CloudEvent] { try await wait { $0.count >= count } }
}
