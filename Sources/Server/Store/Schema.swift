import GRDB

/// The tables, and how a file of an older program becomes one of this. A migration that was released is never changed.
///
/// Times are milliseconds since 1970-01-01T00:00:00Z.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: first) }
        return migrator
    }

    /// - `runs`: one row for each event that was accepted, and for each re-run; `sequence` is the order of arrival. `depth` tells how many
    ///   of our own follow-ups led to the event, -1 that it is an answer of ours. `is_started`: Keptn was told, or will be. The
    ///   indexes of what is over end with the sequence by themselves, and so give the history's order; they cost nothing while a sender
    ///   waits. `bytes` are those of its output's file.
    /// - `events`: as they came.
    /// - `seen`: which events were accepted, longer than their runs are kept.
    /// - `steps`: the files of a run, from the plan on; what came of each, in the end.
    /// - `outbox`: what is sent, in order per context. `due` is set for the first that waits of each context, and for no other; 0 is
    ///   at once, whatever the clock says.
    /// - `probe`: a row that is written to see whether anything can be.
    private static let first = """
        CREATE TABLE runs (
            sequence INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            event_id TEXT NOT NULL,
            event_source TEXT NOT NULL,
            event_type TEXT NOT NULL,
            context TEXT,
            project TEXT,
            stage TEXT,
            service TEXT,
            depth INTEGER NOT NULL DEFAULT 0,
            received INTEGER NOT NULL,
            started INTEGER,
            finished INTEGER,
            state TEXT NOT NULL,
            is_started INTEGER NOT NULL DEFAULT 0,
            runs_again INTEGER NOT NULL DEFAULT 0,
            rerun_of TEXT,
            is_silent INTEGER NOT NULL DEFAULT 0,
            pinned_commit TEXT,
            stage_commit TEXT,
            project_commit TEXT,
            result TEXT,
            bytes INTEGER NOT NULL DEFAULT 0,
            message TEXT
        );
        CREATE INDEX runs_unfinished ON runs (sequence) WHERE finished IS NULL;
        CREATE INDEX runs_received ON runs (received);
        CREATE INDEX runs_project ON runs (project) WHERE finished IS NOT NULL;
        CREATE INDEX runs_stage ON runs (stage) WHERE finished IS NOT NULL;
        CREATE INDEX runs_service ON runs (service) WHERE finished IS NOT NULL;
        CREATE INDEX runs_type ON runs (event_type) WHERE finished IS NOT NULL;
        CREATE INDEX runs_state ON runs (state) WHERE finished IS NOT NULL;
        CREATE INDEX runs_result ON runs (result) WHERE finished IS NOT NULL;
        CREATE TABLE events (
            run INTEGER PRIMARY KEY,
            raw BLOB NOT NULL
        );
        CREATE TABLE seen (
            source TEXT NOT NULL,
            id TEXT NOT NULL,
            run TEXT NOT NULL,
            time INTEGER NOT NULL,
            PRIMARY KEY (source, id)
        ) WITHOUT ROWID;
        CREATE INDEX seen_time ON seen (time);
        CREATE TABLE steps (
            run INTEGER NOT NULL,
            number INTEGER NOT NULL,
            file TEXT NOT NULL,
            level TEXT NOT NULL,
            branch TEXT NOT NULL,
            commit_id TEXT NOT NULL,
            folder TEXT NOT NULL,
            result TEXT,
            exit INTEGER,
            signal INTEGER,
            status INTEGER,
            milliseconds INTEGER,
            reason TEXT,
            PRIMARY KEY (run, number)
        ) WITHOUT ROWID;
        CREATE TABLE outbox (
            sequence INTEGER PRIMARY KEY,
            run INTEGER NOT NULL,
            id TEXT NOT NULL UNIQUE,
            type TEXT NOT NULL,
            context TEXT NOT NULL,
            depth INTEGER NOT NULL,
            created INTEGER NOT NULL,
            due INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0,
            state TEXT NOT NULL,
            settled INTEGER,
            reason TEXT,
            raw BLOB
        );
        CREATE INDEX outbox_due ON outbox (due) WHERE due IS NOT NULL;
        CREATE INDEX outbox_waiting ON outbox (context, sequence) WHERE state = 'waiting';
        CREATE INDEX outbox_run ON outbox (run);
        CREATE TABLE probe (
            id INTEGER PRIMARY KEY,
            time INTEGER NOT NULL
        );
        """
}
