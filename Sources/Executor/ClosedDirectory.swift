public import Processes

/// Scripts that run as a user of their own could not get to what they need.
public struct ClosedDirectory: Error, CustomStringConvertible {
    /// What is closed.
    public let directory: String
    /// Where the way was to lead.
    public let path: String
    public let user: ProcessUser

    public init(directory: String, path: String, user: ProcessUser) {
        self.directory = directory
        self.path = path
        self.user = user
    }

    public var description: String {
        "user \(user.uid) (SCRIPT_USER) may not walk through \(directory), which is on the way to \(path); let CACHE_DIRECTORY and "
            + "DATA_DIRECTORY name places that every user can get to, or open it (chmod o+x)"
    }
}
