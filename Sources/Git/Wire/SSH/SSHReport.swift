import Processes

/// What `ssh -v` wrote: who the server proved to be, and why it did not work. A pure reading of its text.
struct SSHReport: Sendable, Hashable {
    private let lines: [Substring]

    init(_ text: String) { lines = text.split(whereSeparator: \.isNewline) }

    /// "ssh-ed25519 SHA256:...": the type and the fingerprint of the server's key; nil if it showed none.
    var hostKey: String? {
        let mark = "Server host key: "
        return lines.last { $0.contains(mark) }.flatMap { line in
            line.firstRange(of: mark).map { String(line[$0.upperBound...].prefix(200)) }
        }
    }

    /// What ssh or the server's Git said to people.
    private var messages: [Substring] {
        lines.filter { line in
            !line.hasPrefix("debug") && !line.hasPrefix("OpenSSH_") && !line.hasPrefix("Authenticated to")
                && !line.hasPrefix("Transferred:") && !line.hasPrefix("Bytes per second") && !line.hasPrefix("@")
        }
    }

    private func says(_ texts: String...) -> Bool {
        messages.contains { line in texts.contains { line.localizedLowercase.contains($0) } }
    }

    /// The failure that the text tells of; nil if it tells of none.
    func failure(reaching address: SSHAddress) -> GitError? {
        let operation = "reach \(address)"
        func failure(_ failureClass: GitError.FailureClass, _ message: String) -> GitError {
            GitError(failureClass, operation, message)
        }
        let key = hostKey.map { "\(address.host) (\($0))" } ?? address.host
        if says("identification has changed", "host key for") {
            return failure(
                .hostKey,
                "the host key of \(key) is not the one that is known; if it was exchanged on purpose, change GIT_SSH_KNOWN_HOSTS_FILE"
            )
        }
        if says("host key verification failed", "strict checking") {
            return failure(
                .hostKey,
                "the host key of \(key) is not known; check it and add it to GIT_SSH_KNOWN_HOSTS_FILE, ssh-keyscan prints the line"
            )
        }
        if says("could not resolve hostname") { return failure(.dns, "the host has no address") }
        if says("incorrect passphrase") {
            return failure(.auth, "the key's passphrase is wrong; check GIT_SSH_KEY_PASSPHRASE")
        }
        if says("unable to negotiate", "no matching") { return failure(.tls, "no common method: \(lastMessage)") }
        if says("permission denied", "too many authentication failures") {
            return failure(
                .auth,
                "the server takes no key of ours; check GIT_SSH_KEY_FILE and that the server knows its public key\(keyProblem)"
            )
        }
        if says(
            "does not appear to be a git repository",
            "repository not found",
            "not found",
            "could not be found",
            "does not exist",
            "no such"
        ) {
            return failure(.notFound, "the server has no such repository, or the key may not see it: \(lastMessage)")
        }
        if says("connection refused", "timed out", "timeout", "no route", "unreachable", "reset by", "closed by", "kex_exchange")
        {
            return failure(.connect, lastMessage)
        }
        return messages.isEmpty ? nil : failure(.server, "ssh says '\(lastMessage)'")
    }

    private var keyProblem: String {
        let problem = messages.last { $0.hasPrefix("Load key") || $0.contains("no such identity") }
        return problem.map { " (\($0.prefix(300)))" } ?? ""
    }

    /// The last line that says something, printable and short.
    private var lastMessage: String {
        let line = messages.last { !$0.hasPrefix("Please make sure") && !$0.hasPrefix("and the repository exists") } ?? ""
        let printable = line.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        return String(String(printable).prefix(300))
    }
}

extension Substring {
    fileprivate var localizedLowercase: String { lowercased() }
}
