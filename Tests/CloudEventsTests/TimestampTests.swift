import CloudEvents
import TestSupport
import Testing

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "reads RFC 3339 as senders write it",
        arguments: [
            ("2020-03-24T08:42:09.633Z", 1_585_039_329, 633_000_000), ("2020-03-24t08:42:09z", 1_585_039_329, 0),
            ("2020-03-24 08:42:09Z", 1_585_039_329, 0), ("2020-03-24T10:42:09.5+02:00", 1_585_039_329, 500_000_000),
            ("2020-03-24T00:12:09-08:30", 1_585_039_329, 0), ("2020-03-24T08:42:09.123456789999Z", 1_585_039_329, 123_456_789),
            ("1970-01-01T00:00:00-00:00", 0, 0), ("1969-12-31T23:59:59.25Z", -1, 250_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0), ("9999-12-31T23:59:59Z", 253_402_300_799, 0),
            ("2016-12-31T23:59:60Z", 1_483_228_800, 0), ("2000-02-29T00:00:00Z", 951_782_400, 0),
            ("2024-02-29T12:00:00Z", 1_709_208_000, 0),
        ]
    )
    func valid(text: String, seconds: Int64, nanoseconds: Int) throws {
        let time = try #require(Timestamp(parsing: text))
        #expect(time.seconds == seconds)
        #expect(time.nanoseconds == nanoseconds)
        #expect(time.original == text)
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", "now", "2020-03-24", "2020-03-24T08:42Z", "2020-03-24T08:42:09", "2020-03-24T08:42:09.Z",
            "2020-03-24T08:42:09+0200",
            "2020-13-01T00:00:00Z", "2020-00-01T00:00:00Z", "2021-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
            "2020-04-31T00:00:00Z",
            "2020-01-01T24:00:00Z", "2020-01-01T00:60:00Z", "2020-01-01T00:00:61Z", "2020-01-01T00:00:00+24:00",
            "2020-01-01T00:00:00Z ", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:60Z", "1585039329",
            "２020-01-01T00:00:00Z",
        ]
    )
    func invalid(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test(
        "prints as Go does",
        arguments: [
            ("2020-03-24T08:42:09.633Z", "2020-03-24 08:42:09.633 +0000 UTC", "2020-03-24 08:42:09.633 +0000 UTC"),
            ("2020-03-24T08:42:09+00:00", "2020-03-24 08:42:09 +0000 UTC", "2020-03-24 08:42:09 +0000 UTC"),
            ("2020-01-01T00:30:00.120+02:00", "2020-01-01 00:30:00.12 +0200 +0200", "2019-12-31 22:30:00.12 +0000 UTC"),
            ("2020-12-31T20:00:00-08:30", "2020-12-31 20:00:00 -0830 -0830", "2021-01-01 04:30:00 +0000 UTC"),
        ]
    )
    func go(text: String, own: String, utc: String) throws {
        let time = try #require(Timestamp(parsing: text))
        #expect(time.goText == own)
        #expect(time.utcText == utc)
    }

    @Test("counts milliseconds, rounded towards the past")
    func milliseconds() {
        #expect(Timestamp(parsing: "2020-03-24T08:42:09.6339Z")?.milliseconds == 1_585_039_329_633)
        #expect(Timestamp(parsing: "1969-12-31T23:59:59.5Z")?.milliseconds == -500)
    }

    @Test("is the same moment in any offset, and sorts by the moment")
    func order() throws {
        let early = try #require(Timestamp(parsing: "2020-03-24T10:42:09+02:00"))
        #expect(early == Timestamp(parsing: "2020-03-24T08:42:09.000Z"))
        #expect(early < Timestamp(seconds: early.seconds, nanoseconds: 1))
        #expect(Timestamp.now() > early)
    }

    @Test("keeps to the years 0001 to 9999 whatever it is made of")
    func clamped() {
        #expect(Timestamp(seconds: .max).text == "9999-12-31T23:59:59Z")
        #expect(Timestamp(seconds: .min, nanoseconds: -1).text == "0001-01-01T00:00:00Z")
        #expect(Timestamp(seconds: 0, nanoseconds: .max).text == "1970-01-01T00:00:00.999999999Z")
    }

    @Test("reads what it writes, on days all over 10,000 years and at random moments")
    func roundTrip() throws {
        var previous = Timestamp(seconds: .min).text
        for day in stride(from: Int64(-719_162 + 1), through: 2_932_896, by: 97) {
            let time = Timestamp(seconds: day * 86_400)
            #expect(time.text > previous)
            #expect(Timestamp(parsing: time.text)?.seconds == time.seconds)
            previous = time.text
        }
        var fuzzer = Fuzzer(seed: 8)
        for _ in 0..<2000 {
            let time = Timestamp(
                seconds: .random(in: -62_135_596_800...253_402_300_799, using: &fuzzer),
                nanoseconds: .random(in: 0...999_999_999, using: &fuzzer)
            )
            #expect(Timestamp(parsing: time.text) == time, "seed 8: \(time.text)")
        }
    }

    @Test("survives whatever comes")
    func fuzz() {
        var fuzzer = Fuzzer(seed: 9)
        for round in 0..<5000 {
            let input = fuzzer.mutate(Array("2020-03-24T08:42:09.633+02:00".utf8), tokens: ["99", "-", ":", "Z", "é", "\0"])
            guard let time = Timestamp(parsing: String(decoding: input, as: UTF8.self)) else { continue }
            #expect(Timestamp(parsing: time.text) == time, "seed 9, round \(round): \(input)")
        }
    }
}
