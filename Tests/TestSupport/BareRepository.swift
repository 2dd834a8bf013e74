import Basics
import Glibc
import Processes
import Synchronization

/// A bare repository of its own, written by the real `git`, which sees no configuration of the machine. The same calls make the
/// same commits on each run.
public final class BareRepository: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }
    }

    /// What a commit puts at a path.
    public enum Change: Sendable, ExpressibleByStringLiteral {
        case file([UInt8])
        case executable([UInt8])
        case link(String)
        /// A commit of another repository.
        case submodule
        case removed

        public init(stringLiteral text: String) { self = .file(Array(text.utf8)) }
    }

    public let path: String
    private let clock = Atomic<Int>(1_600_000_000)

    /// - Parameter path: must not exist.
    public init(at path: String, defaultBranch: String = "main") async throws {
        self.path = path
        try await Self.git("init", "--quiet", "--bare", "--initial-branch=\(defaultBranch)", path)
    }

    /// Adds a commit to a branch, which begins with it if there is none.
    ///
    /// - Parameter parent: instead of the branch's tip; an empty string makes a commit without parents.
    /// - Returns: its id.
    @discardableResult
    public func commit(
        _ files: [String: Change] = [:],
        on branch: String = "main",
        parent: String? = nil,
        message: String = "change"
    ) async throws -> String {
        let number = clock.add(1, ordering: .relaxed).newValue
        var stream = Array("commit refs/fixture\nmark :1\ncommitter Fixture <fixture@example.org> \(number) +0000\n".utf8)
        stream += Self.data(Array(message.utf8))
        let tip = try? await git("rev-parse", "--verify", "--quiet", "refs/heads/\(branch)^{commit}")
        if let start = parent ?? tip, !start.isEmpty { stream += Array("from \(start)\n".utf8) }
        for (name, change) in files.sorted(by: { $0.key < $1.key }) { stream += Self.line(name, change) }
        let scratch = try TemporaryDirectory()
        let (input, marks) = ("\(scratch.path)/stream", "\(scratch.path)/marks")
        try Files.write(stream + Array("\n".utf8), to: input)
        try await Self.run(
            "/bin/sh",
            "-c",
            "exec git -C \"$1\" fast-import --quiet --force --export-marks=\"$2\" < \"$3\"",
            "sh",
            path,
            marks,
            input
        )
        let id = String(String(decoding: try Files.read(marks), as: UTF8.self).dropFirst(3).prefix(40))
        try await git("update-ref", "-d", "refs/fixture")
        try await git("update-ref", "refs/heads/\(branch)", id)
        return id
    }

    /// Points a branch at a commit, as a push with force does.
    public func reset(_ branch: String, to commit: String) async throws {
        try await git("update-ref", "refs/heads/\(branch)", commit)
    }

    public func delete(_ branch: String) async throws { try await git("update-ref", "-d", "refs/heads/\(branch)") }

    public func setHead(to branch: String) async throws { try await git("symbolic-ref", "HEAD", "refs/heads/\(branch)") }

    /// Removes what no reference reaches.
    public func prune() async throws {
        try await git("reflog", "expire", "--expire=now", "--all")
        try await git("gc", "--quiet", "--prune=now")
    }

    @discardableResult
    public func git(_ arguments: String...) async throws -> String {
        try await Self.run("/usr/bin/git", ["-C", path] + arguments)
    }

    /// What `git fsck` finds wrong with the repository at `path`; empty if nothing.
    public static func damage(of path: String) async -> String {
        do {
            return try await run("/usr/bin/git", ["-C", path, "fsck", "--full", "--strict", "--no-dangling", "--no-progress"])
        } catch {
            return "\(error)"
        }
    }
}

extension BareRepository {
    @discardableResult
    public static func git(_ arguments: String...) async throws -> String { try await run("/usr/bin/git", arguments) }

    @discardableResult
    private static func run(_ program: String, _ arguments: String...) async throws -> String {
        try await run(program, arguments)
    }

    /// No configuration of the machine.
    static let environment = [
        "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
    ]

    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let result = try await Command(program, arguments, environment: environment).collect(until: .after(.seconds(30)))
        let (output, errors) = (result.standardOutput, result.standardError)
        guard result.exit.isSuccess else {
            throw Failure(description: "\(program) \(arguments) failed: \(output.text) \(errors.text)")
        }
        return String((output.text + errors.text).split(separator: "\n").joined(separator: "\n"))
    }

    /// A line of a fast-import stream that changes one path.
    static func line(_ path: String, _ change: Change) -> [UInt8] {
        let name = "\"\(path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"\n"
        return switch change {
        case .file(let bytes): Array("M 100644 inline \(name)".utf8) + data(bytes)
        case .executable(let bytes): Array("M 100755 inline \(name)".utf8) + data(bytes)
        case .link(let target): Array("M 120000 inline \(name)".utf8) + data(Array(target.utf8))
        case .submodule: Array("M 160000 \(String(repeating: "1", count: 40)) \(name)".utf8)
        case .removed: Array("D \(name)".utf8)
        }
    }

    static func data(_ bytes: [UInt8]) -> [UInt8] { Array("data \(bytes.count)\n".utf8) + bytes + Array("\n".utf8) }
}
