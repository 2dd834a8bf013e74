/// A run as the history has it. Times are milliseconds since 1970-01-01T00:00:00Z.
struct RunRecord: Sendable, Hashable {
    /// The event that it is for.
    struct Event: Sendable, Hashable {
        let id: String
        let type: String
        let source: String
        let context: String?
    }

    /// A file of the run.
    struct Step: Sendable, Hashable {
        let file: String
        let level: String
        let commit: String
        /// nil, and all that follows, where it has not come to its end.
        let result: String?
        let exit: Int?
        let signal: Int?
        /// Of a response.
        let status: Int?
        let milliseconds: Int64?
        let reason: String?
    }

    /// An event that was sent because of the run, or is to be.
    struct Answer: Sendable, Hashable {
        let id: String
        let type: String
        let state: String
        let attempts: Int
        let reason: String?
        let created: Int64
        /// When its fate was known.
        let settled: Int64?
    }

    /// Its place in the order of arrival.
    let sequence: Int64
    let id: String
    let event: Event
    let project: String?
    let stage: String?
    let service: String?
    let state: RunState
    let result: String?
    /// Of a list, its beginning.
    var message: String?
    let received: Int64
    let started: Int64?
    let finished: Int64?
    let commits: RunCommits
    let rerunOf: String?
    var steps: [Step] = []
    /// nil where nobody asked for them.
    var answers: [Answer]?

    /// Its beginning of at most `limit` bytes, cut between characters.
    mutating func cutMessage(to limit: Int) {
        guard let message, message.utf8.count > limit else { return }
        var bytes = Array(message.utf8.prefix(limit + 1))
        repeat { bytes.removeLast() } while String(validating: bytes, as: UTF8.self) == nil
        self.message = String(decoding: bytes, as: UTF8.self)
    }
}
