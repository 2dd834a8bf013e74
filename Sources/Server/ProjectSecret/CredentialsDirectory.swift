import Basics
import Model

/// Keptn's own secrets, mounted (`GIT_CREDENTIALS_DIRECTORY`): one for each project, as a file `git-credentials-<project>`, or as
/// a folder of that name with the file `git-credentials` in it, as Kubernetes mounts a secret.
struct CredentialsDirectory: Sendable, Hashable {
    let path: String

    /// More than any secret of Kubernetes.
    private static let limit = 2 << 20

    /// What people know a project's secret by.
    static func name(of project: PlainName) -> String { "git-credentials-\(project)" }

    /// The names of the projects that have a secret. Blocks.
    var projects: [String] {
        let prefix = "git-credentials-"
        return ((try? Files.list(path)) ?? []).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    /// Reads a project's secret as it is now. Blocks.
    ///
    /// - Returns: nil if there is none.
    /// - Throws: `FileError`, or ``ProjectSecretError``.
    func secret(of project: PlainName) throws -> ProjectSecret? {
        let entry = "\(path)/\(Self.name(of: project))"
        guard Files.exists(entry) else { return nil }
        let file = Files.isDirectory(entry) ? entry + "/git-credentials" : entry
        return try ProjectSecret(parsing: try Files.read(file, limit: Self.limit))
    }
}
