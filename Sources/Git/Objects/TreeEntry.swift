import CLibGit2
import Glibc

/// One line of a tree.
public struct TreeEntry: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case file
        case executable
        /// A symbolic link; the blob is its target.
        case link
        case tree
        /// A commit of another repository; its files are not here.
        case submodule
    }

    /// The name as it stands in the tree: any bytes but NUL, checked by nobody.
    public let name: [UInt8]
    public let kind: Kind
    public let id: ObjectID

    /// The name for messages.
    public var text: String { String(decoding: name, as: UTF8.self) }

    /// Copies a line of a tree that libgit2 holds.
    init(_ entry: OpaquePointer) {
        name = git_tree_entry_name(entry).map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
        id = git_tree_entry_id(entry).map { ObjectID($0.pointee) } ?? ObjectID(git_oid())
        kind =
            switch git_tree_entry_filemode(entry) {
            case GIT_FILEMODE_TREE: .tree
            case GIT_FILEMODE_LINK: .link
            case GIT_FILEMODE_COMMIT: .submodule
            case GIT_FILEMODE_BLOB_EXECUTABLE: .executable
            default: .file
            }
    }
}
