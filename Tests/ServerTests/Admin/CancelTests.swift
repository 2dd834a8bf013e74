import CloudEvents
import Model
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(1))) struct CancelTests {
    private let fixture: StoreFixture
    private let watch = RunWatch()

    init() throws { fixture = try StoreFixture() }

    @Test("A run that is just on its way into the queue is cancelled when it is there; one that is over is not waited for")
    func arriving() async throws {
        let inbox = fixture.inbox()
        let runs = RunsInHand(watch: watch)
        let responder = RunsResponder(
            store: fixture.store,
            outputs: RunOutputs(directory: fixture.directory.path, watch: watch),
            runs: runs,
            inbox: inbox,
            watch: watch
        )
        let receipt = try await inbox.accept([StoreFixture.event("a")])[0]
        var events = inbox.events.makeAsyncIterator()
        let accepted = try #require(await events.next())
        async let answer = responder.cancelled(receipt.run)
        try await waitUntil { watch.count == 1 }
        runs.add(accepted) {}
        #expect(await answer)
        #expect(accepted.stop.isRequested)

        let over = try await fixture.add([.init(result: .pass)])[0]
        #expect(await !responder.cancelled(over))
        #expect(await !responder.cancelled("none"))
        #expect(watch.count == 0)
    }
}
