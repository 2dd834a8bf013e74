import GRDB
import Model

/// The statement that finds the runs of a page, by one index in the order of the page: it looks at no more rows than it must, however
/// many there are.
struct RunSearch: Sendable {
    private(set) var conditions: [String] = []
    private(set) var arguments: StatementArguments = []

    /// Before a clock that is set back by no more than this, runs are found by their time whatever their order.
    static let clockJump: Int64 = 3_600_000

    /// - Parameter bounds: the places between which all runs of the filter's times are.
    init(_ query: RunQuery, bounds: ClosedRange<Int64>) {
        let filter = query.filter
        // The one that is likely to leave the fewest comes first, and only its index is offered: without statistics SQLite would guess.
        let terms: [(column: String, value: String?)] = [
            ("service", filter.service), ("project", filter.project), ("event_type", filter.type), ("stage", filter.stage),
            ("state", filter.state?.rawValue), ("result", filter.result?.rawValue),
        ]
        for (column, value) in terms {
            guard let value else { continue }
            let isFirst = conditions.isEmpty
            if isFirst, column == "state", let state = filter.state {
                // The runs that wait or run are few, and have an index of their own.
                add(state.isOver ? "finished IS NOT NULL AND state = ?" : "finished IS NULL AND +state = ?", value)
            } else {
                add("\(isFirst ? "" : "+")\(column) = ?", value)
            }
        }
        if let since = filter.since { add("+received >= ?", since) }
        if let until = filter.until { add("+received < ?", until) }
        if bounds.lowerBound > .min { add("sequence >= ?", bounds.lowerBound) }
        let last = min(bounds.upperBound, (query.before ?? .max) - 1)
        if last < .max - 1 { add("sequence <= ?", last) }
    }

    private mutating func add(_ condition: String, _ value: some DatabaseValueConvertible) {
        conditions.append(condition)
        arguments += [value]
    }

    var condition: String { conditions.isEmpty ? "true" : conditions.joined(separator: " AND ") }

    /// Finds the places of the runs that came in the filter's times.
    ///
    /// Places are in the order of arrival, times nearly so: a clock may be set back.
    ///
    /// - Returns: nil if there are none.
    static func bounds(of filter: RunFilter, in database: Database) throws -> ClosedRange<Int64>? {
        var (low, high) = (Int64.min, Int64.max)
        if let since = filter.since {
            let first = try Int64.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT min(sequence) FROM runs WHERE received >= ?
                            AND received <= (SELECT received FROM runs WHERE received >= ? ORDER BY received LIMIT 1) + ?
                        """
                ),
                arguments: [since, since, clockJump]
            )
            guard let first else { return nil }
            low = first
        }
        if let until = filter.until {
            let last = try Int64.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT max(sequence) FROM runs WHERE received < ?
                            AND received >= (SELECT received FROM runs WHERE received < ? ORDER BY received DESC LIMIT 1) - ?
                        """
                ),
                arguments: [until, until, clockJump]
            )
            guard let last else { return nil }
            high = last
        }
        return low <= high ? low...high : nil
    }
}
