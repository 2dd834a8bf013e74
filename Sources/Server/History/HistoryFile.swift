import Basics
import GRDB
import Glibc

/// The database of a service, which may run or not, as another process reads it.
struct HistoryFile: Sendable {
    private let database: DatabaseQueue
    private let path: String
    private let thread: ThreadPool

    /// - Throws: ``ServiceError`` where there is none, ``StoreError`` for one that cannot be used.
    static func open(in directory: String) async throws -> HistoryFile {
        let thread = ThreadPool(name: "history", width: 1)
        let path = "\(directory)/\(Store.fileName)"
        let database = try await thread.run { try open(path) }
        return HistoryFile(database: database, path: path, thread: thread)
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        guard access(path, F_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            throw ServiceError("there is no history at \(path): \(reason); let DATA_DIRECTORY be that of the service")
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "history"
        // The service may be ending, or making a table smaller.
        configuration.busyMode = .timeout(10)
        do {
            let database = try DatabaseQueue(path: path, configuration: configuration)
            let (isNewer, isComplete) = try database.read {
                (try Schema.migrator.hasBeenSuperseded($0), try Schema.migrator.hasCompletedMigrations($0))
            }
            guard !isNewer else { throw StoreError.newer(path) }
            guard isComplete else {
                throw ServiceError("the history \(path) is that of an older version; start the service once with this version")
            }
            return database
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// Reads what the last commit has left.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await thread.run { [database] in try database.read(body) }
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// Copies it as it is at one moment, while the service goes on, and checks the copy.
    ///
    /// - Parameter file: must not exist.
    func backUp(to file: String) async throws {
        try await thread.run { [database] in
            let descriptor = Glibc.open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else {
                let remedy = errno == EEXIST ? "; name a file that does not exist" : ""
                throw ServiceError("cannot back up to \(file): \(String(cString: strerror(errno)))\(remedy)")
            }
            close(descriptor)
            do {
                let copy = try DatabaseQueue(path: file)
                try database.backup(to: copy)
                let findings = try copy.read { try String.fetchAll($0, sql: "PRAGMA integrity_check(1)") }
                try copy.close()
                guard findings == ["ok"] else {
                    throw ServiceError("the copy is damaged, as its source may be: \(findings.joined(separator: "; "))")
                }
            } catch {
                for suffix in ["", "-wal", "-shm", "-journal"] { unlink(file + suffix) }
                throw error is DatabaseError ? StoreError(error, path: file) : error
            }
        }
    }
}
