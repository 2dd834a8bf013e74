import Basics
import CloudEvents
import Glibc
import Model
import TestSupport
import Testing

@testable import Executor

/// What surrounds a script: its directory, its event, its interpreter.
@Suite(.timeLimit(.minutes(3)))
struct ScriptStepTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    @Test("The working directory is private, empty but for the event, and gone afterwards with read-only things in it")
    func workingDirectory() async throws {
        let script = """
            pwd; stat -c %a .; ls; wc -c < /dev/stdin
            [ "$HOME" = "$PWD" ] && [ "$TMPDIR" = "$PWD" ] && echo homes
            mkdir -p a/b; echo x > a/b/c; chmod 400 a/b/c; chmod 500 a/b a
            """
        let outcome = try await workshop.runShell(script)
        let lines = outcome.message.split(separator: "\n").map(String.init)
        try #require(lines.count == 5)
        #expect(lines[0].contains("/runs/run-1-"))
        #expect(lines.dropFirst() == ["700", "event-1.event.json", "0", "homes"])
        #expect(try workshop.leftovers().isEmpty)
    }

    @Test("A script that removes all working directories does not keep the next one from running")
    func removedRunsDirectory() async throws {
        let outcome = try await workshop.runShell(#"rm -rf "$(realpath "$PWD/..")"; echo removed"#)
        #expect(outcome.message == "removed\n")
        try workshop.write("test.triggered.py", "print('next')")
        let both = try await workshop.runShell(#"rm -rf "$(realpath "$PWD/..")"; echo removed"#)
        #expect(both.message == "removed\nnext\n")
    }

    @Test(
        "The event file is named after the event where the id can be a file name",
        arguments: [
            ("e-1", "e-1.event.json"), ("../../etc/x", "event.json"), ("a/b", "event.json"), (".", "event.json"),
            (String(repeating: "x", count: 250), "event.json"), ("has space", "has space.event.json"), ("ü", "ü.event.json"),
        ]
    )
    func eventFile(id: String, name: String) async throws {
        let request = ScriptRequest.sample(id: id)
        let outcome = try await workshop.runShell(#"[ "$1" = "$EVENT_FILE" ] && basename "$1" && cat "$1""#, request)
        #expect(outcome.message == name + "\n" + String(decoding: request.event.raw, as: UTF8.self))
    }

    @Test("The script's folder is at hand: $(dirname \"$0\")/lib.sh")
    func library() async throws {
        try workshop.write("lib.sh", "greet() { echo hello; }")
        let outcome = try await workshop.runShell(#". "$(dirname "$0")/lib.sh"; greet"#)
        #expect(outcome.message == "hello\n")
    }

    @Test(
        "Who runs the file",
        arguments: [
            ("test.triggered.sh", "echo ${BASH_VERSION:+bash}", "bash\n"),
            ("test.triggered.sh", "#!/bin/sh\necho ${BASH_VERSION:+bash}", "bash\n"),
            ("test.triggered.sh", "#!/bin/dash\necho ${BASH_VERSION:+bash}dash", "dash\n"),
            ("test.triggered.sh", "#!/bin/cat\r\ntext\n", "#!/bin/cat\r\ntext\n"),
            ("test.triggered.sh", "#!/usr/bin/env python3\nprint('python')", "python\n"),
            ("test.triggered.sh", "#!/usr/bin/env -S sed -n s/^x$/y/p\nx\n", "y\n"),
            ("test.triggered.py", "#!/bin/bash\nprint('python')", "python\n"),
            ("test.triggered.py", "#!/usr/bin/env python\r\nprint(1)\r\n", "1\n"),
        ]
    )
    func interpreters(name: String, text: String, expected: String) async throws {
        try workshop.write(name, text)
        let outcome = try await workshop.run(.sample())
        // `cat` and `sed` print the event too: it is their second argument.
        #expect(outcome.message.hasPrefix(expected), "\(outcome.message)")
        #expect(outcome.result == .pass)
    }

    @Test("Interpreters that are not there make a result with a sentence")
    func missingInterpreters() async throws {
        var workshop = workshop
        workshop.settings.serviceEnvironment["PATH"] = "relative:\(workshop.directory.path)"
        try workshop.write("test.triggered.sh", "echo x")
        try workshop.write("test.triggered.py", "print(1)")
        try workshop.write("all.events.sh", "#!/usr/bin/env ruby")
        let outcome = try await workshop.run(.sample())
        #expect(outcome.result == .errored)
        #expect(
            outcome.steps.map(\.reason)
                == ["bash", "python3", "ruby"].enumerated().map { index, program in
                    let file = ["test.triggered.sh", "test.triggered.py", "all.events.sh"][index]
                    return "cannot run \(file): there is no \(program) on the PATH of the service"
                }
        )
    }

    @Test("A script in python's place is asked once where python is")
    func shim() async throws {
        let log = "\(workshop.directory.path)/log"
        let text = "#!/bin/bash\necho called >> \(log)\nexec /usr/bin/python3 \"$@\"\n"
        let shim = try workshop.directory.write(text, to: "shims/python3")
        chmod(shim, 0o700)
        var workshop = workshop
        workshop.settings.serviceEnvironment["PATH"] = "\(workshop.directory.path)/shims:/usr/bin:/bin"
        try workshop.write("test.triggered.py", "print('one')")
        try workshop.write("all.events.py", "print('two')")
        let outcome = try await workshop.run(.sample())
        #expect(outcome.message == "one\ntwo\n")
        #expect(try Files.read(log) == Array("called\n".utf8))
    }

    @Test(
        "What makes bash fail in strange ways is said",
        arguments: [
            ("echo a\r\nif true; then\r\n  exit 0\r\nfi\r\n", "it has CRLF line ends, which bash takes for part of the commands"),
            ("\u{FEFF}false\nexit 1", "it begins with a byte order mark, which bash takes for part of the first command"),
        ]
    )
    func oddScripts(text: String, hint: String) async throws {
        let outcome = try await workshop.runShell(text)
        #expect(outcome.result == .fail)
        #expect(outcome.steps.first?.reason?.hasSuffix("; \(hint)") == true)
        #expect(outcome.message.contains(hint))
    }

    @Test("A script that is not UTF-8 runs; if it fails, the reason says so")
    func notUTF8() async throws {
        let path = try workshop.write("test.triggered.py", "x")
        try Files.write(Array("print('".utf8) + [0xE4] + Array("')".utf8), to: path)
        let outcome = try await workshop.run(.sample())
        #expect(outcome.result == .fail)
        #expect(outcome.steps.first?.reason == "exit status 1 of test.triggered.py; it is not UTF-8")
        let shell = try workshop.write("test.triggered.py", "x").replacing(".py", with: ".sh")
        Files.removeTree(path)
        try Files.write(Array("echo '".utf8) + [0xE4] + Array("'".utf8), to: shell)
        #expect(try await workshop.run(.sample()).message == "\u{FFFD}\n")
    }

    @Test("A large event reaches the script by its file, whatever does not fit into variables")
    func largeEvent() async throws {
        var data: JSONObject = [:]
        for number in 0..<40 { data["v\(number)"] = .string(String(repeating: "x", count: 100_000)) }
        data["nul"] = "a\u{0}b"
        let outcome = try await workshop.runShell("wc -c < \"$1\"", .sample(data: .object(data)))
        #expect(outcome.result == .pass)
        #expect(outcome.message.contains("is left out"))
        #expect(outcome.message.hasSuffix("\n\(ScriptRequest.sample(data: .object(data)).event.raw.count)\n"))
    }
}
