import Basics
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
    /// So many steps in a row that bring nothing are the end.
    private static let patience = 3
    /// No row of any table takes fewer bytes.
    private static let leastRow = 16

    private let path: String

    init(from path: String) { self.path = path }

    func run(into database: DatabasePool) -> Rescued {
        var rescued = Rescued()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        // SQLite would remove the journal of a file that is empty, and nobody could ever look at it.
        guard let header = try? DatabaseHeader(of: path) else { return rescued }
        header.adjustPageCount()
        defer { header.restore() }
        guard let damaged = try? DatabaseQueue(path: path, configuration: configuration) else { return rescued }
        defer { try? damaged.close() }
        rescued.runs = copy("runs", "sequence", "finished IS NULL", from: damaged, to: database)
        // Which these are is told by what was copied: the damaged indexes may not know.
        let first = (try? database.read { try Int64.fetchOne($0, sql: "SELECT min(sequence) FROM runs") }) ?? nil
        if let first {
            for table in ["events", "steps"] { _ = copy(table, "run", "true", first: first, from: damaged, to: database) }
            try? database.write { database in
                for table in ["events", "steps"] {
                    try database.execute(sql: "DELETE FROM \(table) WHERE run NOT IN (SELECT sequence FROM runs)")
                }
            }
        }
        rescued.answers = copy("outbox", "sequence", "state = 'waiting'", from: damaged, to: database)
        _ = copy("seen", nil, "true", from: damaged, to: database)
        return rescued
    }

    /// - Parameters:
    ///   - key: an integer column by which the table can be read in pieces.
    ///   - first: its least value that matters.
    /// - Returns: how many rows were copied.
    private func copy(
        _ table: String,
        _ key: String?,
        _ condition: String,
        first: Int64? = nil,
        from damaged: DatabaseQueue,
        to database: DatabasePool
    ) -> Int {
        guard let key else { return insert(read("SELECT * FROM \(table) NOT INDEXED", damaged).rows, into: table, of: database) }
        let low = first ?? bound("min", table, key, damaged) ?? 0
        // The last page may be among the lost: then there are as many rows as there is room for, and it ends where nothing comes any more.
        let high = bound("max", table, key, damaged) ?? low + Int64(Files.size(path) / Self.leastRow)
        var (count, failures) = (0, 0)
        for start in stride(from: low, through: high, by: Int64.Stride(Self.step)) where failures < Self.patience {
            func rows(_ range: ClosedRange<Int64>) -> (rows: [Row], isWhole: Bool) {
                let bounds = "BETWEEN \(range.lowerBound) AND \(range.upperBound)"
                return read("SELECT * FROM \(table) NOT INDEXED WHERE \(key) \(bounds) AND \(condition)", damaged)
            }
            let range = start...min(high, start + Self.step - 1)
            let whole = rows(range)
            let found = whole.isWhole ? whole.rows : range.flatMap { rows($0...$0).rows }
            count += insert(found, into: table, of: database)
            failures = whole.isWhole || !found.isEmpty ? 0 : failures + 1
        }
        return count
    }

    private func bound(_ function: String, _ table: String, _ key: String, _ damaged: DatabaseQueue) -> Int64? {
        try? damaged.read { try Int64.fetchOne($0, sql: "SELECT \(function)(\(key)) FROM \(table) NOT INDEXED") }
    }

    /// - Returns: the rows up to the first that cannot be read.
    private func read(_ query: String, _ damaged: DatabaseQueue) -> (rows: [Row], isWhole: Bool) {
        var rows: [Row] = []
        do {
            try damaged.read { database in
                let cursor = try Row.fetchCursor(database, sql: query)
                while let row = try cursor.next() { rows.append(row.copy()) }
            }
            return (rows, true)
        } catch {
            return (rows, false)
        }
    }

    private func insert(_ rows: [Row], into table: String, of database: DatabasePool) -> Int {
        guard let columns = rows.first?.columnNames else { return 0 }
        let names = columns.joined(separator: ", ")
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let count = try? database.write { database -> Int in
            let statement = try database.makeStatement(sql: "INSERT OR IGNORE INTO \(table) (\(names)) VALUES (\(marks))")
            var count = 0
            for row in rows {
                try statement.execute(arguments: StatementArguments(row.databaseValues))
                count += database.changesCount
            }
            return count
        }
        return count ?? 0
    }
}
