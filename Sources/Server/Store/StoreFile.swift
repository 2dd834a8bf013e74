import Basics
import GRDB
import Glibc
import Logging

/// Opens the database's file, whatever state it is in.
struct StoreFile: Sendable {
    /// How much a commit waits for (`DATA_SYNC`).
    enum Sync: String, Sendable, CaseIterable {
        /// For the disk: what was committed outlives a power cut.
        case full
        /// For nothing: a power cut loses the last events and may damage the database. For what is thrown away anyhow.
        case off
    }

    private static let journalLimit = 64 << 20
    /// Pages of the journal, after which they are merged into the file: what changes often, such as the ends of indexes, is then written
    /// once for several hundred commits, and its disk is waited for as seldom.
    private static let checkpointPages = 4_000
    /// KiB of pages that the writer keeps: enough for the inner nodes of the indexes by random ids, whose leaves push them out of less
    /// when there are millions of them.
    private static let writerCache = 8_192
    /// Readers look at a few neighbouring rows.
    private static let readerCache = 512

    let directory: String
    var sync = Sync.full
    var metrics = ServiceMetrics()
    let logger: Logger

    private var path: String { "\(directory)/\(Store.fileName)" }

    /// Opens the database, or makes it. One that is damaged is set aside under another name; what can still be read of its unfinished
    /// runs and unsent answers goes into the new one. Blocks; after an unclean end for as long as the whole file takes to be checked.
    ///
    /// - Throws: ``StoreError``, if the file cannot be used or a newer program has written it.
    func open() throws -> Store {
        // The last user of a database that was closed well takes the journal away.
        let isUnclean = Files.size(path + "-wal") > 0
        do {
            return Store(try open(checking: isUnclean), metrics: metrics, logger: logger)
        } catch {
            let error = StoreError(error, path: path)
            guard error.kind == .damaged else { throw error }
            let aside = try setAside()
            logger.error(
                "the database is damaged and was set aside; a new one was begun",
                metadata: ["reason": "\(error)", "aside": "\(aside)"]
            )
            let database = try open(checking: false)
            let rescued = Salvage(from: "\(aside)/\(Store.fileName)").run(into: database)
            logger.notice(
                "rescued from the damaged database",
                metadata: ["runs": "\(rescued.runs)", "answers": "\(rescued.answers)"]
            )
            return Store(database, metrics: metrics, logger: logger)
        }
    }

    private func open(checking isUnclean: Bool) throws -> DatabasePool {
        if Files.size(path) > 0 {
            try look(checking: isUnclean)
        } else if isUnclean {
            // SQLite would take the journal for nobody's and remove it.
            throw StoreError(kind: .damaged, description: "the database \(path) is empty or gone, and its journal is not")
        }
        var configuration = configuration
        configuration.maximumReaderCount = Store.readerCount
        configuration.prepareDatabase { database in
            let cache = database.configuration.readonly ? Self.readerCache : Self.writerCache
            try database.execute(sql: "PRAGMA cache_size = -\(cache)")
            // Before the first table; ignored afterwards.
            if !database.configuration.readonly { try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
        }
        try create()
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = \(sync.rawValue)")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
            // A long reader lets the journal grow; it need not stay so.
            try database.execute(sql: "PRAGMA journal_size_limit = \(Self.journalLimit)")
        }
        try Schema.migrator.migrate(pool)
        return pool
    }

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.foreignKeysEnabled = false
        // Another process may read the history or copy it.
        configuration.busyMode = .timeout(10)
        return configuration
    }

    /// Looks at the file before anything in it is changed.
    private func look(checking isUnclean: Bool) throws {
        var configuration = configuration
        configuration.readonly = true
        let database = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? database.close() }
        if try database.read(Schema.migrator.hasBeenSuperseded) { throw StoreError.newer(path) }
        guard isUnclean else { return }
        logger.notice("the service did not end well: checking the database", metadata: ["path": "\(path)"])
        let findings = try database.read { try String.fetchAll($0, sql: "PRAGMA integrity_check(3)") }
        guard findings != ["ok"] else { return }
        throw StoreError(kind: .damaged, description: "the database \(path) is damaged: \(findings.joined(separator: "; "))")
    }

    /// Events hold what is nobody else's business; SQLite gives the files beside it the same mode.
    private func create() throws(FileError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileError("open", path, errno: errno) }
        close(descriptor)
    }

    /// Moves the file, with what belongs to it, into a directory of its own.
    ///
    /// - Returns: that directory.
    private func setAside() throws(FileError) -> String {
        let aside = try Files.createUniqueDirectory("\(directory)/damaged-")
        for suffix in ["", "-wal", "-shm"] {
            let (old, new) = (path + suffix, "\(aside)/\(Store.fileName)\(suffix)")
            guard rename(old, new) == 0 || errno == ENOENT else { throw FileError("set aside", old, errno: errno) }
        }
        return aside
    }
}
