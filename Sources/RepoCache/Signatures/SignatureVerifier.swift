import Basics
import Git

/// Sees to it that commits are signed by somebody who is trusted.
struct SignatureVerifier: Sendable {
    private let policy: SignaturePolicy
    private let scratch: String
    private let pool: ThreadPool
    private let known: VerifiedCommits

    /// - Parameters:
    ///   - scratch: a directory for temporary files; it is made if it does not exist, and nothing is left in it.
    ///   - known: remembers the commits that are good, for this and other verifiers.
    init(_ policy: SignaturePolicy, scratch: String, pool: ThreadPool, known: VerifiedCommits) {
        var policy = policy
        policy.allowedSignersFile = policy.allowedSignersFile.map(Self.absolute)
        policy.keyringFile = policy.keyringFile.map(Self.absolute)
        self.policy = policy
        self.scratch = scratch
        self.pool = pool
        self.known = known
    }

    /// The programs that read it run elsewhere.
    private static func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(Files.workingDirectory)/\(path)" }

    /// Checks commits, one after the other, as far as they are not known to be good: then no process is started.
    ///
    /// - Parameter repository: the path of the bare repository that holds them.
    /// - Returns: why a commit is not to be used, for those that are not signed by somebody who is trusted.
    /// - Throws: ``Git/GitError`` if a commit cannot be read; `CancellationError`.
    func refusals(of commits: some Sequence<ObjectID>, in repository: String) async throws -> [ObjectID: GitError] {
        let commits = Set(commits).sorted()
        guard let first = commits.first else { return [:] }
        // Before the files are read: if they change meanwhile, what is found counts for what they were.
        let basis: VerifiedCommits.Basis
        do {
            basis = try await run { try currentBasis(for: first) }
        } catch let error as GitError {
            return Dictionary(uniqueKeysWithValues: commits.map { ($0, Self.error($0, error.message)) })
        }
        var refusals: [ObjectID: GitError] = [:]
        for commit in commits where !known.contains(commit, by: basis) {
            if let reason = try await refusal(of: commit, in: repository) {
                refusals[commit] = Self.error(commit, reason)
            } else {
                known.insert(commit, by: basis)
            }
        }
        return refusals
    }

    /// - Throws: the refusal of the first of `commits` that is not to be used; else as ``refusals(of:in:)``.
    func verify(_ commits: some Sequence<ObjectID>, in repository: String) async throws {
        if let refusal = try await refusals(of: commits, in: repository).min(by: { $0.key < $1.key }) { throw refusal.value }
    }

    private static func error(_ commit: ObjectID, _ reason: String) -> GitError {
        GitError(.signature, "use commit \(commit.abbreviated)", reason)
    }

    private func currentBasis(for commit: ObjectID) throws(GitError) -> VerifiedCommits.Basis {
        guard policy.allowedSignersFile != nil || policy.keyringFile != nil else {
            throw Self.error(commit, "it must be signed, and nobody is named who may sign; name a file of signers or a keyring")
        }
        do throws(FileError) {
            return VerifiedCommits.Basis(
                policy: policy,
                allowedSigners: try policy.allowedSignersFile.map { (path) throws(FileError) in try FileStamp(ofReadable: path) },
                keyring: try policy.keyringFile.map { (path) throws(FileError) in try FileStamp(ofReadable: path) }
            )
        } catch {
            throw Self.error(commit, "who may sign is not known: \(error); correct the path, or let this service read the file")
        }
    }

    private func refusal(of commit: ObjectID, in repository: String) async throws -> String? {
        let signature = try await run { try Repository(openingBare: repository).signature(of: commit) }
        guard let signature else { return "it is not signed; sign it (git commit -S), or do not require signatures" }
        do {
            switch signature.kind {
            case .ssh:
                guard let list = policy.allowedSignersFile else {
                    return "it is signed with an ssh key, and only OpenPGP keys are allowed; name a file of allowed ssh signers"
                }
                return try await withFiles(of: signature) { directory in
                    try await SSHSignatureCheck(allowedSigners: list, directory: directory, committed: signature.committed)
                        .refusal()
                }
            case .openPGP:
                guard let keyring = policy.keyringFile else {
                    return
                        "it is signed with an OpenPGP key, and only ssh keys are allowed; name a keyring of allowed OpenPGP signers"
                }
                return try await withFiles(of: signature) { directory in
                    let binary = try await binaryKeyring(keyring, directory)
                    return try await OpenPGPSignatureCheck(keyring: keyring, binaryKeyring: binary, directory: directory)
                        .refusal()
                }
            case .x509: return "it has an X.509 signature, which is not supported; sign it with an ssh or OpenPGP key"
            case .several: return "it has more than one signature; sign the commit anew"
            case .unknown: return "its signature is of an unknown kind; sign it with an ssh or OpenPGP key"
            }
        } catch let error as GitError {
            return error.message
        } catch let error as FileError {
            return "its signature cannot be checked: \(error)"
        }
    }

    /// - Returns: the path of a keyring that gpgv can read.
    private func binaryKeyring(_ keyring: String, _ directory: String) async throws -> String {
        try await run {
            let bytes = try Files.read(keyring, limit: OpenPGPKeyring.maximumSize)
            guard let binary = OpenPGPKeyring.binary(bytes) else {
                throw GitError(.signature, "read \(keyring)", "\(keyring) holds no OpenPGP keys; write it with gpg --export")
            }
            guard binary != bytes else { return keyring }
            try Files.write(binary, to: "\(directory)/keyring")
            return "\(directory)/keyring"
        }
    }

    /// Puts a signature and what was signed into files `signature` and `signed` of a directory that is there for `body` alone.
    private func withFiles<T: Sendable>(of signature: CommitSignature, _ body: (String) async throws -> T) async throws -> T {
        // In a task of its own, and so is the end: a caller who was cancelled leaves nothing behind either.
        let directory = try await Task {
            try await run {
                try Files.createDirectory(scratch)
                let directory = try Files.createUniqueDirectory("\(scratch)/signature-")
                do {
                    try Files.write(signature.text, to: "\(directory)/signature")
                    try Files.write(signature.signedBytes, to: "\(directory)/signed")
                } catch {
                    Files.removeTree(directory)
                    throw error
                }
                return directory
            }
        }.value
        let result: Result<T, any Error>
        do { result = .success(try await body(directory)) } catch { result = .failure(error) }
        try? await Task { try await run { Files.removeTree(directory) } }.value
        return try result.get()
    }

    private func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await pool.run(until: .after(RefreshLimits.disk), body)
    }
}
