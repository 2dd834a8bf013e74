/// Sizes as people write them: `1MiB`, `32KiB`, `64KB`, `2G`; a bare number is bytes.
public enum ByteCount {
    private static let units: [String: Int] = [
        "": 1, "b": 1,
        "k": 1 << 10, "kib": 1 << 10, "kb": 1_000,
        "m": 1 << 20, "mib": 1 << 20, "mb": 1_000_000,
        "g": 1 << 30, "gib": 1 << 30, "gb": 1_000_000_000,
    ]

    /// - Returns: nil for a text that is no size, is negative, or does not fit.
    public static func parse(_ text: String) -> Int? {
        let text = text[...].trimmed
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), let scale = units[text.dropFirst(digits.count).lowercased()[...].trimmed] else {
            return nil
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: scale)
        return overflow ? nil : bytes
    }

    /// The shortest exact spelling in binary units: `1MiB`, `1000`.
    public static func text(_ bytes: Int) -> String {
        for (name, scale) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= scale && bytes % scale == 0 {
            return "\(bytes / scale)\(name)"
        }
        return String(bytes)
    }
}
