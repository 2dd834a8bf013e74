import Curl
import Synchronization
import Testing

/// Checks that `body` throws an `HTTPClientError` of that kind.
@discardableResult
func expectError<T>(
    _ kind: HTTPClientError.Kind,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> T
) async -> HTTPClientError? {
    let error = await #expect(throws: HTTPClientError.self, sourceLocation: sourceLocation) { _ = try await body() }
    if let error { #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation) }
    return error
}

/// Counts the bytes that a receiver gets.
final class Collector: Sendable {
    private let total = Mutex(0)
    var count: Int { total.withLock { $0 } }

    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        total.withLock { $0 += bytes.count }
        return true
    }
}
