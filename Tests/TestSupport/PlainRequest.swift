import Basics
import Glibc

/// One HTTP request by hand to a server of the tests, whose client is what is tested.
struct PlainRequest: Sendable {
    private static let pool = ThreadPool(name: "plain requests", width: 16)

    let port: Int
    let method: String
    let path: String
    var body = ""

    /// Sends the request and waits for the answer on a thread of its own.
    ///
    /// - Returns: the answer's body.
    func answer() async throws -> String { try await Self.pool.run { try send() } }

    /// The same on this thread.
    ///
    /// - Throws: also if the server says nothing for 40 seconds.
    @discardableResult
    func send() throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 40, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        try connect(descriptor)
        let head = "\(method) \(path) HTTP/1.0\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        try Files.write(Array((head + body).utf8), to: descriptor)
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError("read the answer to", "\(method) \(path)", errno: errno) }
            if count == 0 { break }
            answer += chunk[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else {
            throw PipedProcess.Failure(description: "\(method) \(path) has no answer")
        }
        return String(text[end.upperBound...])
    }

    private func connect(_ descriptor: CInt) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw FileError("connect to", "port \(port)", errno: errno) }
    }
}
