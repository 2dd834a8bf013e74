import Basics
import Git
import Glibc
import Processes

/// A program that checks signatures.
struct SignatureProgram: Sendable, Hashable {
    static let sshKeygen = SignatureProgram("ssh-keygen", package: "openssh-client")
    static let gpgv = SignatureProgram("gpgv", package: "gpgv")

    /// Reading a few kilobytes; enough for a machine that is busy.
    static let limit = Duration.seconds(20)

    let name: String
    /// The absolute path; nil if it is not there.
    let path: String?
    /// What Debian calls the package that brings it.
    let package: String

    /// Looks for it now, and never again.
    init(_ name: String, package: String, in directories: [String] = ["/usr/bin", "/usr/local/bin", "/bin"]) {
        self.name = name
        self.package = package
        path = directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// What it did.
    struct Report: Sendable, Hashable {
        var isSuccess: Bool
        var output: String
        var errors: String
    }

    /// Runs it in a directory of ours, with nothing of the service's environment but the time zone.
    ///
    /// - Throws: ``Git/GitError`` of class `signature` if it is not there, does not start or does not end.
    func run(_ arguments: [String], input: Command.Input = .none, directory: String) async throws -> Report {
        guard let path else {
            throw GitError(.signature, "check a signature", "there is no \(name); install the package \(package)")
        }
        var environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": directory]
        environment["TZ"] = getenv("TZ").map { String(cString: $0) }
        let command = Command(path, arguments, environment: environment, directory: directory, input: input)
        let result: CollectedOutput
        do {
            result = try await command.collect(until: .after(Self.limit), grace: .seconds(1), limit: 1 << 16)
        } catch let error as StartError {
            throw GitError(.signature, "check a signature", error.description)
        }
        try Task.checkCancellation()
        guard result.exit.stopCause == nil else {
            throw GitError(.signature, "check a signature", "\(name) did not end within \(Self.limit.components.seconds) s")
        }
        // What was cut could be read as something else.
        guard let output = result.standardOutput.wholeBytes else {
            throw GitError(.signature, "check a signature", "\(name) said too much")
        }
        return Report(
            isSuccess: result.exit.isSuccess,
            output: String(decoding: output, as: UTF8.self),
            errors: result.standardError.text
        )
    }
}

extension SignatureProgram.Report {
    var outputLines: [Substring] { output.split(whereSeparator: \.isNewline) }
    var errorLines: [Substring] { errors.split(whereSeparator: \.isNewline) }
}
