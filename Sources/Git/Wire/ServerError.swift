extension GitError {
    /// What a server said in place of an answer: an `ERR` packet or side-band 3.
    static func said(byServer text: String) -> GitError {
        let printable = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        let text = String(String(printable).split(separator: " ").joined(separator: " ").prefix(500))
        let lower = text.lowercased()
        let failureClass: FailureClass =
            // A stock git daemon calls everything it does not serve "access denied or repository not exported".
            if lower.contains("not exported") || lower.contains("no such repository") || lower.contains("not our ref")
                || lower.contains("not found") || lower.contains("does not exist")
            {
                .notFound
            } else if lower.contains("denied") || lower.contains("authent") || lower.contains("unauthorized") {
                .auth
            } else {
                .server
            }
        return GitError(failureClass, "ask the server", "the server says '\(text)'")
    }
}

extension Packet {
    /// Throws if the packet is the server's way to refuse.
    func refusal() throws(GitError) {
        if let text, text.hasPrefix("ERR ") { throw GitError.said(byServer: String(text.dropFirst(4))) }
    }
}
