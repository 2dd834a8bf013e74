import Basics
import Glibc
import Measuring
import Serving

/// Measures what running a script costs: through `Executor` alone, through the whole service, beside a loop in C that only starts
/// the script, and beside `webhook`. See docs/performance.md.
@main struct BenchRun {
    private let options: Options
    private let workload: Workload
    private let load: LoadGenerator

    static func main() async {
        guard let options = Options(CommandLine.arguments.dropFirst()) else { Console.refuse(Options.usage) }
        signal(SIGPIPE, SIG_IGN)
        let figures: Figures<Options.Name>
        do {
            figures = try await BenchRun(options).figures()
        } catch {
            Console.tell("bench-run: \(error)")
            exit(1)
        }
        let marks = Mark.all(figures)
        print("Times in milliseconds.\n\n\(Table(figures))", terminator: "")
        if !marks.isEmpty { print("\n\(Table(marks))", terminator: "") }
        if options.isStrict, marks.contains(where: { !$0.isMet }) { exit(1) }
    }

    private init(_ options: Options) throws {
        self.options = options
        workload = try Workload()
        load = try LoadGenerator()
    }

    private func figures() async throws -> Figures<Options.Name> {
        var contenders: [any Contender] = []
        for name in Options.Name.allCases where options.names.contains(name) {
            if let contender = try await contender(name) { contenders.append(contender) }
        }
        var figures = Figures<Options.Name>()
        for atOnce in options.atOnce {
            Console.tell("bench-run: \(atOnce) at once")
            let runs = atOnce == 1 ? (options.runs + 1) / 2 : options.runs
            try await options.rounds.run(contenders) {
                try await $0.turn(runs, atOnce: atOnce)
            } record: {
                figures.append($1, of: contenders[$0].name, atOnce: atOnce)
            }
        }
        for contender in contenders { await contender.stop() }
        return figures
    }

    /// Gets somebody ready; nil if they are not there, which is said.
    private func contender(_ name: Options.Name) async throws -> (any Contender)? {
        switch name {
        case .floor: return Floor(workload: workload)
        case .executor: return try await ExecutorAlone(workload)
        case .service:
            if !options.program.isEmpty { return try await WholeService(options.program, load) }
            Console.tell("bench-run: the service is left out: --program does not name it")
        case .webhook:
            if Files.exists(WebhookServer.program) { return try await WebhookServer(workload, load) }
            Console.tell("bench-run: webhook is left out: there is no \(WebhookServer.program)")
        }
        return nil
    }
}
