import Basics
import TestSupport

/// The script that all run, and the event that it is run for.
final class Workload: Sendable {
    static let interpreter = "/bin/bash"
    static let scriptName = "bench.triggered.sh"
    /// What the script prints, and nothing else here says.
    static let output = "hello"
    static let script = "#!/bin/bash\necho \(output)\n"
    /// Eight '#' stand for a number.
    static let event = """
        {"specversion":"1.0","id":"########","source":"bench","type":"sh.keptn.event.bench.triggered",\
        "datacontenttype":"application/json","shkeptncontext":"context-########",\
        "data":{"project":"bench","stage":"dev","service":"carts","labels":{"build":"17"}}}
        """

    let directory: TemporaryDirectory
    let scriptPath: String
    let eventPath: String

    init() throws {
        directory = try TemporaryDirectory()
        scriptPath = try directory.write(Self.script, to: "commit/genericexecutor/\(Self.scriptName)")
        eventPath = try directory.write(Self.event, to: "event.json")
    }

    /// What `Executor` takes for a commit's tree.
    var commitDirectory: String { directory.path + "/commit" }
    /// Where it keeps the working directories of files that run.
    var runsDirectory: String { directory.path + "/runs" }
}
