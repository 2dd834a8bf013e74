import Basics
import Git
import Processes

/// Checks a signature by an OpenPGP key with gpgv, which trusts the keys of its keyring and no others.
struct OpenPGPSignatureCheck: Sendable {
    /// The file of those who may sign; an absolute path.
    let keyring: String
    /// The same in binary.
    let binaryKeyring: String
    /// Holds the files `signature` and `signed`.
    let directory: String

    /// - Returns: why the signature is not accepted; nil if it is.
    func refusal() async throws -> String? {
        let arguments = ["--homedir", directory, "--keyring", binaryKeyring, "--status-fd", "1"]
        let files = ["\(directory)/signature", "\(directory)/signed"]
        return Self.refusal(
            try await SignatureProgram.gpgv.run(arguments + ["--"] + files, directory: directory),
            keyring: keyring
        )
    }

    /// A line that gpgv writes for programs.
    private struct Status {
        let keyword: Substring
        let words: [Substring]

        init?(_ line: Substring) {
            guard line.hasPrefix("[GNUPG:] ") else { return nil }
            let words = line.dropFirst(9).split(separator: " ")
            guard let keyword = words.first else { return nil }
            self.keyword = keyword
            self.words = Array(words.dropFirst())
        }

        /// `5B27886DCAD85789 Good <good@example.org>` as `Good <good@example.org> (key 5B27886DCAD85789)`.
        var signer: String {
            let name = words.dropFirst().joined(separator: " ")
            let key = "key \(words.first ?? "unknown")"
            return (name.isEmpty ? key : "\(name) (\(key))").printable
        }
    }

    /// Reads what gpgv said. Its exit status says little: it is 0 for keys that were revoked or have expired.
    static func refusal(_ report: SignatureProgram.Report, keyring: String) -> String? {
        let statuses = report.outputLines.compactMap(Status.init)
        func all(_ keyword: String) -> [Status] { statuses.filter { $0.keyword == keyword } }
        guard all("NEWSIG").count <= 1 else { return "it has more than one signature; sign the commit anew" }
        if let status = all("REVKEYSIG").first {
            return "it is signed by \(status.signer), and that key was revoked; have the commit signed with a key that is valid"
        }
        if let status = all("EXPKEYSIG").first {
            return "it is signed by \(status.signer), and that key has expired; put the renewed key into \(keyring)"
        }
        if let status = all("EXPSIG").first {
            return "it is signed by \(status.signer), and that signature has expired; sign the commit anew"
        }
        if let status = all("BADSIG").first {
            return "its signature by \(status.signer) is not one of this commit; sign the commit anew"
        }
        if let status = all("NO_PUBKEY").first {
            return "it is signed by \(status.signer), which is not in \(keyring); "
                + "add the key there, or have the commit signed by somebody who is in it"
        }
        if let good = all("GOODSIG").first, let valid = all("VALIDSIG").first, report.isSuccess, all("ERRSIG").isEmpty {
            // The ninth word is the class: of a document, binary or text. Others say something about keys.
            if valid.words.count >= 9, ["00", "01"].contains(valid.words[8]) { return nil }
            return "its signature by \(good.signer) is not one of a document; sign the commit anew"
        }
        let reason = report.errorLines.last ?? "gpgv does not say why"
        return "its OpenPGP signature cannot be checked (\(reason.printable)); sign the commit anew with a key in \(keyring)"
    }
}
