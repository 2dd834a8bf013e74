import CLibGit2
import Glibc

/// The process-wide state of libgit2: initialised once, on first use, and never shut down.
///
/// All that uses libgit2 blocks: call it on a ``Basics/ThreadPool``, never on the cooperative pool.
public enum LibGit2 {
    private static let initialised: Void = {
        precondition(git_libgit2_init() > 0, "libgit2 cannot be initialised: out of memory")
        // Nothing of the user's or the system's configuration may change what this process reads or writes.
        for level in [
            GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
        ] {
            _ = clibgit2_set_search_path(level.rawValue, "")
        }
        // Volumes of containers often belong to another user.
        _ = clibgit2_set_owner_validation(0)
        _ = clibgit2_set_gitdir_fsync(1)
    }()

    public static func initialise() { _ = initialised }
}

/// Runs one call of libgit2 and throws when its status is negative.
@discardableResult
func check(
    _ operation: @autoclosure () -> String,
    missing: GitError.FailureClass = .notFound,
    _ call: () -> CInt
) throws(GitError) -> CInt {
    let status = call()
    guard status >= 0 else { throw GitError(status: status, operation: operation(), missing: missing) }
    return status
}

/// Runs one call of libgit2 that makes an object, and returns that object. The caller frees it.
func make(
    _ operation: @autoclosure () -> String,
    missing: GitError.FailureClass = .notFound,
    _ call: (inout OpaquePointer?) -> CInt
) throws(GitError) -> OpaquePointer {
    var object: OpaquePointer?
    let status = call(&object)
    guard status >= 0, let object else { throw GitError(status: status, operation: operation(), missing: missing) }
    return object
}
