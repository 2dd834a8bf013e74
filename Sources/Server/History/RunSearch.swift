import GRDB
import Model

/// A statement that finds runs of a page by one index, in the order of the page: it looks at no more rows than it must, however many
/// there are.
struct RunSearch: Sendable {
    /// With the index that is used. SQLite has no statistics, and would guess.
    let table: String
    private var conditions: [String] = []
    private(set) var arguments: StatementArguments = []

    /// Runs are found by their time if a clock was set back by no more than this.
    static let clockJump: Int64 = 3_600_000

    /// The searches that find all of a page together: runs that are over have indexes, those that are not are few, and looked through.
    ///
    /// - Parameter bounds: the places between which all runs of the filter's times are.
    static func all(for query: RunQuery, bounds: ClosedRange<Int64>) -> [RunSearch] {
        let filter = query.filter
        let isRare = filter.result == .errored || filter.state == .errored || filter.state == .cancelled
        let outcome = [
            Term(index: "runs_state", column: "state", value: filter.state?.rawValue),
            Term(index: "runs_result", column: "result", value: filter.result?.rawValue),
        ]
        // What is likely to leave the fewest comes first.
        let terms =
            [Term(index: "runs_service", column: "service", value: filter.service)] + (isRare ? outcome : [])
            + [
                Term(index: "runs_project", column: "project", value: filter.project),
                Term(index: "runs_type", column: "event_type", value: filter.type),
                Term(index: "runs_stage", column: "stage", value: filter.stage),
            ] + (isRare ? [] : outcome)
        let given = terms.filter { $0.value != nil }
        guard let first = given.first else { return [RunSearch("runs NOT INDEXED", nil, [], query, bounds)] }
        let over = RunSearch("runs INDEXED BY \(first.index)", "finished IS NOT NULL", given, query, bounds)
        let unfinished = RunSearch("runs INDEXED BY runs_unfinished", "finished IS NULL", given, query, bounds)
        if let state = filter.state { return [state.isOver ? over : unfinished] }
        return filter.result == nil ? [over, unfinished] : [over]
    }

    private struct Term {
        let index: String
        let column: String
        let value: String?
    }

    private init(_ table: String, _ part: String?, _ terms: [Term], _ query: RunQuery, _ bounds: ClosedRange<Int64>) {
        self.table = table
        if let part { conditions.append(part) }
        for term in terms { add("\(term.column) = ?", term.value) }
        if let since = query.filter.since { add("received >= ?", since) }
        if let until = query.filter.until { add("received < ?", until) }
        if bounds.lowerBound > .min { add("sequence >= ?", bounds.lowerBound) }
        let last = min(bounds.upperBound, (query.before ?? .max) - 1)
        if last < .max - 1 { add("sequence <= ?", last) }
    }

    private mutating func add(_ condition: String, _ value: (some DatabaseValueConvertible)?) {
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
