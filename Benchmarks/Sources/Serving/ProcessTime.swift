public import Basics
import Glibc

/// What a process has taken of the processors, user and system.
public struct ProcessTime: Sendable {
    /// Without its children.
    public var own: Duration
    /// Of its children that have ended.
    public var children: Duration

    /// This process.
    public static var current: ProcessTime {
        ProcessTime(own: time(RUSAGE_SELF), children: time(RUSAGE_CHILDREN))
    }

    /// Another process, as exactly as the kernel tells: in steps of a hundredth of a second.
    public init(of process: Int) throws(FileError) {
        let text = String(decoding: try Files.read("/proc/\(process)/stat"), as: UTF8.self)
        // The name before the last parenthesis may have spaces; utime, stime, cutime and cstime are the fields 14 to 17.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.dropFirst(11).prefix(4).compactMap { Int($0) }
        func time(_ ticks: some Sequence<Int>) -> Duration {
            .milliseconds(ticks.reduce(0, +) * 1_000 / sysconf(CInt(_SC_CLK_TCK)))
        }
        self.init(own: time(ticks.prefix(2)), children: time(ticks.dropFirst(2)))
    }

    private init(own: Duration, children: Duration) {
        self.own = own
        self.children = children
    }

    public static func - (left: ProcessTime, right: ProcessTime) -> ProcessTime {
        ProcessTime(own: left.own - right.own, children: left.children - right.children)
    }

    private static func time(_ who: __rusage_who) -> Duration {
        var usage = rusage()
        getrusage(who.rawValue, &usage)
        return .seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + .microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }
}

/// Resident memory of a process, in bytes.
public func residentMemory(of process: Int) throws(FileError) -> Int {
    let text = String(decoding: try Files.read("/proc/\(process)/status"), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
}
