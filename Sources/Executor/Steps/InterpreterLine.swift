import Basics

/// The first line of a script, `#!/usr/bin/perl -w`, as far as it says who runs the file.
struct InterpreterLine: Sendable, Hashable {
    /// A path, or a name to be found on PATH.
    var program: String
    var arguments: [String]

    /// The name without directories.
    var name: String { program.split(separator: "/").last.map(String.init) ?? program }

    /// - Parameter script: the beginning of the file; a carriage return at the end of the line does not count.
    init?(_ script: some Sequence<UInt8>) {
        let line = script.prefix(256).prefix { $0 != UInt8(ascii: "\n") }
        guard line.starts(with: "#!".utf8) else { return nil }
        let text = String(decoding: Array(line.dropFirst(2)), as: UTF8.self)[...].trimmed
        let parts = text.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
        guard let first = parts.first else { return nil }
        let rest = parts.dropFirst().first.map(\.trimmed) ?? ""
        program = String(first)
        // The kernel passes all the rest as one argument.
        arguments = rest.isEmpty ? [] : [rest]
        if name == "env" {
            var words = rest.split { $0 == " " || $0 == "\t" }.map(String.init)
            if words.first == "-S" { words.removeFirst() }
            guard !words.isEmpty else { return nil }
            program = words.removeFirst()
            arguments = words
        }
    }

    /// Whether this asks for nothing but what runs such a file anyway: bash for `.sh`, python3 for `.py`.
    func isUsual(for kind: InterpreterKind) -> Bool {
        switch (kind, name) {
        case (_, "sh"), (_, "bash"): true
        case (.python, let name): Self.isPython(name)
        case (.bash, _): false
        }
    }

    /// `python`, `python3`, `python3.11`: what a python3 can run.
    static func isPython(_ name: String) -> Bool { name == "python" || name == "python3" || name.hasPrefix("python3.") }
}

/// Who runs a script that does not ask for somebody else.
enum InterpreterKind: String, Sendable, Hashable {
    case bash
    case python = "python3"
}
