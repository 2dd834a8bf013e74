import Basics
import Glibc

/// What a running process uses, as the kernel tells everybody.
struct ProcessUse: Sendable, Hashable {
    var descriptors: Int
    /// Resident, in bytes.
    var memory: Int

    /// - Returns: nil where the kernel does not show it, or the process has ended.
    init?(of process: Int) {
        guard let memory = Self.bytes("VmRSS", of: process) else { return nil }
        self.memory = memory
        if let names = try? Files.list("/proc/\(process)/fd") {
            descriptors = names.count
        } else {
            // Closed to us for a process that hides its memory, but its size is the number since Linux 6.2.
            descriptors = Files.size("/proc/\(process)/fd")
            if descriptors == 0 { return nil }
        }
    }

    /// The most that was ever resident, in bytes.
    static func peak(of process: Int) -> Int? { bytes("VmHWM", of: process) }

    private static func bytes(_ name: String, of process: Int) -> Int? {
        guard let status = try? Files.read("/proc/\(process)/status") else { return nil }
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
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
