import Basics
import Testing

@Suite struct TextTests {
    @Test(
        "Times are read as people write them",
        arguments: [
            ("0", Duration.zero), ("0s", .zero), ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("1h30m", .seconds(5_400)), ("24h", .seconds(86_400)), ("7d", .seconds(604_800)), ("1.5s", .milliseconds(1_500)),
            (" 10s ", .seconds(10)), ("15", .seconds(15)), ("5M", .seconds(300)),
        ]
    )
    func timeSpan(text: String, duration: Duration) {
        #expect(TimeSpan.parse(text) == duration)
    }

    @Test("What is no time is refused", arguments: ["", "s", "5x", "-5s", "1h30", "5 s", "1e3s", "..s", "99999999d", "5mm"])
    func noTimeSpan(text: String) {
        #expect(TimeSpan.parse(text) == nil)
    }

    @Test("A time's text is read as the same time", arguments: ["0s", "500ms", "2s500ms", "5m", "1h30m", "1d"])
    func timeSpanText(text: String) throws {
        #expect(TimeSpan.text(try #require(TimeSpan.parse(text))) == text)
    }

    @Test(
        "Sizes are read as people write them",
        arguments: [
            ("0", 0), ("1000", 1_000), ("32KiB", 32_768), ("1 MiB", 1_048_576), ("64KB", 64_000), ("2g", 2 << 30), ("5B", 5),
        ]
    )
    func byteCount(text: String, bytes: Int) {
        #expect(ByteCount.parse(text) == bytes)
    }

    @Test("What is no size is refused", arguments: ["", "KiB", "-1", "1.5MiB", "1TiB", "9223372036854775807KiB", "1 2"])
    func noByteCount(text: String) {
        #expect(ByteCount.parse(text) == nil)
    }

    @Test("Secrets are masked, the longest first, short ones are left")
    func redactor() {
        let redactor = Redactor(secrets: ["s3cret", "s3cret-long", "abc", ""])
        #expect(redactor.redact("a s3cret-long b s3cret c abc") == "a *** b *** c abc")
    }

    @Test("Identifiers have the form of RFC 9562 and do not repeat")
    func uniqueID() {
        let form = /[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        let ids = (0..<1_000).flatMap { _ in [UniqueID.random(), UniqueID.ordered()] }
        #expect(ids.allSatisfy { $0.wholeMatch(of: form) != nil })
        #expect(Set(ids).count == ids.count)
        #expect(UniqueID.ordered().prefix(8) <= UniqueID.ordered().prefix(8))
    }

    @Test("Waits double up to the cap", arguments: [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1_000, 60)])
    func backoff(attempt: Int, seconds: Int) {
        let backoff = Backoff(first: .seconds(1), cap: .seconds(60))
        #expect(backoff.ceiling(after: attempt) == .seconds(seconds))
        #expect((.zero ... .seconds(seconds)).contains(backoff.delay(after: attempt)))
    }
}
