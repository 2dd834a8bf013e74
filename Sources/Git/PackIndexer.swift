import CLibGit2

/// Takes a pack in pieces and adds it to a repository's objects: all of it or nothing.
///
/// Objects that the pack holds only as differences to stored ones are completed from the repository. Whether trees and parents
/// are there is not checked: the packs of shallow clones never have them all.
struct PackIndexer: ~Copyable {
    private let indexer: OpaquePointer
    private let limits: PackLimits
    private let objects: OpaquePointer
    private var progress = git_indexer_progress()
    private var bytes = 0

    /// - Parameter repository: must live as long as the indexer.
    init(for repository: borrowing Repository, limits: PackLimits) throws(GitError) {
        let objects = repository.objects
        let directory = repository.path + "/objects/pack"
        var options = git_indexer_options()
        try check("index a pack") { git_indexer_options_init(&options, UInt32(GIT_INDEXER_OPTIONS_VERSION)) }
        // With verification libgit2 refuses every shallow pack: "packfile is missing objects".
        options.verify = 0
        indexer = try make("index a pack in \(directory)") { git_indexer_new(&$0, directory, 0, objects, &options) }
        self.objects = objects
        self.limits = limits
    }

    /// Removes what was written unless ``commit()`` came first.
    deinit { git_indexer_free(indexer) }

    mutating func append(_ chunk: UnsafeRawBufferPointer) throws(GitError) {
        bytes += chunk.count
        guard bytes <= limits.bytes else {
            throw GitError(.unsupported, "take the pack", "it is larger than \(limits.bytes) bytes")
        }
        let indexer = indexer
        try check("index the pack", missing: .corrupt) {
            git_indexer_append(indexer, chunk.baseAddress, chunk.count, &progress)
        }
        guard progress.total_objects <= UInt32(clamping: limits.objects) else {
            throw GitError(.unsupported, "take the pack", "it has more than \(limits.objects) objects")
        }
    }

    /// Completes the pack and makes its objects readable through the repository.
    mutating func commit() throws(GitError) {
        let (indexer, objects) = (indexer, objects)
        try check("complete the pack", missing: .corrupt) { git_indexer_commit(indexer, &progress) }
        try check("read the new pack") { git_odb_refresh(objects) }
    }
}

/// The most that one answer of a server may bring.
public struct PackLimits: Sendable, Hashable {
    public var bytes: Int
    public var objects: Int

    public init(bytes: Int = 2 << 30, objects: Int = 5_000_000) {
        self.bytes = bytes
        self.objects = objects
    }
}
