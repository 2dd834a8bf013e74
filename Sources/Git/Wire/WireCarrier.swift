public import Basics

/// A way to a Git server: carries bytes and knows nothing of what they mean.
///
/// Errors are ``GitError``s with the server's address in them, or `CancellationError`.
public protocol WireCarrier: Sendable {
    /// The server's address for messages, without credentials.
    var address: String { get }

    /// Learns what the server says at first contact, sends what `request` makes of it, and lends the answer in pieces.
    ///
    /// - Parameters:
    ///   - request: gets an advertisement. One of version 2 may be remembered from an earlier exchange, for it says only what
    ///     the server can; those before list the references and are always new. nil: nothing more is to be sent.
    ///   - receive: returns false when no more of the answer is needed: the call then ends without an error. It is called on a
    ///     thread that others need, and must not wait.
    func exchange(
        _ request: @escaping @Sendable (ServerAdvertisement) throws(GitError) -> [UInt8]?,
        deadline: Deadline,
        receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws

    /// The server's answer made no sense: it may have become another one, and what it said before counts no more.
    func forget()

    /// Who the server proved to be in the last exchange, for people: "certificate of git.example ..."; nil where nobody proved
    /// anything, or it is not known.
    var peer: String? { get }
}
