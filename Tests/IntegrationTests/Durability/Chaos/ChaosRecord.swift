import Basics
import CloudEvents
import GRDB

/// What everybody has seen of a chaos test: the sender, the scripts, the receiver, and the database in the end.
struct ChaosRecord: Sendable {
    struct Run: Sendable, Hashable {
        let sequence: Int64
        let id: String
        let event: String
        let type: String
        let project: String
        let service: String
        let state: String
        let result: String?
        let message: String
    }

    struct Answer: Sendable, Hashable {
        let id: String
        let context: String
        let state: String
    }

    /// The line of a script that ran.
    struct Marker: Sendable, Hashable {
        let event: String
        let run: String
    }

    /// Of each event that was answered 2xx, the runs that were named.
    var accepted: [String: Set<String>] = [:]
    /// How often a sender was told to come again.
    var delays = 0
    /// Whether the disk could be filled up.
    var isDiskSmall = false
    /// In order, with repeats.
    var received: [CloudEvent] = []
    /// In order.
    var markers: [Marker] = []
    /// In order of arrival.
    var runs: [Run] = []
    /// In the order in which they were made.
    var answers: [Answer] = []
    /// What the database says of itself.
    var integrity = "ok"
    /// What is in the data directory and has no business there, and processes that run there.
    var leftovers: [String] = []
    /// What went wrong on the way.
    var mishaps: [String] = []
}

extension ChaosRecord {
    /// Runs that a restart has cut off.
    var interrupted: Int { runs.count { $0.message.contains("interrupted by a restart") } }

    /// Answers that came more than once.
    var repeats: Int { received.count - Set(received.map(\.id)).count }

    /// Reads what is on disk. Blocks.
    init(data: String, markers: String) throws {
        self.markers = String(decoding: try Files.read(markers), as: UTF8.self).split(separator: "\n").map { line in
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            return Marker(event: words.first ?? "", run: words.dropFirst().first ?? "")
        }
        let database = try Self.database(in: data)
        defer { try? database.close() }
        try database.read { database in
            runs = try Row.fetchAll(
                database,
                sql: """
                    SELECT sequence, id, event_id, event_type, project, service, state, result, coalesce(message, '') AS message
                    FROM runs ORDER BY sequence
                    """
            ).map { row in
                Run(
                    sequence: row["sequence"],
                    id: row["id"],
                    event: row["event_id"],
                    type: row["event_type"],
                    project: row["project"],
                    service: row["service"],
                    state: row["state"],
                    result: row["result"],
                    message: row["message"]
                )
            }
            answers = try Row.fetchAll(database, sql: "SELECT id, context, state FROM outbox ORDER BY sequence").map { row in
                Answer(id: row["id"], context: row["context"], state: row["state"])
            }
            integrity = try String.fetchAll(database, sql: "PRAGMA integrity_check").joined(separator: "; ")
        }
        leftovers =
            try ((try? Files.list("\(data)/runs")) ?? []).filter { !$0.hasPrefix(".") }.map { "runs/\($0)" }
            + Files.list(data).filter { $0.hasPrefix("damaged-") }
            + ProcessUse.processes(in: data).map { "process \($0)" }
    }

    /// How many runs and answers are not over. Blocks.
    static func unfinished(in data: String) throws -> Int {
        let database = try database(in: data)
        defer { try? database.close() }
        return try database.read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT (SELECT count(*) FROM runs WHERE finished IS NULL)
                        + (SELECT count(*) FROM outbox WHERE state = 'waiting')
                    """
            ) ?? 0
        }
    }

    /// Takes away the room that the database keeps for changes: then it feels a full disk at once. Blocks.
    static func tidy(_ data: String) throws {
        guard Files.exists("\(data)/store.sqlite") else { return }
        let database = try database(in: data, readonly: false)
        defer { try? database.close() }
        _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    }

    private static func database(in data: String, readonly: Bool = true) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.busyMode = .timeout(10)
        return try DatabaseQueue(path: "\(data)/store.sqlite", configuration: configuration)
    }
}
