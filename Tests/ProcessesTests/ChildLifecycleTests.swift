import Basics
import Testing

@testable import Processes

struct ChildLifecycleTests {
    typealias Event = ChildLifecycle.Event
    typealias Action = ChildLifecycle.Action

    /// An event at a number of seconds after the start, and what must follow.
    struct Step: Sendable {
        var seconds: Int
        var event: Event
        var action: Action?

        init(_ seconds: Int, _ event: Event, _ action: Action?) {
            self.seconds = seconds
            self.event = event
            self.action = action
        }
    }

    struct Story: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var steps: [Step]
        var cause: ProcessExit.StopCause?

        init(_ description: String, cause: ProcessExit.StopCause?, _ steps: [Step]) {
            testDescription = description
            self.steps = steps
            self.cause = cause
        }
    }

    static let stories = [
        Story("exits by itself", cause: nil, [Step(1, .leaderExited, .finish)]),
        Story(
            "an alarm that is not due does nothing",
            cause: nil,
            [Step(9, .timePassed, nil), Step(9, .leaderExited, .finish)]
        ),
        Story(
            "goes on SIGTERM at the deadline",
            cause: .deadline,
            [Step(10, .timePassed, .terminateGroup), Step(11, .leaderExited, .finish)]
        ),
        Story(
            "needs SIGKILL",
            cause: .deadline,
            [Step(10, .timePassed, .terminateGroup), Step(12, .timePassed, .killGroup), Step(12, .leaderExited, .finish)]
        ),
        Story(
            "is cancelled; asking again, and the deadline, change nothing",
            cause: .cancellation,
            [
                Step(1, .stopRequested, .terminateGroup), Step(1, .stopRequested, nil), Step(2, .timePassed, nil),
                Step(3, .timePassed, .killGroup), Step(3, .stopRequested, nil), Step(4, .leaderExited, .finish),
            ]
        ),
        Story(
            "hangs in the kernel: reported without it, reaped later",
            cause: .deadline,
            [
                Step(10, .timePassed, .terminateGroup), Step(12, .timePassed, .killGroup), Step(16, .timePassed, nil),
                Step(17, .timePassed, .abandon), Step(18, .timePassed, nil), Step(18, .stopRequested, nil),
                Step(60, .leaderExited, .reap), Step(61, .stopRequested, nil),
            ]
        ),
        Story("nothing follows the end", cause: nil, [Step(1, .leaderExited, .finish), Step(20, .timePassed, nil)]),
    ]

    @Test("Deadline after 10 seconds, grace of 2: a child", arguments: stories)
    func story(_ story: Story) {
        let start = ContinuousClock.now
        var lifecycle = ChildLifecycle(deadline: Deadline(start + .seconds(10)), grace: .seconds(2))
        for step in story.steps {
            #expect(lifecycle.handle(step.event, at: start + .seconds(step.seconds)) == step.action, "\(step)")
        }
        #expect(lifecycle.stopCause == story.cause)
    }
}
