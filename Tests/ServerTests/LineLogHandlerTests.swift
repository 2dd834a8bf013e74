import Basics
import CloudEvents
import Glibc
import Logging
import TestSupport
import Testing

@testable import Server

@Suite struct LineLogHandlerTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// What a logger of that format writes.
    private func written(_ format: LogFormat, _ body: (Logger) -> Void) throws -> String {
        let path = directory.path + "/log"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        let redactor = Redactor(secrets: ["s3cret"])
        var logger = Logger(label: "test") { label in
            LineLogHandler(label: label, format: format, level: .info, descriptor: descriptor, redact: redactor.redact)
        }
        logger[metadataKey: "run.id"] = "r1"
        body(logger)
        close(descriptor)
        return String(decoding: try Files.read(path), as: UTF8.self)
    }

    @Test("A JSON entry is one line with time, level, message and metadata, secrets masked")
    func json() throws {
        let text = try written(.json) { logger in
            logger.debug("not shown")
            logger.warning("file ran", metadata: ["output": "line 1\nline 2 s3cret", "list": ["a", "b"]])
        }
        #expect(text.split(separator: "\n").count == 1)
        var entry = try #require(try JSON(parsing: Array(text.utf8)).object)
        #expect(entry["time"]?.string?.hasSuffix("Z") == true)
        entry["time"] = nil
        #expect(
            entry == [
                "level": "warning", "message": "file ran", "run.id": "r1", "output": "line 1\nline 2 ***", "list": ["a", "b"],
            ]
        )
    }

    @Test("Metadata never replaces the time, level and message of a JSON entry")
    func reservedKeys() throws {
        let text = try written(.json) { $0.warning("file ran", metadata: ["level": "project", "message": "m", "time": "t"]) }
        let entry = try JSON(parsing: Array(text.utf8))
        #expect(entry["level"] == "warning" && entry["message"] == "file ran" && entry["time"] != "t")
        #expect(entry["metadata.level"] == "project" && entry["metadata.message"] == "m" && entry["metadata.time"] == "t")
    }

    @Test("A text entry is one line, values with spaces or line breaks are quoted")
    func text() throws {
        let text = try written(.text) { $0.info("file ran", metadata: ["output": "a\nb", "file": "x.sh"]) }
        #expect(text.hasSuffix(#" INFO    file ran file=x.sh output="a\nb" run.id=r1"# + "\n"))
        #expect(text.split(separator: "\n").count == 1)
    }

    @Test("Without a terminal, auto is JSON")
    func auto() throws {
        #expect(try written(.auto) { $0.info("x") }.hasPrefix("{"))
    }

    @Test("Long lines of several threads do not mix in a pipe", .timeLimit(.minutes(1)))
    func longLines() async throws {
        // By name, so that both ends are close-on-exec from the start: a child of another test would keep the pipe open.
        let path = directory.path + "/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        let pool = ThreadPool(name: "test", width: 6)
        async let text = pool.run { try Files.read(path) }
        let writer = try await pool.run { open(path, O_WRONLY | O_CLOEXEC) }
        try #require(writer >= 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in ["a", "b", "c", "d"] {
                group.addTask {
                    try await pool.run {
                        let logger = Logger(label: "test") {
                            LineLogHandler(label: $0, format: .json, level: .info, descriptor: writer)
                        }
                        for _ in 0..<5 { logger.info("x", metadata: ["output": "\(String(repeating: name, count: 150_000))"]) }
                    }
                }
            }
            try await group.waitForAll()
        }
        close(writer)
        let lines = try await text.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 20)
        for line in lines { #expect((try? JSON(parsing: line))?["output"]?.string?.utf8.count == 150_000) }
    }
}
