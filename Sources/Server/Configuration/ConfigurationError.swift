/// The service was told something that it cannot use: what, and what is allowed. Secrets are not repeated.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }

    init(_ setting: some AnySetting, value: String, in place: String? = nil) {
        let shown = setting.isSecret ? "has a value that is not allowed" : "is '\(Self.withoutUser(value))'"
        self.description = "\(setting.name)\(place.map { " of \($0)" } ?? "") \(shown); allowed: \(setting.allowed)"
    }

    /// The value without the user and the password of a URL, which may be what is wrong with it.
    private static func withoutUser(_ value: String) -> String {
        guard let scheme = value.firstRange(of: "://"), let at = value.lastIndex(of: "@"), at >= scheme.upperBound else {
            return value
        }
        return value[..<scheme.upperBound] + "***" + value[at...]
    }
}
