import Basics
import Glibc
import Synchronization

/// A connected socket that one thread at a time reads and writes, with a limit on each wait. Another thread may shut it.
final class SocketStream: Sendable {
    private let descriptor: CInt
    private let address: String

    /// - Parameters:
    ///   - descriptor: is closed with this value.
    ///   - address: the other side's, for errors.
    init(_ descriptor: CInt, address: String) {
        self.descriptor = descriptor
        self.address = address
        // Waiting is poll's business alone.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// Ends the stream in both directions; a thread that waits for it goes on at once.
    func shutDown() { shutdown(descriptor, CInt(SHUT_RDWR)) }

    /// Sends all of `bytes`.
    func send(_ bytes: [UInt8], deadline: Deadline) throws(GitError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
                continue
            }
            guard errno == EINTR || errno == EAGAIN else { throw broken(errno) }
            try wait(for: POLLOUT, until: deadline)
        }
    }

    /// Reads what is there, or waits for it.
    ///
    /// - Returns: how many bytes are at the beginning of `buffer`; 0 at the end of the stream.
    func receive(into buffer: UnsafeMutableRawBufferPointer, deadline: Deadline) throws(GitError) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            guard errno == EINTR || errno == EAGAIN else { throw broken(errno) }
            try wait(for: POLLIN, until: deadline)
        }
    }

    private func wait(for event: CInt, until deadline: Deadline) throws(GitError) {
        var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        let limit = CInt(min(deadline.remaining.seconds * 1_000 + 1, 3_600_000))
        guard !deadline.hasPassed, poll(&request, 1, limit) != 0 else {
            throw GitError(.timeout, "talk to \(address)", "the time limit was reached")
        }
    }

    private func broken(_ cause: CInt) -> GitError {
        GitError(.server, "talk to \(address)", "the connection broke: \(String(cString: strerror(cause)))")
    }
}
