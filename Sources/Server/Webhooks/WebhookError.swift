/// A webhook that cannot be read, and why.
struct WebhookError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
