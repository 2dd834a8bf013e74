import CloudEvents
import Logging
import TestSupport

@testable import Server

/// A database in a directory of its own.
final class StoreFixture: Sendable {
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let directory: TemporaryDirectory
    let store: Store

    init(in directory: TemporaryDirectory? = nil) throws {
        self.directory = try directory ?? TemporaryDirectory()
        store = try StoreFile(directory: self.directory.path, logger: Self.quiet).open()
    }

    func inbox(count: Int = 10, bytes: Int = 1 << 20, backlog: @escaping @Sendable () -> Int = { 0 }) -> Inbox {
        Inbox(store: store, limits: .init(count: count, bytes: bytes), backlog: backlog)
    }

    static func event(_ id: String, source: String = "test", context: String? = nil, data: JSON = ["project": "p"]) -> CloudEvent
    {
        CloudEvent(
            id: id,
            source: source,
            specVersion: .v1_0,
            type: "sh.keptn.event.test.triggered",
            time: .now(),
            extensions: context.map { ["shkeptncontext": .string($0)] } ?? [:],
            data: .json(data)
        )
    }
}
