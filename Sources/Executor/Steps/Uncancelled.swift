/// Runs `body` to its end although the caller may have been cancelled: to clean up, and to read what is there.
func uncancelled<T: Sendable>(_ body: @escaping @Sendable () async -> T) async -> T {
    // A task of its own does not inherit the cancellation.
    await Task { await body() }.value
}
