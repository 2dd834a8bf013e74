import Basics
import Measuring
import Processes
import TestSupport

/// A `DATA_DIRECTORY` in which much has happened.
struct LongHistory {
    let directory: TemporaryDirectory

    /// - Parameter directory: the service was started in it, and has ended.
    init(of runs: Int, in directory: TemporaryDirectory) async throws {
        self.directory = directory
        let command = Command(
            "/usr/bin/python3",
            ["-c", Self.script, directory.path + "/store.sqlite", "\(runs)"],
            environment: ["PATH": "/usr/bin:/bin"]
        )
        let result = try await command.collect(until: .after(.seconds(1_800)))
        guard result.exit.isSuccess else {
            throw BenchmarkError("python3 could not fill the database: \(result.standardError.text)")
        }
    }

    /// Writes runs as a Keptn of some years has them, into the tables that the service has made: each with its event, one file, and two
    /// answers that were delivered. Ids of events are random, as Keptn's are, so that what is sorted by them is as scattered.
    ///
    /// Indexes of several columns are made anew at the end, which takes a tenth of the time.
    private static let script = #"""
        import os, sqlite3, sys

        path, count = sys.argv[1], int(sys.argv[2])
        database = sqlite3.connect(path, isolation_level=None)
        for pragma in "synchronous = OFF", "cache_size = -2000000", "wal_autocheckpoint = 100000", "temp_store = MEMORY":
            database.execute("PRAGMA " + pragma)
        indexes = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        for name, _ in indexes:
            database.execute("DROP INDEX " + name)

        def uuid(high, low):
            """The words of an SQL expression: a random UUID for random numbers."""
            return f"printf('%08x-%04x-4%03x-8%03x-%012x', ({high} >> 28) & 0xffffffff, ({high} >> 12) & 0xffff, " \
                f"{high} & 0xfff, ({low} >> 48) & 0xfff, {low} & 0xffffffffffff)"

        # Times go back from now, three seconds between two runs; ids of runs begin with them.
        database.execute("BEGIN")
        database.execute(f"""
            CREATE TEMP TABLE history AS
            WITH RECURSIVE
                numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}),
                times (n, t, a, b) AS MATERIALIZED (
                    SELECT n, CAST(strftime('%s') AS INTEGER) * 1000 - ({count} - n) * 3000, random(), random() FROM numbers
                )
            SELECT n, t, {uuid("a", "b")} AS event, {uuid("b", "a")} AS context,
                printf('%08x-%04x-7%03x-8%03x-%012x', t >> 16, t & 0xffff, a & 0xfff, b & 0xfff, b & 0xffffffffffff) AS run,
                'project-' || (a & 15) AS project, CASE n % 3 WHEN 0 THEN 'dev' WHEN 1 THEN 'staging' ELSE 'production' END AS stage,
                'service-' || ((b & 0xffff) % 200) AS service,
                'sh.keptn.event.' || CASE (a >> 8) & 7 WHEN 0 THEN 'deployment' WHEN 1 THEN 'test' WHEN 2 THEN 'evaluation'
                    WHEN 3 THEN 'release' WHEN 4 THEN 'rollback' WHEN 5 THEN 'action' ELSE 'bench' END AS task,
                CASE WHEN (a >> 16) & 15 < 13 THEN 'pass' WHEN (a >> 16) & 15 = 13 THEN 'fail'
                    WHEN (a >> 16) & 15 = 14 THEN 'errored' END AS result
            FROM times
            """)
        database.execute("""
            INSERT INTO runs (sequence, id, event_id, event_source, event_type, context, project, stage, service, received, started,
                finished, state, is_started, stage_commit, project_commit, result, bytes, message)
            SELECT n, run, event, 'shipyard-controller', task || '.triggered', context, project, stage, service, t, t + 20, t + 900,
                CASE result WHEN 'pass' THEN 'finished' WHEN 'fail' THEN 'failed' WHEN 'errored' THEN 'errored'
                    ELSE 'nothing to run' END,
                result IS NOT NULL, lower(hex(randomblob(20))), lower(hex(randomblob(20))), result, 900,
                'all went as it was wanted, and this is what the script had to say of it'
            FROM history
            """)
        database.execute("""
            INSERT INTO events SELECT n, CAST(json_object('specversion', '1.0', 'id', event, 'source', 'shipyard-controller',
                'type', task || '.triggered', 'shkeptncontext', context, 'datacontenttype', 'application/json',
                'data', json_object('project', project, 'stage', stage, 'service', service, 'labels', json_object('build', n),
                    'message', hex(randomblob(100)))) AS BLOB) FROM history
            """)
        database.execute("INSERT INTO seen SELECT 'shipyard-controller', event, run, t FROM history")
        database.execute("""
            INSERT INTO steps SELECT n, 0, 'genericexecutor/bench.triggered.sh', 'service', stage, lower(hex(randomblob(20))),
                'genericexecutor', result, 0, NULL, NULL, 850, NULL FROM history WHERE result IS NOT NULL
            """)
        database.execute(f"""
            WITH answers (n, t, context, task, kind, a, b) AS MATERIALIZED (
                SELECT n, t, context, task, column1, random(), random() FROM history, (VALUES ('.started'), ('.finished'))
                WHERE result IS NOT NULL
            )
            INSERT INTO outbox (run, id, type, context, depth, created, attempts, state, settled)
            SELECT n, {uuid("a", "b")}, task || kind, context, -1, t, 1, 'delivered', t + 30 FROM answers ORDER BY n
            """)
        for _, sql in indexes:
            database.execute(sql)
        database.execute("COMMIT")
        # What it is cannot be told from one that the service has ended well with, and the disk is quiet again.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        os.sync()
        """#
}
