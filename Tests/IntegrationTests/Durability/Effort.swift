import Glibc

/// How long the tests of durability go on: short with all other tests, long when somebody asks.
enum Effort {
    /// `KILLS`: how often the service is killed.
    static let kills = number("KILLS") ?? 20
    /// `CHAOS_KILLS`: how often the service is killed while events come and go.
    static let chaosKills = max(20, number("CHAOS_KILLS") ?? 20)
    /// `SOAK_COMMITS`: how many commits are pushed and refreshed.
    static let commits = max(20, number("SOAK_COMMITS") ?? 500)
    /// `SOAK_RUNS`: how many events run a script.
    static let runs = max(100, number("SOAK_RUNS") ?? 300)
    /// `QUEUE_EVENTS`: how many events come at once.
    static let events = max(100, number("QUEUE_EVENTS") ?? 200)

    /// `FLOOD_MEGABYTES`: how much a script prints.
    static let megabytes = max(16, number("FLOOD_MEGABYTES") ?? 64)

    private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
}
