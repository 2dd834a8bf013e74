import Measuring

/// The command line.
struct Options: Sendable {
    static let usage = """
        usage: bench-accept --program FILE [--at-once N,...] [--rounds N] [--requests N] [--history N] [--strict]

          --program FILE   the service, built with optimisation
          --at-once N,...  how many connections; 1,16,64 unless told
          --rounds N       how often each has a turn; 10 unless told
          --requests N     how many events a turn posts, and a quarter of that over one connection; 4000 unless told
          --history N      how many runs a long history has; 1000000 unless told, 0: none is measured
          --strict         exit with 1 if a mark is missed
        """

    var program = ""
    var atOnce = [1, 16, 64]
    var rounds = Rounds(count: 10, warmUp: 1)
    var requests = 4_000
    var history = 1_000_000
    var isStrict = false

    /// nil: they are not what the usage says.
    init?(_ arguments: some Sequence<String>) {
        var arguments = Array(arguments)[...]
        while let argument = arguments.popFirst() {
            if argument == "--strict" {
                isStrict = true
                continue
            }
            guard let value = arguments.popFirst() else { return nil }
            let words = value.split(separator: ",")
            let numbers = words.compactMap { Int($0) }.filter { (0...10_000_000).contains($0) }
            if argument == "--program" {
                program = value
                continue
            }
            guard let number = numbers.first, numbers.count == words.count, number > 0 || argument == "--history" else {
                return nil
            }
            switch argument {
            case "--at-once": atOnce = numbers
            case "--rounds": rounds.count = number
            case "--requests": requests = number
            case "--history": history = number
            default: return nil
            }
        }
        guard !program.isEmpty else { return nil }
    }
}
