import Basics
import Glibc
import Processes

/// The programs that run scripts, found once: looking on PATH at each run would cost time, and could find something else.
struct Interpreters: Sendable {
    private let programs: ExecutableSearch
    /// The absolute path of bash; nil if there is none on PATH.
    let bash: String?
    private let foundPython: Task<String?, Never>

    /// - Parameter searchPath: the value of `PATH`; entries that are not absolute do not count.
    init(searchPath: String) {
        programs = ExecutableSearch(path: searchPath)
        bash = programs.find("bash")
        let found = programs.find("python3")
        // Only the program itself can say it, which takes a while: asked now, awaited by the first `.py`.
        foundPython = Task { await found.asyncMap { await Self.behindShim($0, searchPath: searchPath) } }
    }

    /// The absolute path of python3; nil if there is none on PATH.
    var python: String? { get async { await foundPython.value } }

    /// The absolute path of a program; nil if there is none on PATH.
    func find(_ name: String) -> String? { programs.find(name) }

    /// A version manager puts a script in python's place, which takes fifty times as long to start: python says where it really
    /// is.
    private static func behindShim(_ path: String, searchPath: String) async -> String {
        guard let start = try? Files.readBeginning(of: path, count: 256), InterpreterLine(start) != nil else { return path }
        let command = Command(path, ["-c", "import sys; print(sys.executable)"], environment: ["PATH": searchPath])
        guard let output = try? await command.collect(until: .after(.seconds(10))), output.exit.isSuccess else { return path }
        let real = output.standardOutput.text[...].trimmed
        return real.hasPrefix("/") && access(real, X_OK) == 0 ? real : path
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<T>(_ transform: (Wrapped) async -> T) async -> T? {
        if let self { await transform(self) } else { nil }
    }
}
