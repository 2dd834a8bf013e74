import CloudEvents
import GRDB
import Model
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct RunSearchTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func page(_ query: RunQuery) async throws -> RunPage {
        try await fixture.store.read { try HistoryTable.page(query, in: $0) }
    }

    private func found(_ filter: RunFilter) async throws -> [Int64] {
        try await page(RunQuery(filter: filter)).runs.map(\.sequence)
    }

    @Test("Each filter, and several together, find the runs that meet them, the newest first")
    func filters() async throws {
        try await fixture.add([
            .init(received: 1_000, result: .pass),
            .init(stage: "prod", received: 2_000, result: .fail),
            .init(service: "orders", type: "sh.keptn.event.deployment.triggered", received: 3_000, result: .errored),
            .init(project: "blog", stage: nil, service: nil, received: 4_000, result: .fail, isCancelled: true),
            .init(received: 5_000, isRunning: true),
            .init(received: 6_000),
        ])
        let rows: [(RunFilter, [Int64])] = [
            (RunFilter(), [6, 5, 4, 3, 2, 1]),
            (RunFilter(project: "shop"), [6, 5, 3, 2, 1]), (RunFilter(project: "blog"), [4]), (RunFilter(project: "sho"), []),
            (RunFilter(stage: "prod"), [2]), (RunFilter(service: "carts"), [6, 5, 2, 1]),
            (RunFilter(type: "sh.keptn.event.deployment.triggered"), [3]),
            (RunFilter(result: .pass), [1]), (RunFilter(result: .fail), [4, 2]), (RunFilter(result: .errored), [3]),
            (RunFilter(state: .received), [6]), (RunFilter(state: .running), [5]), (RunFilter(state: .cancelled), [4]),
            (RunFilter(state: .failed), [2]), (RunFilter(state: .planned), []),
            (RunFilter(since: 3_000), [6, 5, 4, 3]), (RunFilter(until: 3_000), [2, 1]),
            (RunFilter(since: 2_000, until: 5_000), [4, 3, 2]),
            (RunFilter(since: 7_000), []), (RunFilter(until: 1_000), []), (RunFilter(since: 4_000, until: 2_000), []),
            (RunFilter(project: "shop", stage: "dev", result: .pass), [1]), (RunFilter(service: "carts", state: .received), [6]),
            (RunFilter(project: "shop", result: .fail, since: 1_500), [2]), (RunFilter(result: .fail, state: .failed), [2]),
            (RunFilter(result: .fail, state: .running), []),
        ]
        for (filter, expected) in rows { #expect(try await found(filter) == expected, "\(filter)") }
    }

    @Test("Times find their runs also after the clock was set back")
    func clockSetBack() async throws {
        try await fixture.add([10_000, 20_000, 30_000, 15_000, 25_000].map { .init(received: $0) })
        #expect(try await found(RunFilter(since: 20_000)) == [5, 3, 2])
        #expect(try await found(RunFilter(until: 20_000)) == [4, 1])
        #expect(try await found(RunFilter(since: 12_000, until: 26_000)) == [5, 4, 2])
    }

    @Test("Whatever is asked for is found by an index, in order, without sorting")
    func plans() async throws {
        var filters: [RunFilter] = [
            RunFilter(project: "p"), RunFilter(stage: "p"), RunFilter(service: "p"), RunFilter(type: "p"), RunFilter(since: 1),
            RunFilter(until: 1), RunFilter(since: 1, until: 2),
        ]
        filters += RunResult.allCases.map { RunFilter(result: $0) } + RunState.allCases.map { RunFilter(state: $0) }
        filters += filters.map { filter in
            var filter = filter
            filter.project = "p"
            filter.stage = "s"
            return filter
        }
        for filter in filters {
            for before in [nil, 1_000] as [Int64?] {
                let hasTime = filter.since != nil || filter.until != nil
                let query = RunQuery(filter: filter, before: before)
                for search in RunSearch.all(for: query, bounds: hasTime ? 1...9 : .min ... .max) {
                    let plan = try await plan(of: search)
                    #expect(plan.count == 1 && !plan.contains { $0.contains("B-TREE") }, "\(filter): \(plan)")
                    #expect(
                        plan.allSatisfy { $0.hasPrefix("SEARCH") || $0.contains("INDEX runs_unfinished") },
                        "\(filter): \(plan)"
                    )
                }
            }
        }
    }

    private func plan(of search: RunSearch) async throws -> [String] {
        try await fixture.store.read { database in
            var arguments: StatementArguments = [1]
            arguments += search.arguments
            arguments += [50]
            let sql = "EXPLAIN QUERY PLAN " + HistoryTable.list(search)
            return try Row.fetchAll(database, sql: sql, arguments: arguments).map { $0["detail"] as String }
        }
    }

    @Test("Pages hold each run once, whatever comes in meanwhile")
    func paging() async throws {
        let old = try await fixture.add((0..<95).map { _ in .init(result: .pass) })
        let writer = Task { [fixture] in
            while !Task.isCancelled { try await fixture.add([.init(result: .pass)]) }
        }
        var query = RunQuery(filter: RunFilter(project: "shop"), limit: 10)
        var (seen, sizes): ([String], [Int]) = ([], [])
        // The first page may already begin with newer ones: only what there was is looked at.
        repeat {
            let page = try await page(query)
            seen += page.runs.map(\.id)
            sizes.append(page.runs.count)
            query.before = page.next
        } while query.before != nil
        writer.cancel()
        _ = await writer.result
        #expect(sizes.dropLast().allSatisfy { $0 == 10 })
        #expect(Set(seen).count == seen.count)
        #expect(seen.suffix(95) == old.reversed()[...])
    }

    @Test("A page that is just full is the last")
    func lastPage() async throws {
        try await fixture.add([.init(), .init()])
        #expect(try await page(RunQuery(limit: 2)).next == nil)
        let first = try await page(RunQuery(limit: 1))
        #expect(first.next == 2)
        #expect(try await page(RunQuery(limit: 1, before: first.next)).next == nil)
    }

    @Test("A list has the files of each run, and the beginning of its message; a run has all")
    func content() async throws {
        let message = String(repeating: "€", count: 1_000)
        let commits = RunCommits(stage: "da15", project: "c0de")
        let ids = try await fixture.add([.init(result: .fail, message: message, commits: commits), .init()])
        let runs = try await page(RunQuery()).runs
        #expect(runs.map(\.id) == ids.reversed())
        #expect(runs[1].message == String(repeating: "€", count: 341) && runs[1].answers == nil)
        #expect(runs[1].steps.map(\.file) == ["test.triggered.sh"] && runs[0].steps == [])
        let event = StoreFixture.event("answer", context: "context")
        try await fixture.store.write {
            try OutboxTable.insert(OutgoingEvent(event: event, origin: .answer), of: 1, now: 2_000, in: $0)
        }
        let run = try #require(try await fixture.store.read { try HistoryTable.run(ids[0], in: $0) })
        #expect(
            run.json.text == """
                {"id":"\(ids[0])","event":{"id":"event","type":"sh.keptn.event.test.triggered","source":"test","context":"context"},\
                "project":"shop","stage":"dev","service":"carts","state":"failed","result":"fail","message":"\(message)",\
                "received":"1970-01-01T00:00:01Z","started":"1970-01-01T00:00:01.5Z","finished":"1970-01-01T00:00:02.5Z",\
                "commits":{"stage":"da15","project":"c0de"},"steps":[{"file":"test.triggered.sh","level":"service",\
                "commit":"da15","result":"fail","exit":3,"signal":null,"status":null,"seconds":0.25,"reason":"exit status 3"}],\
                "rerun_of":null,"answers":[{"id":"answer","type":"sh.keptn.event.test.triggered","state":"waiting","attempts":0,\
                "reason":null,"created":"1970-01-01T00:00:02Z","settled":null}]}
                """
        )
        #expect(try await fixture.store.read { try HistoryTable.run("other", in: $0) } == nil)
    }
}
