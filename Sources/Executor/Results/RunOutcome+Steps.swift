import CloudEvents
import Model
import Processes

extension RunOutcome {
    /// Puts the steps of a run together. Pure.
    ///
    /// - Parameter messageLimit: bytes; a longer message keeps its beginning and its end.
    init(_ verdicts: [StepVerdict], request: ScriptRequest, messageLimit: Int) {
        let result = verdicts.map(\.outcome.result).max() ?? .pass
        var message = HeadTailBuffer(limit: messageLimit)
        var endsInLine = false
        for text in verdicts.map(\.message) where !text.isEmpty {
            if endsInLine { message.append(CollectionOfOne(UInt8(ascii: "\n"))) }
            message.append(text.utf8)
            endsInLine = text.utf8.last != UInt8(ascii: "\n")
        }
        var taskData: JSONObject = [:]
        if request.task != nil {
            for (key, value) in verdicts.flatMap(\.taskData) { taskData[key] = value }
        }
        self.init(
            result: result,
            message: message.text,
            isSilent: verdicts.allSatisfy(\.isSilent),
            steps: verdicts.map(\.outcome),
            taskData: taskData,
            followUps: verdicts.compactMap(\.followUp)
        )
    }
}
