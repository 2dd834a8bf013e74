/// How log lines are written (`LOG_FORMAT`).
public enum LogFormat: String, Sendable, CaseIterable {
    /// Text where a person looks on, JSON elsewhere.
    case auto
    case json
    case text
}
