import Logging
import Model
import ServiceLifecycle
import Synchronization
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct RefreshAheadTests {
    /// Refreshes that wait until they are let go, and tell when they begin.
    private final class Gate: Sendable {
        let begun: AsyncStream<PlainName>
        private let announce: AsyncStream<PlainName>.Continuation
        private let passes: AsyncStream<Void>
        private let open: AsyncStream<Void>.Continuation
        let count = Mutex(0)

        init() {
            (begun, announce) = AsyncStream.makeStream()
            (passes, open) = AsyncStream.makeStream()
        }

        func refresh(_ project: PlainName) async {
            count.withLock { $0 += 1 }
            announce.yield(project)
            for await _ in passes { return }
        }

        func letOnePass() { open.yield() }
    }

    private func name(_ text: String) throws -> PlainName { try #require(PlainName(text)) }

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("While a refresh is in hand, any number of pushes make one more")
    func joined() async throws {
        let gate = Gate()
        let ahead = RefreshAhead(logger: Self.quiet) { await gate.refresh($0) }
        let running = Task { try await ahead.run() }
        var begun = gate.begun.makeAsyncIterator()
        let shop = try name("shop")
        ahead.request(shop)
        #expect(await begun.next() == shop)
        for _ in 0..<100 { ahead.request(shop) }
        gate.letOnePass()
        #expect(await begun.next() == shop)
        gate.letOnePass()
        // Another project shows that nothing more of the first came before it.
        let other = try name("other")
        ahead.request(other)
        #expect(await begun.next() == other)
        #expect(gate.count.withLock { $0 } == 3)
        running.cancel()
        try await running.value
    }

    @Test("At most as many projects as the width are refreshed at a time, and a failure ends only its own")
    func width() async throws {
        let gate = Gate()
        let ahead = RefreshAhead(width: 1, logger: Self.quiet) { project in
            await gate.refresh(project)
            if project.text == "a" { throw ServiceError("it failed") }
        }
        let running = Task { try await ahead.run() }
        var begun = gate.begun.makeAsyncIterator()
        ahead.request(try name("a"))
        ahead.request(try name("b"))
        #expect(await begun.next()?.text == "a")
        #expect(gate.count.withLock { $0 } == 1)
        gate.letOnePass()
        #expect(await begun.next()?.text == "b")
        gate.letOnePass()
        ahead.request(try name("a"))
        #expect(await begun.next()?.text == "a")
        running.cancel()
        try await running.value
    }
}
