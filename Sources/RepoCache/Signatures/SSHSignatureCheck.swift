import Basics
import Git
import Glibc
import Processes

/// Checks a signature by an ssh key, with the commands that Git itself calls.
struct SSHSignatureCheck: Sendable {
    /// The file of those who may sign; an absolute path.
    let allowedSigners: String
    /// Holds the files `signature` and `signed`.
    let directory: String
    /// When the commit was made, in seconds since 1970.
    let committed: Int?

    /// - Returns: why the signature is not accepted; nil if it is.
    func refusal() async throws -> String? {
        let program = SignatureProgram.sshKeygen
        let common = ["-s", "\(directory)/signature"] + Self.time(committed)
        let list = ["-f", allowedSigners]
        let signers = try await program.run(["-Y", "find-principals"] + list + common, directory: directory)
        var reports = [signers]
        for principal in signers.isSuccess ? signers.outputLines : [] {
            let arguments = ["-Y", "verify", "-n", "git", "-I", String(principal)] + list + common
            let report = try await program.run(arguments, input: .file("\(directory)/signed"), directory: directory)
            if Self.accepts(report) { return nil }
            reports.append(report)
        }
        // Whose it is and whether it fits, whoever may sign.
        let arguments = ["-Y", "check-novalidate", "-n", "git", "-s", "\(directory)/signature"]
        let check = try await program.run(arguments, input: .file("\(directory)/signed"), directory: directory)
        return Self.refusal(reports, check: check, list: allowedSigners)
    }

    static func accepts(_ report: SignatureProgram.Report) -> Bool {
        report.isSuccess && report.output.hasPrefix("Good \"git\" ")
    }

    /// Keys are valid for a time: what counts is when the commit was made.
    static func time(_ seconds: Int?) -> [String] {
        // To the end of the year 9999; what is beyond is checked as if it were signed now.
        guard var time = seconds, (0..<253_402_300_800).contains(time) else { return [] }
        var parts = tm()
        gmtime_r(&time, &parts)
        let numbers = [parts.tm_year + 1_900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec]
        let digits = numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
        return ["-Overify-time=\(digits)Z"]
    }

    /// - Parameters:
    ///   - reports: of the search for a signer, and of the checks for each that was found.
    ///   - check: of the check that asks for no signer.
    static func refusal(_ reports: [SignatureProgram.Report], check: SignatureProgram.Report, list: String) -> String {
        guard accepts(check) else {
            let reason = check.errorLines.first ?? check.outputLines.first ?? "ssh-keygen does not say why"
            return "its ssh signature is not one of this commit (\(reason.printable)); sign the commit anew"
        }
        let key = check.outputLines[0].split(separator: " with ", maxSplits: 1).last ?? "a key"
        // Only these are about this key; ssh-keygen also complains of lines that do not concern it, empty ones among them.
        let problems = reports.flatMap(\.errorLines).filter { (line: Substring) in line.contains(": key ") }
        let reason = problems.first.map { " (\(withoutPath($0, list).printable))" } ?? ""
        return "it is signed with \(key.printable), which is not allowed by \(list)\(reason); "
            + "add the key there, or have the commit signed by somebody who is in it"
    }

    /// `FILE:1: key has expired` -> `line 1: key has expired`.
    private static func withoutPath(_ line: Substring, _ list: String) -> String {
        line.hasPrefix(list + ":") ? "line " + line.dropFirst(list.count + 1) : String(line)
    }
}
