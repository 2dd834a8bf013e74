import Glibc

/// What a process and those of its children that it waited for have used.
public struct ResourceUsage: Sendable, Hashable {
    /// On processors, in the program and in the kernel for it.
    public var cpuTime: Duration
    /// The most bytes that one of the processes held in memory; nil if that is less than the service itself held when it started
    /// them: the kernel counts from there.
    public var peakMemory: Int?

    public init(cpuTime: Duration, peakMemory: Int?) {
        self.cpuTime = cpuTime
        self.peakMemory = peakMemory
    }

    /// - Parameter floor: the service's own peak, in KiB.
    init(_ usage: rusage, floor: Int) {
        let times = [usage.ru_utime, usage.ru_stime]
        cpuTime = times.reduce(.zero) { $0 + .seconds($1.tv_sec) + .microseconds($1.tv_usec) }
        peakMemory = usage.ru_maxrss > floor ? usage.ru_maxrss << 10 : nil
    }

    /// The service's own peak until now, in KiB.
    static var ownPeak: Int {
        var usage = rusage()
        return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss : .max
    }
}
