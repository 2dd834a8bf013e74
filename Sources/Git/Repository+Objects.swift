import CLibGit2

extension Repository {
    /// Whether an object of that name is stored, of whatever kind.
    public borrowing func contains(_ id: ObjectID) -> Bool {
        var raw = id.raw
        return git_odb_exists(objects, &raw) == 1
    }

    public borrowing func commit(_ id: ObjectID) throws(GitError) -> Commit {
        let pointer = pointer
        var raw = id.raw
        try limitSize(of: id, as: .commit)
        let commit = try make("read commit \(id) in \(path)", missing: .corrupt) { git_commit_lookup(&$0, pointer, &raw) }
        defer { git_commit_free(commit) }
        guard let tree = git_commit_tree_id(commit) else {
            throw GitError(.corrupt, "read commit \(id) in \(path)", "it has no tree")
        }
        let parents = (0..<git_commit_parentcount(commit)).compactMap { index in
            git_commit_parent_id(commit, index).map { ObjectID($0.pointee) }
        }
        return Commit(id: id, tree: ObjectID(tree.pointee), parents: parents)
    }

    /// The signature of a commit; nil if it has none.
    public borrowing func signature(of id: ObjectID) throws(GitError) -> CommitSignature? {
        let objects = objects
        var raw = id.raw
        try limitSize(of: id, as: .commit)
        let object = try make("read commit \(id) in \(path)", missing: .corrupt) { git_odb_read(&$0, objects, &raw) }
        defer { git_odb_object_free(object) }
        let bytes = UnsafeRawBufferPointer(start: git_odb_object_data(object), count: git_odb_object_size(object))
        return CommitSignature(in: Array(bytes))
    }

    /// The lines of a tree, in the tree's order.
    ///
    /// - Parameter limit: the most lines to return.
    public borrowing func tree(_ id: ObjectID, limit: Int = .max) throws(GitError) -> [TreeEntry] {
        let tree = try treePointer(id)
        defer { git_tree_free(tree) }
        let count = min(git_tree_entrycount(tree), max(limit, 0))
        return (0..<count).compactMap { git_tree_entry_byindex(tree, $0).map(TreeEntry.init) }
    }

    /// The line of a tree with that name.
    public borrowing func entry(_ name: [UInt8], in id: ObjectID) throws(GitError) -> TreeEntry? {
        let tree = try treePointer(id)
        defer { git_tree_free(tree) }
        return (name + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { git_tree_entry_byname(tree, $0.baseAddress).map(TreeEntry.init) }
        }
    }

    /// The length of a blob in bytes, without reading all of it.
    public borrowing func blobSize(_ id: ObjectID) throws(GitError) -> Int { try size(of: id, as: .blob) }

    /// The length of a tree in bytes, without reading all of it.
    public borrowing func treeSize(_ id: ObjectID) throws(GitError) -> Int { try size(of: id, as: .tree) }

    /// Lends the bytes of a blob; they are valid only inside `body`.
    ///
    /// - Throws: what `body` throws, or ``GitError``.
    public borrowing func withBlob<T>(_ id: ObjectID, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
        let blob = try blobPointer(id)
        defer { git_blob_free(blob) }
        return try body(Self.bytes(of: blob))
    }

    /// The bytes of a blob. Ask for its size first.
    public borrowing func blob(_ id: ObjectID) throws(GitError) -> [UInt8] {
        let blob = try blobPointer(id)
        defer { git_blob_free(blob) }
        return Array(Self.bytes(of: blob))
    }

    private borrowing func blobPointer(_ id: ObjectID) throws(GitError) -> OpaquePointer {
        let pointer = pointer
        var raw = id.raw
        return try make("read blob \(id) in \(path)", missing: .corrupt) { git_blob_lookup(&$0, pointer, &raw) }
    }

    private static func bytes(of blob: OpaquePointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: git_blob_rawcontent(blob), count: Int(git_blob_rawsize(blob)))
    }

    /// Whether `ancestor` can be reached from `commit` through parents, or is `commit` itself.
    public borrowing func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) throws(GitError) -> Bool {
        if ancestor == commit { return contains(ancestor) }
        guard contains(ancestor) else { return false }
        var (old, new) = (ancestor.raw, commit.raw)
        return try check("compare commits in \(path)", missing: .corrupt) { git_graph_descendant_of(pointer, &new, &old) } == 1
    }

    private borrowing func treePointer(_ id: ObjectID) throws(GitError) -> OpaquePointer {
        let pointer = pointer
        var raw = id.raw
        try limitSize(of: id, as: .tree)
        return try make("read tree \(id) in \(path)", missing: .corrupt) { git_tree_lookup(&$0, pointer, &raw) }
    }

    private enum Kind: String {
        case commit, tree, blob

        var type: git_object_t {
            switch self {
            case .commit: GIT_OBJECT_COMMIT
            case .tree: GIT_OBJECT_TREE
            case .blob: GIT_OBJECT_BLOB
            }
        }
    }

    /// The most bytes of a commit or a tree. libgit2 unpacks and parses them as a whole, and a small pack can hold huge ones.
    private static let maximumSize = 32 << 20

    private borrowing func limitSize(of id: ObjectID, as kind: Kind) throws(GitError) {
        guard try size(of: id, as: kind) <= Self.maximumSize else {
            throw GitError(.unsupported, "read \(kind) \(id) in \(path)", "it is larger than \(Self.maximumSize) bytes")
        }
    }

    private borrowing func size(of id: ObjectID, as kind: Kind) throws(GitError) -> Int {
        let operation = "read \(kind) \(id) in \(path)"
        var raw = id.raw
        var size = 0
        var type = GIT_OBJECT_INVALID
        let status = git_odb_read_header(&size, &type, objects, &raw)
        guard status != GIT_ENOTFOUND.rawValue else {
            git_error_clear()
            throw GitError(.corrupt, operation, "it is not there", missing: [id])
        }
        try check(operation, missing: .corrupt) { status }
        guard type == kind.type else { throw GitError(.corrupt, operation, "it is no \(kind)") }
        guard size >= 0 else { throw GitError(.corrupt, operation, "it claims an impossible size") }
        return size
    }
}
