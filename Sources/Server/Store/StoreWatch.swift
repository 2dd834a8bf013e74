import ServiceLifecycle

/// Ends the service when its database is damaged: the next start sets it aside.
struct StoreWatch: Service {
    let store: Store

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            for await error in store.damages { throw error }
        }
    }
}
