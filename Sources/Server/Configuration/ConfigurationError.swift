/// The service was told something that it cannot use: what, and what is allowed. Secrets are not repeated.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }

    init(_ setting: some AnySetting, value: String, in place: String? = nil) {
        let shown = setting.isSecret ? "has a value that is not allowed" : "is '\(value)'"
        self.description = "\(setting.name)\(place.map { " of \($0)" } ?? "") \(shown); allowed: \(setting.allowed)"
    }
}
