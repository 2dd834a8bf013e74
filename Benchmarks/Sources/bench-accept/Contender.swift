import Serving

/// Somebody who keeps something, or tells of what is kept.
struct Contender: Sendable {
    /// Who can be measured, in the order of the table.
    enum Name: String, Sendable, CaseIterable {
        case appends
        case off
        case full
        case longHistory = "full, long history"
        case list
        case longList = "list, long history"
    }

    let name: Name
    /// Does it `count` times, `atOnce` at a time.
    let turn: @Sendable (_ count: Int, _ atOnce: Int) async throws -> Turn
}
