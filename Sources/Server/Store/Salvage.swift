import GRDB

/// Takes out of a damaged database what was promised to somebody: runs that are not over, and answers that wait; and which events
/// are known. What cannot be read is left.
struct Salvage {
    struct Rescued: Sendable, Hashable {
        var runs = 0
        var answers = 0
    }

    /// Rows at once; where one of them cannot be read, they are read one by one.
    private static let step: Int64 = 500

    private let path: String

    init(from path: String) { self.path = path }

    func run(into database: DatabasePool) -> Rescued {
        var rescued = Rescued()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        // What it says of its schema may be damaged, too.
        guard let damaged = try? DatabaseQueue(path: path, configuration: configuration) else { return rescued }
        defer { try? damaged.close() }
        let unfinished = "SELECT sequence FROM runs WHERE finished IS NULL"
        rescued.runs = copy("runs", "sequence", "finished IS NULL", from: damaged, to: database)
        _ = copy("events", "run", "run IN (\(unfinished))", from: damaged, to: database)
        _ = copy("steps", "run", "run IN (\(unfinished))", from: damaged, to: database)
        rescued.answers = copy("outbox", "sequence", "state = 'waiting'", from: damaged, to: database)
        _ = copy("seen", nil, "true", from: damaged, to: database)
        return rescued
    }

    /// - Parameter key: an integer column by which the table can be read in pieces.
    /// - Returns: how many rows were copied.
    private func copy(
        _ table: String,
        _ key: String?,
        _ condition: String,
        from damaged: DatabaseQueue,
        to database: DatabasePool
    ) -> Int {
        guard let key else { return copy("SELECT * FROM \(table) NOT INDEXED", table, from: damaged, to: database) ?? 0 }
        let bounds = try? damaged.read { database in
            try Row.fetchOne(database, sql: "SELECT min(\(key)) AS low, max(\(key)) AS high FROM \(table) NOT INDEXED")
        }
        guard let bounds, let low: Int64 = bounds["low"], let high: Int64 = bounds["high"] else { return 0 }
        var count = 0
        for start in stride(from: low, through: high, by: Int64.Stride(Self.step)) {
            func rows(_ range: ClosedRange<Int64>) -> Int? {
                copy(
                    "SELECT * FROM \(table) NOT INDEXED WHERE \(key) BETWEEN \(range.lowerBound) AND \(range.upperBound) AND \(condition)",
                    table,
                    from: damaged,
                    to: database
                )
            }
            let end = min(high, start + Self.step - 1)
            count += rows(start...end) ?? (start...end).reduce(0) { $0 + (rows($1...$1) ?? 0) }
        }
        return count
    }

    /// - Returns: nil if not all rows could be read; those before are copied.
    private func copy(_ query: String, _ table: String, from damaged: DatabaseQueue, to database: DatabasePool) -> Int? {
        var rows: [Row] = []
        var isWhole = true
        do {
            try damaged.read { database in
                let cursor = try Row.fetchCursor(database, sql: query)
                while let row = try cursor.next() { rows.append(row.copy()) }
            }
        } catch {
            isWhole = false
        }
        let found = rows
        let count = try? database.write { database -> Int in
            var count = 0
            for row in found {
                let columns = row.columnNames.joined(separator: ", ")
                let marks = row.columnNames.map { _ in "?" }.joined(separator: ", ")
                try database.execute(
                    sql: "INSERT OR IGNORE INTO \(table) (\(columns)) VALUES (\(marks))",
                    arguments: StatementArguments(row.databaseValues)
                )
                count += database.changesCount
            }
            return count
        }
        return isWhole ? count : nil
    }
}
