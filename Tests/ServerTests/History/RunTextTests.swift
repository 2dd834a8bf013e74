import Testing

@testable import Server

@Suite struct RunTextTests {
    private static let run = RunRecord(
        sequence: 7,
        id: "r-7",
        event: .init(id: "e\u{1B}[2J", type: "sh.keptn.event.test.triggered", source: "shipyard", context: "c"),
        project: "shop",
        stage: "dev",
        service: nil,
        state: .failed,
        result: "fail",
        message: "it broke\nbadly",
        received: 1_700_000_000_000,
        started: 1_700_000_001_000,
        finished: 1_700_000_126_000,
        commits: RunCommits(stage: "da15"),
        rerunOf: "r-1",
        steps: [
            .init(
                file: "test.triggered.sh",
                level: "stage",
                commit: "da1560886d4f094c",
                result: "fail",
                exit: 3,
                signal: nil,
                status: nil,
                milliseconds: 340,
                reason: "exit status 3"
            )
        ],
        answers: [
            .init(id: "a", type: "t.finished", state: "waiting", attempts: 2, reason: "refused", created: 0, settled: nil)
        ]
    )

    @Test("A list is a table")
    func list() {
        let waiting = RunRecord(
            sequence: 8,
            id: "r-8",
            event: .init(id: "e", type: "my.type", source: "s", context: nil),
            project: nil,
            stage: nil,
            service: nil,
            state: .started,
            result: nil,
            message: nil,
            received: 1_700_000_200_000,
            started: nil,
            finished: nil,
            commits: RunCommits(),
            rerunOf: nil
        )
        #expect(
            RunText.list(RunPage(runs: [waiting, Self.run], next: 7), now: 0) == [
                "TIME (UTC)           STATE    TOOK   PROJECT/STAGE/SERVICE  TYPE            ID",
                "2023-11-14 22:16:40  waiting  -      -/-/-                  my.type         r-8",
                "2023-11-14 22:13:20  fail     2m05s  shop/dev/-             test.triggered  r-7", "more with --cursor 7",
            ]
        )
        #expect(RunText.list(RunPage(), now: 0) == ["no run was found"])
    }

    @Test("A run is shown with all that is known of it")
    func show() {
        #expect(
            RunText.lines(of: Self.run, now: 0) == [
                "run       r-7", "event     sh.keptn.event.test.triggered", "          e?[2J of shipyard", "context   c",
                "scope     shop/dev/-", "state     failed, fail", "received  2023-11-14 22:13:20 UTC",
                "started   2023-11-14 22:13:21 UTC", "finished  2023-11-14 22:15:26 UTC, took 2m05s", "commit    da15 (stage)",
                "repeats   r-1",
                "file 1    test.triggered.sh  stage level, commit da1560886d4f: fail (exit status 3), took 340ms",
                "sent      t.finished: waiting after 2 attempts (refused)", "", "it broke\nbadly",
            ]
        )
    }

    @Test(
        "Times are short",
        arguments: [
            (0, "0ms"), (999, "999ms"), (1_000, "1.0s"), (59_999, "59.9s"), (60_000, "1m00s"), (3_599_999, "59m59s"),
            (3_720_000, "1h02m"),
        ]
    )
    func durations(milliseconds: Int64, text: String) { #expect(RunText.text(of: milliseconds) == text) }
}
