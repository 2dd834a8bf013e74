import Git
import TestSupport
import Testing

@testable import RepoCache
@testable import Server

@Suite struct MetricsTests {
    @Test("The text of a family, with everything escaped")
    func text() {
        let family = MetricFamily(
            name: "ges_x_total",
            help: "A \\ and a\nbreak and a \"quote\".",
            kind: .counter,
            samples: [
                .init(labels: [.init(name: "a", value: "x"), .init(name: "b", value: "\\ \" \n é")], value: 3),
                .init(value: 0.25),
            ]
        )
        #expect(
            family.text == #"""
                # HELP ges_x_total A \\ and a\nbreak and a "quote".
                # TYPE ges_x_total counter
                ges_x_total{a="x",b="\\ \" \n é"} 3
                ges_x_total 0.25

                """#
        )
    }

    @Test(
        "Numbers are written as Go reads them",
        arguments: [
            (0.0, "0"), (12, "12"), (-1, "-1"), (0.001, "0.001"), (2.5, "2.5"), (1e18, "1000000000000000000"), (1e300, "1e+300"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ]
    )
    func number(value: Double, text: String) {
        #expect(MetricFamily.number(value) == text)
    }

    @Test("A counter has a series for each value that is known; all else is 'other' or nothing")
    func counter() {
        let counter = Counter("c", "Counts.", label: "l", values: ["a", "b", "other"])
        counter.add("a")
        counter.add("a", count: 2)
        counter.add("from outside")
        let counts = counter.family.samples.map { "\($0.labels[0].value) \(Int($0.value))" }
        #expect(counts == ["a 3", "b 0", "other 1"])
        let closed = Counter("c", "Counts.", label: "l", values: ["a"])
        closed.add("from outside")
        #expect(closed.family.samples.map(\.value) == [0])
    }

    @Test("A histogram's buckets hold all that are below; a bound belongs to its bucket")
    func histogram() {
        let histogram = Histogram("h", "Times.", label: "l", values: ["a", "b"], bounds: [0.1, 1])
        for milliseconds in [50, 100, 101, 1_000, 5_000] { histogram.record("a", .milliseconds(milliseconds)) }
        histogram.record("unknown", .seconds(1))
        let family = histogram.family
        let lines = family.text.split(separator: "\n").dropFirst(2)
        #expect(
            lines.prefix(3) == [
                #"h_bucket{l="a",le="0.1"} 2"#, #"h_bucket{l="a",le="1"} 4"#, #"h_bucket{l="a",le="+Inf"} 5"#,
            ]
        )
        #expect(lines.dropFirst(4).first == #"h_count{l="a"} 5"# && lines.last == #"h_count{l="b"} 0"#)
        let sum = family.samples.first { $0.suffix == "_sum" }
        #expect(sum?.labels == [.init(name: "l", value: "a")] && abs((sum?.value ?? 0) - 6.251) < 1e-9)
    }

    @Test("Nothing is lost when many count at once")
    func concurrent() async {
        let counter = Counter("c", "Counts.", label: "l", values: ["a"])
        let histogram = Histogram("h", "Times.", label: "l", values: ["a"], bounds: [1])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.add("a")
                        histogram.record("a", .seconds(1))
                    }
                }
            }
        }
        #expect(counter.family.samples[0].value == 8_000)
        #expect(histogram.family.samples.map(\.value) == [8_000, 8_000, 8_000, 8_000])
    }

    @Test("Refreshes are counted by kind, failures by class")
    func service() {
        let metrics = ServiceMetrics()
        metrics.record(RefreshRecord(project: "p", kind: .unchanged, duration: .milliseconds(4), failureClass: nil))
        metrics.record(RefreshRecord(project: "p", kind: .cached, duration: .seconds(1), failureClass: "host key"))
        metrics.record(RefreshRecord(project: "p", kind: .failed, duration: .seconds(1), failureClass: "never heard of"))
        metrics.count(.accepted, events: 3)
        let text = metrics.families.map(\.text).joined()
        for line in [
            #"ges_refresh_seconds_bucket{kind="unchanged",le="0.0025"} 0"#,
            #"ges_refresh_seconds_bucket{kind="unchanged",le="0.005"} 1"#,
            #"ges_refresh_seconds_count{kind="cached"} 1"#, #"ges_refresh_seconds_count{kind="cloned"} 0"#,
            #"ges_refresh_failures_total{class="host key"} 1"#, #"ges_refresh_failures_total{class="other"} 1"#,
            #"ges_events_total{outcome="accepted"} 3"#,
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }

    @Test("A commit counts the events that it brought in, and the senders who waited when it ended")
    func commits() async throws {
        let (directory, metrics) = (try TemporaryDirectory(), ServiceMetrics())
        let store = try StoreFile(directory: directory.path, metrics: metrics, logger: StoreFixture.quiet).open()
        let (begun, go) = (ThreadGate(), ThreadGate())
        store.write { _ in
            begun.open()
            go.wait()
        } then: { _ in
        }
        begun.wait()
        // The writer is inside of a commit without events. Two senders come, and two changes that nobody waits for.
        store.write(events: 2) { _ in
        } then: { _ in
        }
        store.write(events: 1) { _ in
        } then: { _ in
        }
        store.write { _ in
        } then: { _ in
        }
        await withCheckedContinuation { continuation in
            store.write { _ in
            } then: { _ in
                continuation.resume()
            }
            go.open()
        }
        #expect(store.commits == 2)
        let text = metrics.families.map(\.text).joined()
        for line in [
            #"ges_commit_events_bucket{le="0"} 1"#, "ges_commit_events_sum 3", "ges_commit_events_count 2",
            #"ges_commit_senders_bucket{le="2"} 2"#, "ges_commit_senders_sum 4",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
        await store.close()
    }
}
