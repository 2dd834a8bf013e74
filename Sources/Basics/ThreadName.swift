/// Names the calling thread, for people who look with `top -H` or a debugger.
///
/// `pthread_setname_np` is not among what Swift sees of glibc; the kernel takes a name through this file too.
///
/// - Parameter name: at most 15 bytes of it are shown.
public func setThreadName(_ name: String) {
    try? Files.write(name.utf8.prefix(15), to: "/proc/thread-self/comm")
}
