/// How commands write what they found out (`--output`).
public enum OutputFormat: String, Sendable, CaseIterable {
    case text
    case json
}
