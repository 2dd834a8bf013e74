import Basics
import Glibc
import Measuring
import Synchronization
import TestSupport

/// Measures the repository cache against the git program and against one bare request to the same server. See docs/performance.md.
@main struct BenchGit {
    private var rounds = Rounds(count: 30, warmUp: 3)
    private var isStrict = false

    private static let usage = """
        usage: bench-git [--rounds N] [--strict]

          --rounds N   how often each thing is measured; 30 unless told, at least 20 for figures that mean something
          --strict     exit with 1 if a mark is missed
        """

    static func main() async {
        var benchmark = BenchGit()
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--rounds":
                guard let count = arguments.popFirst().flatMap({ Int($0) }), count > 0 else { Console.refuse(usage) }
                benchmark.rounds.count = count
            case "--strict": benchmark.isStrict = true
            case "--help", "-h":
                print(usage)
                return
            default: Console.refuse(usage)
            }
        }
        signal(SIGPIPE, SIG_IGN)
        let figures: Figures
        do {
            figures = try await benchmark.figures()
        } catch {
            Console.tell("bench-git: \(error)")
            exit(1)
        }
        let marks = Mark.all(figures)
        print(Report(figures: figures, marks: marks))
        if benchmark.isStrict, marks.contains(where: { !$0.isMet }) { exit(1) }
    }

    private func figures() async throws -> Figures {
        progress("making the repositories")
        let upstreams = try await Upstreams()
        let (small, references, files) = (upstreams.small, upstreams.manyReferences, upstreams.manyFiles)
        let subjects = [
            try await Subject(Title.small, small, upstreams.url(of: small)),
            try await Subject(Title.references, references, upstreams.url(of: references)),
            try await Subject(Title.files, files, upstreams.url(of: files)),
            try await Subject(Title.relay, small, upstreams.urlThroughRelay(of: small), authority: upstreams.server.caFile),
        ]
        var figures = Figures()
        // First: ext4 makes files slowly for some seconds after many were removed, as the other measurements do.
        progress(Action.folder)
        try await measureFolders(upstreams.url(of: files), into: &figures)
        progress(Action.unchanged)
        try await rounds.run(subjects.flatMap { $0.turnsWithRequest(Action.unchanged) }, into: &figures)
        for subject in subjects {
            progress("\(Action.changed): \(subject.title)")
            try await rounds.run(subject.turns(Action.changed), into: &figures) { try await subject.upstream.push() }
        }
        progress(Action.clone)
        try await measureClones(files, upstreams.url(of: files), into: &figures)
        return figures
    }

    /// Each round takes a service whose folder is not on disk yet. The server was asked a moment ago, and is not again.
    private func measureFolders(_ url: String, into figures: inout Figures) async throws {
        let project = try CachedProject(url, maxAge: .seconds(3_600))
        try await project.snapshot()
        let (service, folder) = (Counter(), Counter())
        let measure = Measure(repository: Title.files, action: Action.folder, contender: .snapshot)
        let turn = Turn(measure) {
            try await project.snapshot(service: service.next())
        }
        let byHand = Turn(Measure(repository: Title.files, action: Action.folder, contender: .files)) {
            try project.writeByHand(folder.next())
        }
        var rounds = rounds
        rounds.count = min(rounds.count, Upstreams.services - rounds.warmUp - 1)
        try await rounds.run([turn, byHand], into: &figures)
    }

    /// First clones, by the cache with the folder of one service, by git without.
    private func measureClones(_ upstream: Upstream, _ url: String, into figures: inout Figures) async throws {
        for (action, isFiltering) in [(Action.clone, "false"), (Action.filteredClone, "true")] {
            try await upstream.repository.git("config", "uploadpack.allowFilter", isFiltering)
            let ours = Turn(timed: Measure(repository: Title.files, action: action, contender: .snapshot)) {
                let project = try CachedProject(url)
                return try await ContinuousClock().measure { try await project.snapshot() }
            }
            let theirs = Turn(timed: Measure(repository: Title.files, action: action, contender: .git)) {
                let clone = try await GitClone(url)
                return try await ContinuousClock().measure { try await clone.fetch() }
            }
            var rounds = rounds
            rounds.warmUp = 1
            try await rounds.run([ours, theirs], into: &figures)
        }
    }

    /// What goes on, apart from the figures.
    private func progress(_ text: String) { Console.tell("bench-git: \(text)") }
}

/// 1, 2, 3, ...
private final class Counter: Sendable {
    private let last = Atomic<Int>(0)

    func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
