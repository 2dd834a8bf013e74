public import CLoad
import Glibc
import Measuring

/// Sends requests over kept connections, and takes the events that they are answered with. One thread in C: it shares the processors with what
/// is measured.
///
/// Only one thread at a time may be in C with `load`, which `Blocking` sees to; hence `@unchecked`.
public final class LoadGenerator: @unchecked Sendable {
    /// What is asked where, and when a request is done.
    public struct Target: Sendable {
        var method: String
        var port: Int
        var path: String
        var contentType: String
        /// See `cload_plan` for what it may hold in place of numbers.
        var body: String
        var end: cload_end
        /// What the response or the answer must contain.
        var expected: String

        public init(
            method: String = "POST",
            port: Int,
            path: String,
            contentType: String,
            body: String,
            end: cload_end,
            expected: String
        ) {
            self.method = method
            self.port = port
            self.path = path
            self.contentType = contentType
            self.body = body
            self.end = end
            self.expected = expected
        }
    }

    private let load: OpaquePointer

    public init() throws {
        guard let load = cload_open() else {
            throw BenchmarkError("cannot listen on 127.0.0.1: \(String(cString: strerror(errno)))")
        }
        self.load = load
    }

    deinit { cload_close(load) }

    /// Where it takes answers, on loopback.
    public var port: Int { Int(cload_port(load)) }

    /// Sends the target's request `runs` times, `atOnce` at a time, each with a number of its own.
    ///
    /// - Parameter process: whose use of the machine is counted.
    public func turn(_ runs: Int, atOnce: Int, at target: Target, served process: Int) async throws -> Turn {
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
        let texts = [target.method, target.path, target.contentType, target.body, target.expected].map {
            $0.withCString { strdup($0) }
        }
        defer { for text in texts { free(text) } }
        var plan = cload_plan(
            port: CInt(target.port),
            method: texts[0],
            path: texts[1],
            content_type: texts[2],
            body: texts[3],
            end: target.end,
            expected: texts[4],
            requests: CInt(runs),
            at_once: CInt(atOnce)
        )
        return cload_run(load, &plan, &nanoseconds)
    }
}
