import Git

/// What may still be read of a repository's trees for one purpose.
///
/// A few links of 4,096 bytes each can name thousands of directories, and a small pack can hold directories of a million names: nothing
/// else would end the walk before it has kept a thread for hours.
struct TreeBudget: Sendable, Hashable {
    private(set) var bytes: Int

    /// A second or two of unpacking.
    static let standard = 256 << 20
    /// What a tree costs at least, however short it is.
    private static let page = 4_096

    init(bytes: Int = standard) { self.bytes = bytes }

    /// - Throws: ``Git/GitError`` of class `unsupported` if the tree is more than what is left.
    mutating func take(_ tree: ObjectID, of repository: borrowing Repository) throws(GitError) {
        bytes -= max(try repository.treeSize(tree), Self.page)
        guard bytes >= 0 else {
            throw GitError(
                .unsupported,
                "read the directories of \(repository.path)",
                "its links lead through too many or too large directories; shorten the links in the script folder"
            )
        }
    }
}
