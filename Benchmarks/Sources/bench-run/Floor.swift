import CLoad
import Glibc
import Measuring
import Serving

/// The least that a run costs: a loop in C starts the script, reads its output to the end and waits for it.
struct Floor: Contender {
    let name = Options.Name.floor
    let workload: Workload

    func turn(_ runs: Int, atOnce: Int) async throws -> Turn {
        try await Blocking.run { [workload] in
            var nanoseconds = [UInt64](repeating: 0, count: runs)
            let words = [Workload.interpreter, workload.scriptPath, workload.eventPath]
            var arguments = words.map { strdup($0) } + [nil]
            var environment = [strdup("PATH=/usr/bin:/bin"), nil]
            defer { for pointer in arguments + environment { free(pointer) } }
            let before = ProcessTime.current
            var error: CInt = 0
            let duration = ContinuousClock().measure {
                error = cload_floor(&arguments, &environment, CInt(runs), CInt(atOnce), &nanoseconds)
            }
            guard error == 0 else {
                throw BenchmarkError("cannot run \(Workload.interpreter): \(String(cString: strerror(error)))")
            }
            return Turn(
                runs: runs,
                duration: duration,
                latencies: nanoseconds.map { Double($0) / 1e6 },
                time: ProcessTime.current - before
            )
        }
    }
}
