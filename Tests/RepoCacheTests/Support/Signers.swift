import Basics
import Glibc
import Processes
import TestSupport

/// Keys of a few people, and the real `git` that signs commits with them.
///
/// Everything is in a directory of its own. Its path is short: gpg-agent listens on a socket below it.
final class Signers: Sendable {
    let path: String
    /// The bare repository that is written to.
    let repository: String

    init(repository: String) throws {
        path = try Files.createUniqueDirectory("/tmp/gs-")
        self.repository = repository
        try Files.createDirectory("\(path)/gnupg")
    }

    /// The agent ends with its directory, but later.
    deinit {
        var child = pid_t()
        let words: [String] = ["gpgconf", "--homedir", "\(path)/gnupg", "--kill", "all"]
        let arguments = words.map { strdup($0) }
        if posix_spawn(&child, "/usr/bin/gpgconf", nil, nil, arguments + [nil], nil) == 0 {
            while waitpid(child, nil, 0) < 0, errno == EINTR {}
        }
        for argument in arguments { free(argument) }
        Files.removeTree(path)
    }

    private static let date = "1700000000 +0000"

    @discardableResult
    func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let always = [
            "PATH": "/usr/bin:/bin", "HOME": path, "GNUPGHOME": "\(path)/gnupg", "LC_ALL": "C", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "C",
            "GIT_COMMITTER_EMAIL": "c@example.org", "GIT_AUTHOR_DATE": Self.date, "GIT_COMMITTER_DATE": Self.date,
        ]
        let command = Command(program, arguments, environment: always.merging(environment) { $1 }, directory: path)
        let result = try await command.collect(until: .after(.seconds(60)))
        guard result.exit.isSuccess else {
            throw BareRepository.Failure(description: "\(program) \(arguments) failed: \(result.standardError.text)")
        }
        return result.standardOutput.text.split(separator: "\n").joined(separator: "\n")
    }

    // MARK: Keys

    /// Makes an ssh key.
    ///
    /// - Returns: its public half, as a file of allowed signers names it.
    func makeSSHKey(_ name: String) async throws -> String {
        try await run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", "\(path)/\(name)"])
        let words = String(decoding: try Files.read("\(path)/\(name).pub"), as: UTF8.self).split(separator: " ")
        return "\(words[0]) \(words[1])"
    }

    @discardableResult
    func gpg(_ arguments: String...) async throws -> String {
        try await run(
            "/usr/bin/gpg",
            ["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""] + arguments
        )
    }

    /// Makes an OpenPGP key for `<name>@example.org`.
    func makeGPGKey(_ name: String) async throws {
        try await gpg("--quick-gen-key", "\(name) <\(name)@example.org>", "ed25519", "sign", "never")
    }

    /// Makes a key that expired long ago.
    ///
    /// - Returns: a program that signs with it as long as it was valid.
    func makeExpiredGPGKey(_ name: String) async throws -> String {
        let clock = ["--faked-system-time", "20200101T000000"]
        try await gpg(clock[0], clock[1], "--quick-gen-key", "\(name) <\(name)@example.org>", "ed25519", "sign", "1d")
        let program = "\(path)/gpg-\(name)"
        try Files.write("#!/bin/sh\nexec gpg --faked-system-time 20200101T000100 \"$@\"\n".utf8, to: program, mode: 0o700)
        return program
    }

    /// Revokes a key by the certificate that gpg made with it.
    func revoke(_ name: String) async throws {
        let list = try await gpg("--with-colons", "--list-keys", "\(name)@example.org")
        let line = list.split(separator: "\n").first { $0.hasPrefix("fpr:") } ?? ""
        let fingerprint = line.split(separator: ":").last ?? ""
        let text = String(decoding: try Files.read("\(path)/gnupg/openpgp-revocs.d/\(fingerprint).rev"), as: UTF8.self)
        // A colon keeps it from being imported by mistake.
        try Files.write(text.replacing(":-----BEGIN", with: "-----BEGIN").utf8, to: "\(path)/revocation")
        try await gpg("--import", "\(path)/revocation")
    }

    /// Writes a keyring with the keys of all who are named.
    @discardableResult
    func export(_ names: [String], armored: Bool = false) async throws -> String {
        let file = "\(path)/keyring"
        unlink(file)
        let options = armored ? ["--armor"] : []
        try await run(
            "/usr/bin/gpg",
            ["--batch", "--quiet"] + options + ["--output", file, "--export"] + names.map { "\($0)@example.org" }
        )
        return file
    }

    /// Writes the file of allowed signers.
    @discardableResult
    func allow(_ lines: String...) throws -> String {
        let file = "\(path)/allowed"
        try Files.write(lines.map { $0 + "\n" }.joined().utf8, to: file)
        return file
    }

    // MARK: Commits

    enum Signature: Sendable {
        case none
        case ssh(String)
        /// - Parameter program: in place of gpg.
        case gpg(String, program: String = "gpg")
    }

    /// Commits to main, as somebody with a working copy does.
    ///
    /// - Parameter date: of author and committer, in seconds since 1970.
    /// - Returns: the commit.
    func commit(_ text: String, by signature: Signature, parents: [String] = [], date: Int = 1_700_000_000) async throws -> String
    {
        let date = "\(date) +0000"
        func git(_ arguments: [String]) async throws -> String {
            try await run(
                "/usr/bin/git",
                ["-C", repository] + arguments,
                environment: ["GIT_INDEX_FILE": "\(path)/index", "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date]
            )
        }
        try Files.write(text.utf8, to: "\(path)/script")
        let blob = try await git(["hash-object", "-w", "\(path)/script"])
        _ = try await git(["update-index", "--add", "--cacheinfo", "100644,\(blob),genericexecutor/a.sh"])
        let tree = try await git(["write-tree"])
        let options: [[String]] =
            switch signature {
            case .none: [[], []]
            case .ssh(let key): [["-c", "gpg.format=ssh", "-c", "user.signingkey=\(path)/\(key)"], ["-S"]]
            case .gpg(let name, let program):
                [["-c", "gpg.program=\(program)", "-c", "user.signingkey=\(name)@example.org"], ["-S"]]
            }
        let arguments = options[0] + ["commit-tree"] + options[1] + parents.flatMap { ["-p", $0] } + ["-m", text, tree]
        let commit = try await git(arguments)
        _ = try await git(["update-ref", "refs/heads/main", commit])
        return commit
    }

    /// Stores a commit whose bytes are those of another one, changed.
    func forge(_ commit: String, _ change: (String) -> String) async throws -> String {
        let file = "\(path)/forged"
        try await run("/bin/sh", ["-c", "git -C \"$1\" cat-file commit \"$2\" > \"$3\"", "sh", repository, commit, file])
        let text = String(decoding: try Files.read(file), as: UTF8.self)
        try Files.write(change(text).utf8, to: file)
        return try await run("/usr/bin/git", ["-C", repository, "hash-object", "-t", "commit", "-w", "--literally", file])
    }
}
