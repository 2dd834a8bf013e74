import CLibGit2

/// A failure of Git: what was tried, on what, and why not.
///
/// The class is for programs: it decides whether to try again, to clone anew or to ask a person. The text is one sentence and
/// never holds a credential.
public struct GitError: Error, Sendable, Hashable {
    public enum FailureClass: String, Sendable, Hashable, CaseIterable {
        case dns
        case connect
        case tls
        case auth
        case hostKey = "host key"
        case notFound = "not found"
        case throttled
        case server
        case `protocol`
        /// Objects that must be there are missing or damaged: only a new clone helps.
        case corrupt
        case disk
        case timeout
        /// A commit that must be signed is not, or not by somebody who is trusted.
        case signature
        /// This version cannot do it.
        case unsupported
    }

    public let failureClass: FailureClass
    /// A verb phrase: "fetch from https://git.example/shop.git".
    public let operation: String
    public let message: String
    /// How long the server asks to be left alone; nil where it says nothing.
    public let retryAfter: Duration?
    /// Objects that are not there. In a partial clone they only have to be fetched.
    public let missing: [ObjectID]

    public init(
        _ failureClass: FailureClass,
        _ operation: String,
        _ message: String,
        retryAfter: Duration? = nil,
        missing: [ObjectID] = []
    ) {
        self.failureClass = failureClass
        self.operation = operation
        self.message = message
        self.retryAfter = retryAfter
        self.missing = missing
    }

    /// The same failure as part of something larger.
    func during(_ operation: String) -> GitError {
        GitError(failureClass, operation, message, retryAfter: retryAfter, missing: missing)
    }
}

extension GitError: CustomStringConvertible {
    public var description: String { "cannot \(operation): \(message)" }
}

extension GitError {
    /// Reads the failure of the call that just returned `status`.
    ///
    /// libgit2 keeps the last error of each thread and does not clear it on success: this must run on the same thread, straight
    /// after the call.
    ///
    /// - Parameter missing: the class for an object or name that is not there; `corrupt` where it ought to be.
    init(status: CInt, operation: String, missing: FailureClass) {
        let last = git_error_last()?.pointee
        let text = last?.message.map { String(cString: $0) }
        let kind = last.map { git_error_t(UInt32(bitPattern: $0.klass)) }
        self.init(
            Self.failureClass(status: git_error_code(status), kind: kind, missing: missing),
            operation,
            text ?? "libgit2 says \(status)"
        )
        git_error_clear()
    }

    private static func failureClass(status: git_error_code, kind: git_error_t?, missing: FailureClass) -> FailureClass {
        switch (status, kind) {
        case (GIT_ENOTFOUND, _): missing
        case (GIT_ELOCKED, _), (_, GIT_ERROR_OS), (_, GIT_ERROR_FILESYSTEM): .disk
        case (_, GIT_ERROR_ODB), (_, GIT_ERROR_OBJECT), (_, GIT_ERROR_TREE), (_, GIT_ERROR_ZLIB), (_, GIT_ERROR_INDEXER): .corrupt
        case (_, GIT_ERROR_REPOSITORY), (_, GIT_ERROR_REFERENCE): .notFound
        default: .corrupt
        }
    }
}
