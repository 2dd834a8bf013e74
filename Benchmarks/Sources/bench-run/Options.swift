import Measuring

/// The command line.
struct Options: Sendable {
    /// Who can be measured, in the order of the table.
    enum Name: String, Sendable, CaseIterable {
        case floor, executor, service, webhook
    }

    static let usage = """
        usage: bench-run [--program FILE] [--only NAME,...] [--at-once N,...] [--rounds N] [--runs N] [--strict]

          --program FILE   the service, built with optimisation; without it, the service is left out
          --only NAME,...  of floor, executor, service and webhook; all of them unless told
          --at-once N,...  how many runs at a time; 1,8,32 unless told
          --rounds N       how often each has a turn; 10 unless told
          --runs N         how many runs a turn has, and half of that for one at a time; 600 unless told
          --strict         exit with 1 if a mark is missed
        """

    var program = ""
    var names = Set(Name.allCases)
    var atOnce = [1, 8, 32]
    var rounds = Rounds(count: 10, warmUp: 1)
    var runs = 600
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
            let words = value.split(separator: ",").map(String.init)
            let numbers = words.compactMap { Int($0) }.filter { (1...100_000).contains($0) }
            switch argument {
            case "--program": program = value
            case "--only":
                names = Set(words.compactMap { Name(rawValue: $0) })
                guard names.count == words.count else { return nil }
            default:
                guard let number = numbers.first, numbers.count == words.count else { return nil }
                switch argument {
                case "--at-once": atOnce = numbers
                case "--rounds": rounds.count = number
                case "--runs": runs = number
                default: return nil
                }
            }
        }
    }
}
