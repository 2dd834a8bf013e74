public import CloudEvents

/// What came of a file or of a whole run, from good to bad.
public enum RunResult: String, Sendable, Hashable, Comparable, CaseIterable {
    case pass
    /// Exit not 0, HTTP not 2xx, `{"error": ...}`, time limit, cancelled.
    case fail
    /// Could not be started, or could not connect.
    case errored

    private var badness: Int {
        switch self {
        case .pass: 0
        case .fail: 1
        case .errored: 2
        }
    }

    public static func < (left: RunResult, right: RunResult) -> Bool { left.badness < right.badness }
}

/// How a file's execution ended.
public enum Ending: Sendable, Hashable {
    case exited(Int)
    case signalled(Int)
    case responded(status: Int)
    /// Stopped by us at the time limit.
    case timedOut(after: Duration)
    /// Stopped by us on request or at shutdown.
    case cancelled
    /// Never ran, or had no answer; the sentence says why.
    case failed(String)
}

/// What a file's processes have used.
public struct StepUsage: Sendable, Hashable {
    /// On processors.
    public var cpuTime: Duration
    /// The most bytes that one process held in memory; nil where it was too little to be told.
    public var peakMemory: Int?

    public init(cpuTime: Duration, peakMemory: Int?) {
        self.cpuTime = cpuTime
        self.peakMemory = peakMemory
    }
}

/// What came of one file.
public struct StepOutcome: Sendable, Hashable {
    public var script: Script
    public var result: RunResult
    public var ending: Ending
    public var duration: Duration
    /// What the file printed, or the response's body: cut to the limit, secrets masked.
    public var output: String
    /// Why it is not `pass`, in one sentence; nil for `pass`.
    public var reason: String?
    /// nil for what is no program.
    public var usage: StepUsage?

    public init(
        script: Script,
        result: RunResult,
        ending: Ending,
        duration: Duration,
        output: String,
        reason: String?,
        usage: StepUsage? = nil
    ) {
        self.usage = usage
        self.script = script
        self.result = result
        self.ending = ending
        self.duration = duration
        self.output = output
        self.reason = reason
    }
}

/// What came of all files of one event.
public struct RunOutcome: Sendable, Hashable {
    /// The worst of the steps.
    public var result: RunResult
    /// The outputs in order, cut to the limit; never empty for `fail` and `errored`.
    public var message: String
    /// No file printed or returned anything, and all came to their own end: the message, if any, is only ours.
    public var isSilent: Bool
    public var steps: [StepOutcome]
    /// What the scripts returned for `data.<task>` of the finished event, merged in order.
    public var taskData: JSONObject
    /// Events that the scripts asked to send: objects with a string `type`, as they were written, in order.
    public var followUps: [JSONObject]

    public init(
        result: RunResult,
        message: String,
        isSilent: Bool = false,
        steps: [StepOutcome],
        taskData: JSONObject = [:],
        followUps: [JSONObject] = []
    ) {
        self.result = result
        self.message = message
        self.isSilent = isSilent
        self.steps = steps
        self.taskData = taskData
        self.followUps = followUps
    }
}
