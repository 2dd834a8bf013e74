import Basics
import CLibGit2

/// A partial clone lacks files that were not needed (gitpartial-clone): Git takes that for damage unless a remote promises them,
/// and each pack with such gaps is marked.
extension Repository {
    private static let promise = "remote.origin.promisor"

    /// Whether files may be missing.
    public borrowing func isPartial() throws(GitError) -> Bool {
        let configuration = try configuration()
        defer { git_config_free(configuration) }
        var value: CInt = 0
        return git_config_get_bool(&value, configuration, Self.promise) == 0 && value != 0
    }

    /// From now on files may be missing. The configuration names no address: nobody fetches them behind our back.
    public borrowing func becomePartial() throws(GitError) {
        let configuration = try configuration()
        defer { git_config_free(configuration) }
        try check("write the configuration of \(path)") { git_config_set_bool(configuration, Self.promise, 1) }
        try check("write the configuration of \(path)") {
            git_config_set_string(configuration, "remote.origin.partialclonefilter", "blob:none")
        }
        try markPacks()
    }

    /// Marks the packs that came since the last call.
    public borrowing func markPacks() throws(GitError) {
        let directory = "\(path)/objects/pack"
        do {
            let names = try Files.list(directory)
            let marked = Set(names.filter { $0.hasSuffix(".promisor") })
            for name in names where name.hasSuffix(".pack") {
                let mark = name.dropLast("pack".count) + "promisor"
                if !marked.contains(String(mark)) { try Files.write([], to: "\(directory)/\(mark)", mode: 0o444) }
            }
        } catch {
            throw GitError(.disk, "mark the packs of \(path)", "\(error)")
        }
    }

    private borrowing func configuration() throws(GitError) -> OpaquePointer {
        let pointer = pointer
        return try make("read the configuration of \(path)") { git_repository_config(&$0, pointer) }
    }

    /// Whether an object is stored, without a look at the disk for packs that came meanwhile: for many that may be missing.
    public borrowing func holds(_ id: ObjectID) -> Bool {
        var raw = id.raw
        return git_odb_exists_ext(objects, &raw, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) == 1
    }
}
