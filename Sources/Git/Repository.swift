import Basics
import CLibGit2

/// An open bare repository: one owner, closed when that owner goes out of scope.
///
/// libgit2's objects must not be used by two threads at once, and a handle that is kept holds files that others removed: open
/// it, use it and drop it inside one blocking job. All operations block.
public struct Repository: ~Copyable {
    let pointer: OpaquePointer
    let objects: OpaquePointer
    public let path: String

    /// Opens the bare repository at `path`; the directories above it are not searched.
    public init(openingBare path: String) throws(GitError) {
        LibGit2.initialise()
        let pointer = try make("open the repository \(path)") { git_repository_open_bare(&$0, path) }
        var objects: OpaquePointer?
        let status = git_repository_odb(&objects, pointer)
        guard status >= 0, let objects else {
            let error = GitError(status: status, operation: "open the objects of \(path)", missing: .corrupt)
            git_repository_free(pointer)
            throw error
        }
        self.pointer = pointer
        self.objects = objects
        self.path = path
    }

    deinit {
        git_odb_free(objects)
        git_repository_free(pointer)
    }

    /// Makes an empty bare repository at `path`, which must not exist.
    public static func create(bareAt path: String) throws(GitError) {
        LibGit2.initialise()
        var options = git_repository_init_options()
        try check("create the repository \(path)") {
            git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION))
        }
        options.flags =
            GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_NO_REINIT.rawValue | GIT_REPOSITORY_INIT_MKPATH.rawValue
        let repository = try make("create the repository \(path)") { git_repository_init_ext(&$0, path, &options) }
        git_repository_free(repository)
    }
}

extension Repository {
    /// The commit that a branch points at; nil if there is no such branch.
    public borrowing func branch(_ name: String) throws(GitError) -> ObjectID? {
        try commit(ofReference: "refs/heads/\(name)")
    }

    /// The commit that a reference leads to, through symbolic references and tags; nil if it or its target does not exist.
    public borrowing func commit(ofReference name: String) throws(GitError) -> ObjectID? {
        let pointer = pointer
        var reference: OpaquePointer?
        let status = git_reference_lookup(&reference, pointer, name)
        // Not a name that a reference can have: then there is none.
        if status == GIT_ENOTFOUND.rawValue || status == GIT_EINVALIDSPEC.rawValue { return nil }
        try check("read \(name) of \(path)") { status }
        defer { git_reference_free(reference) }
        var commit: OpaquePointer?
        let peeled = git_reference_peel(&commit, reference, GIT_OBJECT_COMMIT)
        if peeled == GIT_ENOTFOUND.rawValue, try headTarget() == nil || name != "HEAD" {
            throw GitError(status: peeled, operation: "read the commit of \(name) in \(path)", missing: .corrupt)
        }
        if peeled == GIT_ENOTFOUND.rawValue { return nil }
        try check("read the commit of \(name) in \(path)") { peeled }
        defer { git_object_free(commit) }
        return git_object_id(commit).map { ObjectID($0.pointee) }
    }

    /// The reference that HEAD stands for, `refs/heads/main`, whether that exists or not; nil if HEAD names a commit.
    public borrowing func headTarget() throws(GitError) -> String? {
        let pointer = pointer
        let head = try make("read HEAD of \(path)") { git_reference_lookup(&$0, pointer, "HEAD") }
        defer { git_reference_free(head) }
        return git_reference_symbolic_target(head).map { String(cString: $0) }
    }

    /// The names of all references under `prefix`, sorted.
    public borrowing func references(under prefix: String) throws(GitError) -> [String] {
        let pointer = pointer
        let iterator = try make("list the references of \(path)") {
            git_reference_iterator_glob_new(&$0, pointer, prefix + "*")
        }
        defer { git_reference_iterator_free(iterator) }
        var names: [String] = []
        while true {
            var name: UnsafePointer<CChar>?
            let status = git_reference_next_name(&name, iterator)
            if status == GIT_ITEROVER.rawValue { return names.sorted() }
            try check("list the references of \(path)") { status }
            if let name { names.append(String(cString: name)) }
        }
    }

    /// Points a reference at `id`, whatever it pointed at before.
    public borrowing func setReference(_ name: String, to id: ObjectID) throws(GitError) {
        let pointer = pointer
        var raw = id.raw
        let reference = try make("set \(name) in \(path)", missing: .corrupt) {
            git_reference_create(&$0, pointer, name, &raw, 1, nil)
        }
        git_reference_free(reference)
    }

    /// Removes a reference; one that does not exist is fine.
    public borrowing func removeReference(_ name: String) throws(GitError) {
        try check("remove \(name) from \(path)") {
            let status = git_reference_remove(pointer, name)
            return status == GIT_ENOTFOUND.rawValue ? 0 : status
        }
    }

    /// Makes HEAD stand for a reference, which need not exist.
    public borrowing func setHead(to name: String) throws(GitError) {
        try check("set HEAD in \(path)") { git_repository_set_head(pointer, name) }
    }
}
