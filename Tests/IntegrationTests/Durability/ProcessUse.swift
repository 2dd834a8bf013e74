import Basics
import Glibc

/// What a running process uses, as the kernel tells everybody.
struct ProcessUse: Sendable, Hashable {
    var descriptors: Int
    var threads: Int
    /// Resident, in bytes.
    var memory: Int
    /// The most that was ever resident, in bytes.
    var peakMemory: Int

    /// - Returns: nil where the kernel does not show it, or the process has ended.
    init?(of process: Int) {
        guard let status = try? Files.read("/proc/\(process)/status") else { return nil }
        let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
        func number(_ name: String) -> Int? {
            let line = lines.first { $0.hasPrefix(name + ":") }
            return line?.split { $0.isWhitespace }.dropFirst().first.flatMap { Int($0) }
        }
        guard let kilobytes = number("VmRSS"), let most = number("VmHWM"), let count = number("Threads") else { return nil }
        (threads, memory, peakMemory) = (count, kilobytes << 10, most << 10)
        if let names = try? Files.list("/proc/\(process)/fd") {
            descriptors = names.count
        } else {
            // Closed to us for a process that hides its memory, but its size is the number since Linux 6.2.
            descriptors = Files.size("/proc/\(process)/fd")
            if descriptors == 0 { return nil }
        }
    }

    /// The process that has `argument` on its command line.
    static func process(with argument: String) -> Int? {
        ((try? Files.list("/proc")) ?? []).compactMap { Int($0) }.first { process in
            guard let line = try? Files.read("/proc/\(process)/cmdline") else { return false }
            return line.split(separator: 0).contains { $0.elementsEqual(argument.utf8) }
        }
    }

    /// The children of a process, as "NUMBER (NAME) STATE", those too that have ended and wait to be reaped.
    static func children(of process: Int) -> [String] {
        every { number in
            guard let text = try? Files.read("/proc/\(number)/stat") else { return nil }
            // The name may have spaces and parentheses; state and parent come after its end.
            let parts = String(decoding: text, as: UTF8.self).split(separator: ") ")
            guard let rest = parts.last?.split(separator: " "), rest.count > 1, Int(rest[1]) == process else { return nil }
            return "\(parts.dropLast().joined(separator: ") ")) \(rest[0])"
        }
    }

    /// The processes whose working directory is below `directory`, or was and is gone.
    static func processes(in directory: String) -> [Int] {
        every { number in
            var buffer = [UInt8](repeating: 0, count: 4_096)
            let count = readlink("/proc/\(number)/cwd", &buffer, buffer.count)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).hasPrefix(directory + "/") ? number : nil
        }
    }

    private static func every<T>(_ find: (Int) -> T?) -> [T] {
        ((try? Files.list("/proc")) ?? []).compactMap { Int($0) }.compactMap(find)
    }
}
