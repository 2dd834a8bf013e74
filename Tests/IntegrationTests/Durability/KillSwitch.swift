import Basics
import Glibc
import ServerTestSupport
import TestSupport

/// What kills a service at a numbered step: the library of Tests/KillSwitch, loaded into the service, and the file that both share.
final class KillSwitch: Sendable {
    /// The library beside the program.
    static let library: String = {
        let directory = ServiceProcess.executable.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return directory.joined(separator: "/") + "/libKillSwitch.so"
    }()

    /// The size of `kill_switch` and the places of its parts.
    private enum Layout {
        static let size = 512
        static let steps = 0
        static let target = 8
        static let torn = 16
        static let killed = 24
        static let step = 32
    }

    /// What the service's environment needs.
    let settings: [String: String]
    private let descriptor: CInt

    /// - Parameters:
    ///   - directory: only steps below it count.
    ///   - file: is made.
    init(below directory: String, file: String) throws(FileError) {
        descriptor = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, off_t(Layout.size)) == 0 else { throw FileError("make", file, errno: errno) }
        settings = ["LD_PRELOAD": Self.library, "KILL_SWITCH_BELOW": directory, "KILL_SWITCH_FILE": file]
    }

    deinit { close(descriptor) }

    /// How many steps there were so far.
    var steps: Int { number(Layout.steps) }

    var hasKilled: Bool { number(Layout.killed) != 0 }

    /// What was about to be done when the service was killed.
    var step: String {
        var text = [UInt8](repeating: 0, count: Layout.size - Layout.step)
        pread(descriptor, &text, text.count, off_t(Layout.step))
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Kills the service at a step.
    ///
    /// - Parameter torn: if the step is a write, half of it is done.
    func kill(at step: Int, torn: Bool) {
        set(Layout.torn, torn ? 1 : 0)
        set(Layout.target, step)
    }

    /// Waits until the service has been killed or makes no more steps.
    func settle() async throws {
        var (last, since) = (steps, ContinuousClock.now)
        while !hasKilled, .now - since < .milliseconds(200) {
            try await Task.sleep(for: .milliseconds(5))
            if steps != last { (last, since) = (steps, .now) }
        }
    }

    private func number(_ offset: Int) -> Int {
        var value = UInt64(0)
        pread(descriptor, &value, MemoryLayout<UInt64>.size, off_t(offset))
        return Int(value)
    }

    private func set(_ offset: Int, _ number: Int) {
        var value = UInt64(number)
        pwrite(descriptor, &value, MemoryLayout<UInt64>.size, off_t(offset))
    }
}
