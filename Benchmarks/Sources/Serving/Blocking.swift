import Basics

/// Where calls block that are measured; one at a time.
public enum Blocking {
    private static let pool = ThreadPool(name: "measure", width: 1)

    public static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T { try await pool.run(body) }
}
