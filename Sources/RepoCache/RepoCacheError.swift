import Basics
import Git

/// Nothing can be served: one sentence why, without secrets.
public struct RepoCacheError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The class of what the person who configures the service has to put right.
    public static let configuration = "configuration"

    /// The class of the failure as ``Git/GitError`` names it, or ``configuration``.
    public let failureClass: String
    public let description: String

    init(_ failureClass: String, _ description: String) {
        self.failureClass = failureClass
        self.description = description
    }

    /// What any error of the parts below means to a caller.
    init(_ error: any Error) {
        switch error {
        case let error as RepoCacheError: self = error
        case let error as GitError: self.init(error.failureClass.rawValue, error.description)
        case let error as FileError: self.init(GitError.FailureClass.disk.rawValue, error.description)
        case is DeadlineExceeded:
            self.init(GitError.FailureClass.timeout.rawValue, "cannot refresh the repository: the time limit was reached")
        default: self.init(GitError.FailureClass.server.rawValue, "cannot refresh the repository: \(error)")
        }
    }
}
