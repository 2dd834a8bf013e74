import Model

/// How far a run has come, and what has to be sent because of what happens to it. Pure.
///
/// It keeps to one rule above all: each started is followed by exactly one finished, whatever happens in between.
struct RunProgress: Sendable, Hashable {
    private(set) var state = RunState.received
    /// Keptn is told that it started, and so must be told that it finished.
    private(set) var isStarted = false

    /// What happens to a run.
    enum Event: Sendable, Hashable {
        /// There are files for the event. `isAnswered`: and Keptn waits for what comes of them.
        case planned(isAnswered: Bool)
        /// There is no file for the event.
        case foundNothing
        /// The files could not be had. `isAnswered`: the last ones that are known answer the event.
        case gaveUp(isAnswered: Bool)
        /// Its turn has come.
        case began
        case ended(RunResult)
        /// Somebody does not want it any more.
        case cancelled
        /// The process ended; the next one finds it. `runsAgain`: its files can be run twice.
        case interrupted(runsAgain: Bool)
    }

    /// What Keptn is told.
    enum Answer: Sendable, Hashable {
        case started
        case finished
    }

    /// What cannot happen.
    struct ImpossibleEvent: Error, Hashable, CustomStringConvertible {
        let state: RunState
        let event: Event

        var description: String { "a run that is \(state.rawValue) cannot be \(event)" }
    }

    init() {}

    /// One that comes from the database.
    init(state: RunState, isStarted: Bool) {
        self.state = state
        self.isStarted = isStarted
    }

    /// - Returns: what is to be sent, in order; it must be kept with the new state as one.
    /// - Throws: if that cannot happen to a run in this state, and then nothing has.
    mutating func apply(_ event: Event) throws(ImpossibleEvent) -> [Answer] {
        switch (state, event) {
        case (.received, .planned(let isAnswered)):
            // Started before a restart: if nothing answers the event now, it has to be told that nothing will.
            guard isAnswered || !isStarted else { return end(.errored) }
            state = isAnswered ? .started : .planned
            defer { isStarted = isAnswered }
            return isAnswered && !isStarted ? [.started] : []
        case (.received, .foundNothing):
            return end(isStarted ? .errored : .nothingToRun)
        case (.received, .gaveUp(let isAnswered)):
            let answers: [Answer] = isAnswered && !isStarted ? [.started] : []
            isStarted = isStarted || isAnswered
            return answers + end(.errored)
        case (.planned, .began), (.started, .began):
            state = .running
            return []
        case (.running, .ended(let result)):
            return end(result == .pass ? .finished : result == .fail ? .failed : .errored)
        case (.received, .cancelled), (.planned, .cancelled), (.started, .cancelled), (.running, .cancelled):
            return end(.cancelled)
        case (.received, .interrupted), (.planned, .interrupted), (.started, .interrupted),
            (.running, .interrupted(runsAgain: true)):
            state = .received
            return []
        case (.running, .interrupted(runsAgain: false)):
            return end(.errored)
        case (.received, .began), (.received, .ended), (.planned, .planned), (.planned, .foundNothing), (.planned, .gaveUp),
            (.planned, .ended), (.started, .planned), (.started, .foundNothing), (.started, .gaveUp), (.started, .ended),
            (.running, .planned), (.running, .foundNothing), (.running, .gaveUp), (.running, .began), (.finished, _),
            (.failed, _),
            (.errored, _), (.cancelled, _), (.nothingToRun, _):
            throw ImpossibleEvent(state: state, event: event)
        }
    }

    private mutating func end(_ state: RunState) -> [Answer] {
        self.state = state
        return isStarted ? [.finished] : []
    }
}
