import Glibc

/// A moment as events state it (RFC 3339): to the nanosecond, with the sender's offset from UTC, in the years 0001 to 9999.
///
/// Two timestamps are equal if they are the same moment, however they were written.
public struct Timestamp: Sendable {
    /// Since 1970-01-01T00:00:00Z, without leap seconds; negative before that.
    public let seconds: Int64
    /// 0 to 999,999,999, always forward from `seconds`.
    public let nanoseconds: Int
    /// East of UTC is positive.
    public let offsetMinutes: Int
    /// As it was read; ``text`` for one that was not.
    public let original: String

    /// The seconds of the years 0001 to 9999.
    private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// A moment in UTC. One that is out of range becomes the nearest that is not.
    public init(seconds: Int64, nanoseconds: Int = 0) {
        self.seconds = min(max(seconds, Self.range.lowerBound), Self.range.upperBound)
        self.nanoseconds = min(max(nanoseconds, 0), 999_999_999)
        offsetMinutes = 0
        original = Self.rfc3339(seconds: self.seconds, nanoseconds: self.nanoseconds)
    }

    /// - Returns: nil if the moment is out of range.
    init?(seconds: Int64, nanoseconds: Int, offsetMinutes: Int, original: String) {
        guard Self.range.contains(seconds) else { return nil }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.offsetMinutes = offsetMinutes
        self.original = original
    }

    /// - Parameter milliseconds: since 1970-01-01T00:00:00Z.
    public init(milliseconds: Int64) {
        let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        self.init(seconds: rest < 0 ? whole - 1 : whole, nanoseconds: Int(rest < 0 ? rest + 1_000 : rest) * 1_000_000)
    }

    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int(time.tv_nsec))
    }

    /// Whole milliseconds since 1970, rounded towards the past.
    public var milliseconds: Int64 { seconds * 1000 + Int64(nanoseconds / 1_000_000) }

    /// RFC 3339 in UTC, with as many digits of the fraction as there are: `2020-03-24T08:42:09.633Z`.
    public var text: String { Self.rfc3339(seconds: seconds, nanoseconds: nanoseconds) }

    /// As Go prints a time, in the sender's offset: `2020-03-24 08:42:09.633 +0000 UTC`, `2020-03-24 10:42:09.633 +0200 +0200`.
    public var goText: String {
        guard offsetMinutes != 0 else { return utcText }
        var digits = Digits()
        digits.append(offsetMinutes < 0 ? "-" : "+", abs(offsetMinutes) / 60, width: 2)
        digits.append(abs(offsetMinutes) % 60, width: 2)
        let zone = digits.text
        let (date, time) = Self.clock(seconds: seconds + Int64(offsetMinutes) * 60, nanoseconds: nanoseconds)
        return "\(date) \(time) \(zone) \(zone)"
    }

    /// As Go prints a time in UTC: `2020-03-24 08:42:09.633 +0000 UTC`.
    public var utcText: String {
        let (date, time) = Self.clock(seconds: seconds, nanoseconds: nanoseconds)
        return "\(date) \(time) +0000 UTC"
    }

    private static func rfc3339(seconds: Int64, nanoseconds: Int) -> String {
        let (date, time) = clock(seconds: seconds, nanoseconds: nanoseconds)
        return "\(date)T\(time)Z"
    }

    private static func clock(seconds: Int64, nanoseconds: Int) -> (date: String, time: String) {
        let (days, second) = Int(seconds).dividedDown(by: 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        var time = Digits()
        time.append(second / 3600, width: 2)
        time.append(":", second / 60 % 60, width: 2)
        time.append(":", second % 60, width: 2)
        if nanoseconds > 0 {
            time.append(".", nanoseconds, width: 9)
            time.dropZeros()
        }
        var day = Digits()
        day.append(date.year, width: 4)
        day.append("-", date.month, width: 2)
        day.append("-", date.day, width: 2)
        return (day.text, time.text)
    }
}

/// Decimal numbers from zero on, with zeros in front.
private struct Digits {
    private var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    init() { bytes.reserveCapacity(20) }

    mutating func append(_ number: Int, width: Int) {
        var (rest, unit) = (number, 1)
        for _ in 1..<width { unit *= 10 }
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / unit % 10))
            rest %= unit
            unit /= 10
        }
    }

    mutating func append(_ separator: Unicode.Scalar, _ number: Int, width: Int) {
        bytes.append(UInt8(ascii: separator))
        append(number, width: width)
    }

    /// Takes the zeros at the end away.
    mutating func dropZeros() {
        while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    }
}

extension Timestamp: Hashable, Comparable {
    public static func == (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) == (right.seconds, right.nanoseconds)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(nanoseconds)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
