import Basics
import Executor

/// One thing that the service can be told from outside: its name, what it may be, and what it is when nobody says.
///
/// The name is that of the environment variable; the YAML file has it in lower case.
struct Setting<Value: Sendable>: Sendable {
    let name: String
    /// The value when nobody sets one, as it would be written; nil where there is none.
    let fallback: String?
    /// What may be written, in words: "0 to 65535".
    let allowed: String
    /// Whether the value must never be shown.
    let isSecret: Bool
    /// Whether a project may have its own in the YAML file.
    let isPerProject: Bool
    let parse: @Sendable (String) -> Value?

    init(
        _ name: String,
        default fallback: String? = nil,
        allowed: String,
        isSecret: Bool = false,
        isPerProject: Bool = false,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.name = name
        self.fallback = fallback
        self.allowed = allowed
        self.isSecret = isSecret
        self.isPerProject = isPerProject
        self.parse = parse
    }

    /// The name in the YAML file.
    var key: String { name.lowercased() }
}

/// What a table of all settings needs to know of each, whatever its type.
protocol AnySetting: Sendable {
    var name: String { get }
    var key: String { get }
    var fallback: String? { get }
    var allowed: String { get }
    var isSecret: Bool { get }
    var isPerProject: Bool { get }
    /// Whether the fallback is itself allowed: a test asks this of each.
    var hasValidFallback: Bool { get }
}

extension Setting: AnySetting {
    var hasValidFallback: Bool { fallback.map { parse($0) != nil } ?? true }
}

extension Setting where Value == String {
    static func text(
        _ name: String,
        default fallback: String? = nil,
        allowed: String = "any text",
        isSecret: Bool = false,
        isPerProject: Bool = false
    ) -> Self {
        Self(name, default: fallback, allowed: allowed, isSecret: isSecret, isPerProject: isPerProject) { $0 }
    }
}

extension Setting where Value == String {
    /// A file or directory that a project may have its own of.
    static func path(_ name: String, isPerProject: Bool = true) -> Self {
        text(name, allowed: "a path", isPerProject: isPerProject)
    }
}

extension Setting where Value == Int {
    static func number(
        _ name: String,
        default fallback: String?,
        in range: ClosedRange<Int>,
        isPerProject: Bool = false
    ) -> Self {
        let allowed = range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
        return Self(name, default: fallback, allowed: allowed, isPerProject: isPerProject) {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    static func bytes(_ name: String, default fallback: String?, in range: ClosedRange<Int>) -> Self {
        let allowed =
            "a size such as 512KiB or 1MiB, from \(ByteCount.text(range.lowerBound)) to \(ByteCount.text(range.upperBound))"
        return Self(name, default: fallback, allowed: allowed) { text in
            ByteCount.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Setting where Value == Duration {
    static func duration(
        _ name: String,
        default fallback: String?,
        atLeast least: Duration = .zero,
        isPerProject: Bool = false
    ) -> Self {
        let allowed = "a time such as 500ms, 30s, 5m or 24h" + (least > .zero ? ", at least \(TimeSpan.text(least))" : "")
        return Self(name, default: fallback, allowed: allowed, isPerProject: isPerProject) { text in
            TimeSpan.parse(text).flatMap { $0 >= least ? $0 : nil }
        }
    }
}

extension Setting where Value == Bool {
    static func flag(_ name: String, default fallback: String, isPerProject: Bool = false) -> Self {
        Self(name, default: fallback, allowed: "true or false", isPerProject: isPerProject) { text in
            switch text.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }
}

extension Setting where Value == [String] {
    static func list(_ name: String, default fallback: String?, allowed: String) -> Self {
        Self(name, default: fallback, allowed: allowed) { text in
            text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        }
    }
}

extension Setting where Value == [String] {
    static func paths(_ name: String, default fallback: String?) -> Self {
        Self(name, default: fallback, allowed: "absolute paths, parted by commas") { text in
            let paths = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
            return paths.allSatisfy { $0.hasPrefix("/") && !$0.utf8.contains(0) } ? paths : nil
        }
    }
}

extension Setting where Value == [DestinationPattern] {
    static func destinations(_ name: String, default fallback: String) -> Self {
        let allowed = "host names, globs, addresses and networks, each perhaps with :port, parted by commas, or none"
        return Self(name, default: fallback, allowed: allowed) { text in
            if text.lowercased() == "none" { return [] }
            let entries = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
            let patterns = entries.compactMap(DestinationPattern.init)
            return entries.isEmpty || patterns.count < entries.count ? nil : patterns
        }
    }
}

extension Setting where Value == ProxySetting {
    static func proxy(_ name: String, isPerProject: Bool = false) -> Self {
        let allowed = "host:port, a URL with http, https or socks5, or none"
        return Self(name, allowed: allowed, isSecret: true, isPerProject: isPerProject, parse: ProxySetting.init(text:))
    }
}

extension Setting where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static func choice(_ name: String, default fallback: Value?, isPerProject: Bool = false) -> Self {
        let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return Self(name, default: fallback?.rawValue, allowed: "one of \(allowed)", isPerProject: isPerProject) {
            Value(rawValue: $0.lowercased())
        }
    }
}
