/// A page of the history that is asked for, the newest first.
struct RunQuery: Sendable, Hashable {
    var filter = RunFilter()
    /// The most runs of the page.
    var limit = defaultLimit
    /// Only runs that had come before the one of this place.
    var before: Int64?

    static let defaultLimit = 50
    static let limits = 1...500
}

extension RunQuery {
    init(_ items: QueryItems, now: Int64) throws(QueryError) {
        var items = items
        filter = try RunFilter(&items, now: now)
        let limit = try items.take("limit", allowed: "\(Self.limits.lowerBound) to \(Self.limits.upperBound)") { text in
            Int(text).flatMap { Self.limits.contains($0) ? $0 : nil }
        }
        self.limit = limit ?? Self.defaultLimit
        before = try items.take("cursor", allowed: "what a list gave as 'next'") { text in
            Int64(text).flatMap { $0 > 0 && text == "\($0)" ? $0 : nil }
        }
        try items.finish(known: RunFilter.names + ["limit", "cursor"])
    }
}
