import Basics
import Curl
import Glibc
import Model
import Synchronization
import TestSupport
import Testing

@testable import Executor

@Suite(.timeLimit(.minutes(3))) struct RunOutputTests {
    private let directory = try! TemporaryDirectory()
    private let pool = ThreadPool(name: "output-test", width: 2)

    private func output(limit: Int = 1 << 20) -> RunOutput {
        RunOutput(directory: "\(directory.path)/out-", limit: limit, pool: pool)
    }

    @Test("A small output is text and records, and costs no file")
    func small() async throws {
        let output = output()
        let step = output.begin("a.sh")
        output.append(OutputChunk(source: .service, text: "note\n", time: 1), of: "a.sh", to: step)
        output.append(OutputChunk(source: .output, text: "one\n", time: 2), of: "a.sh", to: step)
        output.append(OutputChunk(source: .errors, text: "two\n", time: 3), of: "a.sh", to: step)
        #expect(await step.text() == "one\ntwo\n")
        let records = await output.records()
        #expect(records.map(\.chunk.text) == ["note\n", "one\n", "two\n"])
        #expect(records.map(\.chunk.source) == [.service, .output, .errors])
        #expect(records.map(\.chunk.time) == [1, 2, 3])
        #expect(records.map(\.number) == [0, 1, 2])
        #expect(try Files.list(directory.path) == [])
    }

    @Test(
        "A long output is kept on disk, within its limit, beginning and end, cut between characters",
        arguments: [(100_000, 1), (100_000, 999), (1 << 20, 65_536), (70_001, 7_777)]
    )
    func long(limit: Int, size: Int) async throws {
        let output = output(limit: limit)
        let step = output.begin("a.sh")
        let piece = String(repeating: "€", count: size)
        var count = 0
        var number = 0
        while count < 5 * limit {
            let text = "\(number):\(size == 1 && number % 2 == 0 ? "" : piece)\n"
            output.append(OutputChunk(source: .output, text: text), of: "a.sh", to: step)
            count += text.utf8.count
            number += 1
            if size > 9_000 { while step.isBehind { sched_yield() } }
        }
        let text = await step.text()
        #expect(text.utf8.count <= limit)
        #expect(text.utf8.count > limit / 2)
        #expect(text.hasPrefix("0:"))
        #expect(text.hasSuffix("€\n") || size == 1)
        #expect(!text.contains("\u{FFFD}"))
        let left = try #require(text.firstMatch(of: /\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n/))
        let shown = text.utf8.count - left.0.utf8.count
        #expect(Int(left.1) == count - shown)
        let records = await output.records()
        let notes = records.filter { $0.chunk.source == .service }
        let rest = records.filter { $0.chunk.source != .service }.map(\.chunk.text.utf8.count).reduce(0, +)
        #expect(notes.map(\.chunk.text) == ["\n[... \(count - rest) bytes left out ...]\n"])
        #expect(records.map(\.number) == records.map(\.number).sorted())
        let onDisk = try Files.list(directory.path).map { "\(directory.path)/\($0)/0" }
        let bytes = try onDisk.flatMap { place in try Files.list(place).map { Files.size("\(place)/\($0)") } }.reduce(0, +)
        #expect(bytes < 2 * limit + 1_000_000)
        output.remove()
        #expect(try Files.list(directory.path) == [])
    }

    @Test("An output that is longer than memory and shorter than the limit is whole")
    func whole() async throws {
        let output = output()
        defer { output.remove() }
        let step = output.begin("a.sh")
        var expected = ""
        for number in 0..<20_000 {
            let text = "line \(number) ü\n"
            expected += text
            output.append(OutputChunk(source: number % 2 == 0 ? .output : .errors, text: text), of: "a.sh", to: step)
        }
        #expect(await step.text() == expected)
        #expect(await output.records().map(\.chunk.text).joined() == expected)
    }

    @Test("Followers see all from the beginning to the end, whenever they come, also over several files")
    func followers() async throws {
        let output = output()
        defer { output.remove() }
        let expected = (0..<60).map { "\($0 % 2 == 0 ? "a.sh" : "b.py") \($0)" }
        try await withThrowingTaskGroup(of: [String].self) { group in
            for number in expected.indices {
                if number % 10 == 0 {
                    let follower = output.follow()
                    group.addTask {
                        var seen: [String] = []
                        for await record in follower { seen.append("\(record.file) \(record.chunk.text)") }
                        return seen
                    }
                }
                let file = number % 2 == 0 ? "a.sh" : "b.py"
                output.append(OutputChunk(source: .output, text: "\(number)"), of: file, to: output.begin(file))
            }
            output.finish()
            let late = output.follow()
            group.addTask {
                var seen: [String] = []
                for await record in late { seen.append("\(record.file) \(record.chunk.text)") }
                return seen
            }
            for try await seen in group { #expect(seen == expected) }
        }
    }

    @Test("A follower that reads too slowly is told so and left behind; the others and the run are not")
    func slowFollower() async throws {
        let output = output()
        defer { output.remove() }
        let step = output.begin("a.sh")
        let (slow, quick) = (output.follow(), output.follow())
        var reader = quick.makeAsyncIterator()
        for number in 0..<1_000 {
            output.append(OutputChunk(source: .output, text: "\(number)\n"), of: "a.sh", to: step)
            #expect(await reader.next()?.chunk.text == "\(number)\n")
        }
        output.finish()
        #expect(await reader.next() == nil)
        var seen: [OutputRecord] = []
        for await record in slow { seen.append(record) }
        #expect(seen.count < 300)
        #expect(seen.last?.chunk.source == .service)
        #expect(seen.last?.chunk.text.contains("too slowly") == true)
        #expect(seen.dropLast().map(\.chunk.text) == (0..<(seen.count - 1)).map { "\($0)\n" })
    }

    @Test("Who stops reading goes on later from the last number that was read: nothing comes twice, nothing is missing")
    func resumed() async throws {
        let output = output()
        defer { output.remove() }
        let step = output.begin("a.sh")
        var (number, last, seen) = (0, -1, "")
        for round in 0..<10 {
            for _ in 0..<20 {
                output.append(OutputChunk(source: .output, text: "\(number)\n"), of: "a.sh", to: step)
                number += 1
            }
            var reader = output.follow().makeAsyncIterator()
            for _ in 0..<20 {
                output.append(OutputChunk(source: .output, text: "\(number)\n"), of: "a.sh", to: step)
                number += 1
            }
            // Some of what it could have is left for the next time.
            for _ in 0..<(5 + round) {
                guard let record = await reader.next(), record.number > last else { continue }
                (last, seen) = (record.number, seen + record.chunk.text)
            }
        }
        output.finish()
        for record in await output.records() where record.number > last { seen += record.chunk.text }
        #expect(seen == (0..<number).map { "\($0)\n" }.joined())
    }

    @Test("Many small pieces are joined, but not across the beginning of a follower")
    func joined() async throws {
        let output = output()
        defer { output.remove() }
        let step = output.begin("a.sh")
        var follower: OutputFollower?
        for number in 0..<200_000 {
            if number == 199_990 { follower = output.follow() }
            output.append(OutputChunk(source: .output, text: String(number % 10)), of: "a.sh", to: step)
        }
        output.finish()
        let expected = String(repeating: "0123456789", count: 20_000)
        #expect(await step.text() == expected)
        let records = await output.records()
        #expect(records.map(\.chunk.text).joined() == expected)
        #expect(records.count < 20_000)
        var seen = ""
        for await record in try #require(follower) { seen += record.chunk.text }
        #expect(seen == expected)
    }

    @Test("Pieces that cannot be joined are bounded, too: in memory, on disk and when they are read")
    func manyTiny() async throws {
        let output = output(limit: 100_000)
        defer { output.remove() }
        let step = output.begin("a.sh")
        for number in 0..<100_000 {
            output.append(OutputChunk(source: number % 2 == 0 ? .output : .errors, text: "x"), of: "a.sh", to: step)
            while step.isBehind { sched_yield() }
        }
        #expect(await step.text().hasSuffix("x"))
        #expect(await output.records().count < 100_000 * 3 / 2 / 32 + 2)
    }

    @Test("Floods do not keep other work from the threads that write them")
    func floods() async throws {
        let output = output()
        defer { output.remove() }
        let isOver = Flag()
        let piece = String(repeating: "x", count: 60_000)
        let programs = ThreadPool(name: "floods", width: 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                let step = output.begin("\(number).sh")
                group.addTask {
                    try await programs.run {
                        while !isOver.value.load(ordering: .relaxed) {
                            output.append(OutputChunk(source: .output, text: piece), of: "a.sh", to: step)
                            if step.isBehind { usleep(1_000) }
                        }
                    }
                }
            }
            for _ in 0..<20 { try await pool.run {} }
            isOver.value.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
    }

    @Test("A disk that takes nothing loses the middle of the output, not the run")
    func brokenDisk() async throws {
        let output = RunOutput(directory: "\(directory.path)/no/such/place/out-", limit: 1 << 20, pool: pool)
        let step = output.begin("a.sh")
        for number in 0..<50_000 { output.append(OutputChunk(source: .output, text: "line \(number)\n"), of: "a.sh", to: step) }
        let text = await step.text()
        #expect(text.hasPrefix("line 0\n"))
        #expect(text.contains("line 49999\n"))
        #expect(text.contains("bytes left out"))
        #expect(text.contains("could not be kept: cannot "))
    }

    @Test("Records are read as they were written, also from a file that ends in the middle")
    func frames() {
        let records = (0..<20).map { number in
            let text = String(repeating: "a\n€ 1 2 output 3\n", count: number)
            return OutputRecord(number: number, file: "a.sh", chunk: OutputChunk(source: .errors, text: text, time: 5))
        }
        var bytes: [UInt8] = []
        for record in records { record.appendFrame(to: &bytes) }
        #expect(OutputRecord.parse(bytes, file: "a.sh") == records)
        for cut in stride(from: 0, to: bytes.count, by: 7) {
            let read = OutputRecord.parse(Array(bytes[..<cut]), file: "a.sh")
            #expect(read == Array(records.prefix(read.count)))
        }
    }

    @Test("Random bytes are never taken for more than they are")
    func randomFrames() {
        var fuzzer = Fuzzer(seed: UInt64.random(in: 0...UInt64.max))
        for _ in 0..<5_000 {
            let alphabet = Array("0123456789 \noutpuerrsvic-".utf8)
            let bytes = (0..<Int.random(in: 0...60, using: &fuzzer)).map { _ in alphabet.randomElement(using: &fuzzer)! }
            let size = OutputRecord.parse(bytes, file: "a").map(\.chunk.text.utf8.count).reduce(0, +)
            #expect(size <= bytes.count)
        }
    }

    @Test("A follower sees what a script prints while it runs")
    func live() async throws {
        let workshop = try Workshop()
        try workshop.write("test.triggered.sh", "date +%s%3N; until [ -e $ENV_SEEN ]; do sleep 0.01; done; echo last")
        var settings = workshop.settings
        let seen = "\(workshop.directory.path)/seen"
        settings.serviceEnvironment["SEEN"] = seen
        let executor = try Executor(settings: settings, client: HTTPClient())
        let plan = await executor.plan(.sample(), in: workshop.snapshot)
        let output = executor.output(of: "run-live")
        async let outcome = executor.run(.sample(), plan: plan, runID: "run-live", output: output)
        var records: [OutputRecord] = []
        for await record in output.follow() {
            records.append(record)
            guard records.count == 1 else { continue }
            if let printed = Int64(record.chunk.text.dropLast()) {
                print("seen \(OutputChunk.now - printed) ms after it was printed")
            }
            // The script waits for this: it would run into its time limit if nobody saw the first line.
            try Files.write([], to: seen)
        }
        #expect(await outcome.result == .pass)
        #expect(records.map(\.file) == ["test.triggered.sh", "test.triggered.sh"])
        #expect(records.last?.chunk.text == "last\n")
    }
}

private final class Flag: Sendable {
    let value = Atomic(false)
}
