import Basics
import CloudEvents
import Model

/// Which runs are asked for; what is nil lets all through.
struct RunFilter: Sendable, Hashable {
    var project: String?
    var stage: String?
    var service: String?
    /// The event's.
    var type: String?
    var result: RunResult?
    var state: RunState?
    /// Received at that moment or later, in milliseconds since 1970.
    var since: Int64?
    /// Received before that moment.
    var until: Int64?

    static let names = ["project", "stage", "service", "type", "result", "state", "since", "until"]
}

extension RunFilter {
    /// Takes out of `items` what it knows.
    ///
    /// - Parameter now: in milliseconds since 1970; what times are counted back from.
    init(_ items: inout QueryItems, now: Int64) throws(QueryError) {
        func name(_ text: String) -> String? { text.isEmpty ? nil : text }
        let times = "a time like 2026-11-24T06:00:00Z, or how long ago: 30m, 24h, 7d"
        project = try items.take("project", allowed: "the name of a project", name)
        stage = try items.take("stage", allowed: "the name of a stage", name)
        service = try items.take("service", allowed: "the name of a service", name)
        type = try items.take("type", allowed: "the type of an event", name)
        result = try items.take("result", allowed: Self.list(RunResult.allCases.map(\.rawValue)), RunResult.init)
        state = try items.take("state", allowed: Self.list(RunState.allCases.map(\.rawValue)), RunState.init)
        since = try items.take("since", allowed: times) { Self.moment($0, now: now) }
        until = try items.take("until", allowed: times) { Self.moment($0, now: now) }
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }

    private static func moment(_ text: String, now: Int64) -> Int64? {
        if let moment = Timestamp(parsing: text) { return moment.milliseconds }
        return TimeSpan.parse(text).map { now - Int64($0.seconds * 1_000) }
    }
}
