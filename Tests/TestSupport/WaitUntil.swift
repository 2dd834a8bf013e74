/// Waits until `condition` holds, for what happens in the background; the test's time limit ends a wait that is in vain.
public func waitUntil(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
}
