extension Timestamp {
    /// Reads RFC 3339: any number of digits in the fraction (those after the ninth are dropped), any offset, `t`, `z` and a space
    /// for `T`. A leap second (`:60`) counts as the first second of the next minute.
    ///
    /// - Returns: nil for anything else, and for a moment that in UTC is before the year 0001 or after 9999.
    public init?(parsing text: String) {
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.number(4), year >= 1, reader.skip("-"),
            let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("Tt "),
            let hour = reader.number(2), hour <= 23, reader.skip(":"),
            let minute = reader.number(2), minute <= 59, reader.skip(":"),
            let second = reader.number(2), second <= 60,
            let nanoseconds = reader.fraction(),
            let offset = reader.offset(), reader.isAtEnd,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + (hour * 60 + minute - offset) * 60 + second
        self.init(seconds: Int64(seconds), nanoseconds: nanoseconds, offsetMinutes: offset, original: text)
    }

    private struct Reader {
        let bytes: [UInt8]
        private var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { position == bytes.count }

        /// A number of exactly `width` digits.
        mutating func number(_ width: Int) -> Int? {
            var value = 0
            for _ in 0..<width {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        /// One of the characters of `allowed`.
        mutating func skip(_ allowed: String) -> Bool {
            guard position < bytes.count, allowed.utf8.contains(bytes[position]) else { return false }
            position += 1
            return true
        }

        /// Nanoseconds; zero without a fraction, nil for a point without digits.
        mutating func fraction() -> Int? {
            guard skip(".") else { return 0 }
            guard var value = digit() else { return nil }
            var count = 1
            while let digit = digit() {
                guard count < 9 else { continue }
                value = value * 10 + digit
                count += 1
            }
            for _ in count..<9 { value *= 10 }
            return value
        }

        /// Minutes east of UTC.
        mutating func offset() -> Int? {
            if skip("Zz") { return 0 }
            let isWest = position < bytes.count && bytes[position] == UInt8(ascii: "-")
            guard skip("+-"), let hours = number(2), hours <= 23, skip(":"), let minutes = number(2), minutes <= 59 else {
                return nil
            }
            return (hours * 60 + minutes) * (isWest ? -1 : 1)
        }

        private mutating func digit() -> Int? {
            guard position < bytes.count, case let digit = Int(bytes[position]) - 48, (0...9).contains(digit) else { return nil }
            position += 1
            return digit
        }
    }
}
