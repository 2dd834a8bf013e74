/// What one service of the chaos test meets until it is killed.
struct ChaosRound: Sendable, Hashable {
    enum Receiver: Sendable, Hashable {
        case listening
        /// Answers 503 to everything.
        case refusing
        /// Nobody listens.
        case down
    }

    enum Disk: Sendable, Hashable {
        case hasRoom
        case isFull
        /// Is full some time after the start.
        case fills
    }

    let receiver: Receiver
    let disk: Disk
    /// Killed before it listens, perhaps.
    let endsEarly: Bool
    /// How long it lives, from its start or from when it listens, until more events come.
    let life: Duration
    /// How long it lives from then on.
    let end: Duration
    /// How many events come each time.
    let events: Int

    init(number: Int) {
        receiver =
            switch number % 10 {
            case 3, 4: .down
            case 6, 7: .refusing
            default: .listening
            }
        disk =
            switch number % 4 {
            case 1: .isFull
            case 3: .fills
            default: .hasRoom
            }
        endsEarly = number % 5 == 2 && disk == .hasRoom
        life = .milliseconds(.random(in: 1...(endsEarly ? 100 : 300)))
        end = .milliseconds(disk == .fills ? .random(in: 100...200) : .random(in: 1...100))
        events = .random(in: 10...20)
    }
}
