import Glibc

/// A moment as text, in UTC.
enum DateText {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameters:
    ///   - milliseconds: since 1970.
    ///   - format: `iso8601`, `rfc1123`, or of the parts YYYY MM DD HH mm ss SSS, all else as it is.
    static func text(_ milliseconds: Int64, format: String) -> String {
        switch format {
        case "iso8601": return iso8601(milliseconds)
        case "rfc1123":
            let date = parts(milliseconds)
            let day = days[Int(date.tm_wday) % 7]
            return "\(day), \(two(date.tm_mday)) \(months[Int(date.tm_mon) % 12]) \(date.tm_year + 1900) " + clock(date) + " GMT"
        default: return formatted(milliseconds, format)
        }
    }

    static func iso8601(_ milliseconds: Int64) -> String { formatted(milliseconds, "YYYY-MM-DDTHH:mm:ss.SSSZ") }

    private static func formatted(_ milliseconds: Int64, _ format: String) -> String {
        let date = parts(milliseconds)
        let thousandths = Int((milliseconds % 1_000 + 1_000) % 1_000)
        let values = [
            ("YYYY", "\(date.tm_year + 1900)"), ("MM", two(date.tm_mon + 1)), ("DD", two(date.tm_mday)),
            ("HH", two(date.tm_hour)),
            ("mm", two(date.tm_min)),
            ("SSS", thousandths < 10 ? "00\(thousandths)" : thousandths < 100 ? "0\(thousandths)" : "\(thousandths)"),
            ("ss", two(date.tm_sec)),
        ]
        var text = ""
        var rest = format[...]
        while let first = rest.first {
            if let (part, value) = values.first(where: { rest.hasPrefix($0.0) }) {
                text += value
                rest = rest.dropFirst(part.count)
            } else {
                text.append(first)
                rest.removeFirst()
            }
        }
        return text
    }

    private static func clock(_ date: tm) -> String { "\(two(date.tm_hour)):\(two(date.tm_min)):\(two(date.tm_sec))" }

    private static func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func parts(_ milliseconds: Int64) -> tm {
        // Towards the past: a moment before 1970 is in the second that it belongs to.
        var seconds = time_t(milliseconds >= 0 ? milliseconds / 1_000 : (milliseconds - 999) / 1_000)
        var date = tm()
        gmtime_r(&seconds, &date)
        return date
    }
}
