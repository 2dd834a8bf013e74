import Glibc
import Measuring
import Serving
import TestSupport

/// Measures what accepting an event costs: beside the same without waiting for the disk, beside plain appends that are flushed, and
/// with a long history. See docs/performance.md.
@main struct BenchAccept {
    private let options: Options
    private let load: LoadGenerator

    static func main() async {
        guard let options = Options(CommandLine.arguments.dropFirst()) else { Console.refuse(Options.usage) }
        signal(SIGPIPE, SIG_IGN)
        let figures: Figures<Contender.Name>
        do {
            figures = try await BenchAccept(options).figures()
        } catch {
            Console.tell("bench-accept: \(error)")
            exit(1)
        }
        let marks = Mark.all(figures)
        print("Times in milliseconds.\n\n\(Table(figures))\n\(Table(marks))", terminator: "")
        if options.isStrict, marks.contains(where: { !$0.isMet }) { exit(1) }
    }

    private init(_ options: Options) throws {
        self.options = options
        load = try LoadGenerator()
    }

    private func figures() async throws -> Figures<Contender.Name> {
        let history = try await longHistory()
        var figures = Figures<Contender.Name>()
        for atOnce in options.atOnce { try await measure(atOnce, history, into: &figures) }
        return figures
    }

    /// Services of their own for each number of connections, so that those with a history and those without have done the same.
    private func measure(_ atOnce: Int, _ history: LongHistory?, into figures: inout Figures<Contender.Name>) async throws {
        let appends = try Appends()
        let off = try await service("off", TemporaryDirectory())
        let full = try await service("full", TemporaryDirectory())
        let longHistory: AcceptingService? =
            if let history { try await service("full", history.directory) } else { nil }
        var contenders = [
            Contender(name: .appends) { count, _ in try await appends.turn(count) },
            Contender(name: .off) { try await off.accept($0, atOnce: $1) },
            Contender(name: .full) { try await full.accept($0, atOnce: $1) },
        ]
        if let longHistory { contenders.append(Contender(name: .longHistory) { try await longHistory.accept($0, atOnce: $1) }) }
        Console.tell("bench-accept: accepting, \(atOnce) at once")
        let requests = atOnce == 1 ? max(1, options.requests / 4) : options.requests
        try await run(contenders, requests, atOnce, into: &figures)
        if atOnce == 1 { try await measureLists(full, longHistory, into: &figures) }
        for service in [off, full, longHistory].compactMap(\.self) { await service.stop() }
    }

    private func measureLists(
        _ short: AcceptingService,
        _ long: AcceptingService?,
        into figures: inout Figures<Contender.Name>
    ) async throws {
        guard try await short.hasList() else {
            return Console.tell("bench-accept: lists are left out: \(AcceptingService.list) is not there yet")
        }
        Console.tell("bench-accept: listing")
        var contenders = [Contender(name: .list) { try await short.list($0, atOnce: $1) }]
        if let long { contenders.append(Contender(name: .longList) { try await long.list($0, atOnce: $1) }) }
        try await run(contenders, max(1, options.requests / 20), 1, into: &figures)
    }

    private func run(
        _ contenders: [Contender],
        _ requests: Int,
        _ atOnce: Int,
        into figures: inout Figures<Contender.Name>
    ) async throws {
        try await options.rounds.run(contenders) {
            try await $0.turn(requests, atOnce)
        } record: {
            figures.append($1, of: contenders[$0].name, atOnce: atOnce)
        }
    }

    /// The service itself makes the database that is filled.
    private func longHistory() async throws -> LongHistory? {
        guard options.history > 0 else { return nil }
        Console.tell("bench-accept: making a history of \(options.history) runs")
        let directory = try TemporaryDirectory()
        try await service("full", directory).stop()
        return try await LongHistory(of: options.history, in: directory)
    }

    private func service(_ sync: String, _ directory: TemporaryDirectory) async throws -> AcceptingService {
        try await AcceptingService(options.program, load, sync: sync, data: directory)
    }
}
