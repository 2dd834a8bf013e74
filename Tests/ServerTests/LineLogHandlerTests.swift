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
        let writer = LogWriter(descriptor: descriptor)
        var logger = Logger(label: "test") { label in
            LineLogHandler(label: label, format: format, level: .info, writer: writer, redact: redactor.redact)
        }
        logger[metadataKey: "run.id"] = "r1"
        body(logger)
        writer.flush(atMost: .seconds(20))
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

    @Test("A reader that does not read delays nobody, and is told how much it missed", .timeLimit(.minutes(3)))
    func slowReader() async throws {
        // By name, so that both ends are close-on-exec from the start: a child of another test would keep the pipe open.
        let path = directory.path + "/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        try #require(reader >= 0 && descriptor >= 0)
        let writer = LogWriter(descriptor: descriptor, capacity: 1 << 20)
        let logger = Logger(label: "test") { LineLogHandler(label: $0, format: .json, level: .info, writer: writer) }
        // More than the pipe and the queue take together: with a write in this task, it would never end.
        for number in 0..<100 { logger.info("\(number)", metadata: ["output": "\(String(repeating: "x", count: 50_000))"]) }
        let pool = ThreadPool(name: "test", width: 1)
        async let text = pool.run {
            _ = fcntl(reader, F_SETFL, 0)
            return try Files.read("/proc/self/fd/\(reader)")
        }
        writer.flush(atMost: .seconds(20))
        logger.info("after")
        writer.flush(atMost: .seconds(20))
        close(descriptor)
        let entries = try await text.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: $0) }
        close(reader)
        let dropped = entries.compactMap { $0["lines"]?.scalarText.flatMap { Int($0) } }.reduce(0, +)
        #expect(dropped > 0)
        #expect(entries.count { $0["output"] != nil } + dropped == 100)
        #expect(entries.contains { $0["message"] == "after" })
    }

    @Test("Long lines of several threads do not mix in a pipe", .timeLimit(.minutes(3)))
    func longLines() async throws {
        // By name, so that both ends are close-on-exec from the start: a child of another test would keep the pipe open.
        let path = directory.path + "/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        let pool = ThreadPool(name: "test", width: 6)
        async let text = pool.run { try Files.read(path) }
        let descriptor = try await pool.run { open(path, O_WRONLY | O_CLOEXEC) }
        try #require(descriptor >= 0)
        let writer = LogWriter(descriptor: descriptor)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in ["a", "b", "c", "d"] {
                group.addTask {
                    try await pool.run {
                        let logger = Logger(label: "test") {
                            LineLogHandler(label: $0, format: .json, level: .info, writer: writer)
                        }
                        for _ in 0..<5 { logger.info("x", metadata: ["output": "\(String(repeating: name, count: 150_000))"]) }
                    }
                }
            }
            try await group.waitForAll()
        }
        writer.flush(atMost: .seconds(20))
        close(descriptor)
        let lines = try await text.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 20)
        for line in lines { #expect((try? JSON(parsing: line))?["output"]?.string?.utf8.count == 150_000) }
    }
}
