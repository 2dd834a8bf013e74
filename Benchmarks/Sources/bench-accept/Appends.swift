import CLoad
import Glibc
import Measuring
import Serving
import TestSupport

/// The least that keeping an event costs on this disk: about a KiB is appended to a file and flushed, one after the other.
final class Appends: Sendable {
    private static let size = 1_024

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    func turn(_ count: Int) async throws -> Turn {
        try await Blocking.run { [path = directory.path + "/appended"] in
            var nanoseconds = [UInt64](repeating: 0, count: count)
            let before = ProcessTime.current
            var error: CInt = 0
            let duration = ContinuousClock().measure {
                error = cload_appends(path, CInt(Self.size), CInt(count), &nanoseconds)
            }
            guard error == 0 else { throw BenchmarkError("cannot append to \(path): \(String(cString: strerror(error)))") }
            return Turn(
                runs: count,
                duration: duration,
                latencies: nanoseconds.map { Double($0) / 1e6 },
                time: ProcessTime.current - before
            )
        }
    }
}
