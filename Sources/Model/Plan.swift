/// Which files run for an event, in order, and why others do not.
public struct Plan: Sendable, Hashable {
    /// A file that exists but does not run, because `winner` is nearer or comes first.
    public struct Shadowed: Sendable, Hashable {
        public var script: Script
        public var winner: Script

        public init(script: Script, winner: Script) {
            self.script = script
            self.winner = winner
        }
    }

    public var scripts: [Script]
    public var shadowed: [Shadowed]
    /// Every file name that was looked for, in order.
    public var lookedFor: [String]
    /// Files that were passed over: empty, not a regular file, a link out of the folder's repository.
    public var warnings: [String]

    public init(scripts: [Script], shadowed: [Shadowed] = [], lookedFor: [String] = [], warnings: [String] = []) {
        self.scripts = scripts
        self.shadowed = shadowed
        self.lookedFor = lookedFor
        self.warnings = warnings
    }

    /// Whether a file for this very event runs; `all.events.*` alone never causes an answer.
    public var hasEventScript: Bool { scripts.contains { !$0.isForAllEvents } }
}
