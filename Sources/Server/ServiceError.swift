/// The service cannot start, or cannot go on: one sentence that says what was tried, on what, why not, and the remedy.
struct ServiceError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
