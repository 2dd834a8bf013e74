import CLoad
import Glibc
import Measuring

/// Posts events over kept connections, and takes what they are answered with. One thread in C: it shares the processors with what
/// is measured.
///
/// Only one thread at a time may be in C with `load`, which `Blocking` sees to; hence `@unchecked`.
final class LoadGenerator: @unchecked Sendable {
    /// Where requests go, and when one is done.
    struct Target: Sendable {
        var port: Int
        var path: String
        var contentType: String
        var end: cload_end
    }

    private let load: OpaquePointer

    init() throws {
        guard let load = cload_open() else {
            throw BenchmarkError("cannot listen on 127.0.0.1: \(String(cString: strerror(errno)))")
        }
        self.load = load
    }

    deinit { cload_close(load) }

    /// Where it takes answers, on loopback.
    var port: Int { Int(cload_port(load)) }

    /// Posts the workload's event `runs` times, `atOnce` at a time, each with a number of its own.
    ///
    /// - Parameter process: whose use of the machine is counted.
    func turn(_ runs: Int, atOnce: Int, at target: Target, served process: Int) async throws -> Turn {
        try await Blocking.run { [self] in
            var nanoseconds = [UInt64](repeating: 0, count: runs)
            let before = try ProcessTime(of: process)
            let start = ContinuousClock.now
            let result = send(runs, atOnce: atOnce, at: target, &nanoseconds)
            let duration = .now - start
            let problem = withUnsafeBytes(of: result.problem) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard problem.isEmpty else { throw BenchmarkError("\(target.path) on port \(target.port): \(problem)") }
            return Turn(
                runs: runs,
                duration: duration,
                latencies: nanoseconds.map { Double($0) / 1e6 },
                time: try ProcessTime(of: process) - before,
                loadCPU: .nanoseconds(result.cpu_nanoseconds),
                memory: try residentMemory(of: process)
            )
        }
    }

    private func send(_ runs: Int, atOnce: Int, at target: Target, _ nanoseconds: inout [UInt64]) -> cload_result {
        target.path.withCString { path in
            target.contentType.withCString { contentType in
                Workload.event.withCString { body in
                    Workload.output.withCString { expected in
                        var plan = cload_plan(
                            port: CInt(target.port),
                            path: path,
                            content_type: contentType,
                            body: body,
                            end: target.end,
                            expected: expected,
                            requests: CInt(runs),
                            at_once: CInt(atOnce)
                        )
                        return cload_run(load, &plan, &nanoseconds)
                    }
                }
            }
        }
    }
}
