import Basics
import Glibc

/// What a running process uses, as the kernel tells everybody.
struct ProcessUse: Sendable, Hashable {
    var descriptors: Int
    /// Resident, in bytes.
    var memory: Int

    /// - Returns: nil where the kernel does not show it, or the process has ended.
    init?(of process: Int) {
        guard let status = try? Files.read("/proc/\(process)/status") else { return nil }
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let line, let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        memory = kilobytes << 10
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
}
