import Model
import Testing

@testable import Server

@Suite struct RunProgressTests {
    typealias Event = RunProgress.Event

    /// A row of the table: what comes of an event in a state, with and without a started that was sent; nil where it cannot be.
    struct Row: Sendable, CustomTestStringConvertible {
        let event: Event
        let state: RunState
        let quiet: (RunState, [RunProgress.Answer])?
        let started: (RunState, [RunProgress.Answer])?

        var testDescription: String { "\(state.rawValue), \(event)" }
    }

    static let events: [Event] =
        [
            .planned(isAnswered: true), .planned(isAnswered: false), .foundNothing, .gaveUp(isAnswered: true),
            .gaveUp(isAnswered: false),
        ]
        + [.began, .cancelled, .interrupted(runsAgain: true), .interrupted(runsAgain: false)]
        + RunResult.allCases.map(Event.ended)

    /// All that can be; every other state and event is impossible.
    static let possible: [Row] =
        [
            Row(event: .planned(isAnswered: true), state: .received, quiet: (.started, [.started]), started: (.started, [])),
            Row(event: .planned(isAnswered: false), state: .received, quiet: (.planned, []), started: (.errored, [.finished])),
            Row(event: .foundNothing, state: .received, quiet: (.nothingToRun, []), started: (.errored, [.finished])),
            Row(
                event: .gaveUp(isAnswered: true),
                state: .received,
                quiet: (.errored, [.started, .finished]),
                started: (.errored, [.finished])
            ),
            Row(event: .gaveUp(isAnswered: false), state: .received, quiet: (.errored, []), started: (.errored, [.finished])),
            Row(event: .began, state: .planned, quiet: (.running, []), started: (.running, [])),
            Row(event: .began, state: .started, quiet: (.running, []), started: (.running, [])),
            Row(event: .ended(.pass), state: .running, quiet: (.finished, []), started: (.finished, [.finished])),
            Row(event: .ended(.fail), state: .running, quiet: (.failed, []), started: (.failed, [.finished])),
            Row(event: .ended(.errored), state: .running, quiet: (.errored, []), started: (.errored, [.finished])),
            Row(event: .interrupted(runsAgain: true), state: .running, quiet: (.received, []), started: (.received, [])),
            Row(event: .interrupted(runsAgain: false), state: .running, quiet: (.errored, []), started: (.errored, [.finished])),
        ]
        + [RunState.received, .planned, .started, .running].map { state in
            Row(event: .cancelled, state: state, quiet: (.cancelled, []), started: (.cancelled, [.finished]))
        }
        + [RunState.received, .planned, .started].flatMap { state in
            [true, false].map {
                Row(event: .interrupted(runsAgain: $0), state: state, quiet: (.received, []), started: (.received, []))
            }
        }

    @Test("Every state and every event", arguments: RunState.allCases, events)
    func table(state: RunState, event: Event) throws {
        let row = Self.possible.first { $0.state == state && $0.event == event }
        for isStarted in [false, true] {
            var progress = RunProgress(state: state, isStarted: isStarted)
            guard let expected = isStarted ? row?.started : row?.quiet else {
                #expect(throws: RunProgress.ImpossibleEvent(state: state, event: event)) { try progress.apply(event) }
                #expect(progress == RunProgress(state: state, isStarted: isStarted))
                continue
            }
            #expect(try progress.apply(event) == expected.1)
            #expect(progress.state == expected.0)
        }
    }

    @Test("Whatever happens, in any order: as many finished as started, and never a finished first")
    func balance() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var progress = RunProgress()
            var answers: [RunProgress.Answer] = []
            for _ in 0..<60 where !progress.state.isOver {
                let event = Self.events.randomElement(using: &generator) ?? .began
                answers += (try? progress.apply(event)) ?? []
            }
            guard progress.state.isOver else { continue }
            #expect(answers == [] || answers == [.started, .finished], "\(answers)")
        }
    }
}
