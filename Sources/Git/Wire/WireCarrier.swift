public import Basics

/// A way to a Git server: carries bytes and knows nothing of what they mean.
///
/// Errors are ``GitError``s with the server's address in them, or `CancellationError`.
public protocol WireCarrier: Sendable {
    /// The server's address for messages, without credentials.
    var address: String { get }

    /// What the server says at first contact, when it is told that version 2 is spoken.
    func advertisement(deadline: Deadline) async throws -> [UInt8]

    /// Sends one command of version 2 and lends its answer in pieces.
    ///
    /// - Parameter receive: returns false when no more of the answer is needed: the call then ends without an error. It is
    ///   called on a thread that others need, and must not wait.
    func command(
        _ request: [UInt8],
        deadline: Deadline,
        receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws
}
