import Basics
import Glibc

/// A real Git server for one test or suite: nginx, fcgiwrap and `git http-backend`, plain and with TLS from a CA of its own, on
/// ports that the system chose. Repositories are served under `/public/` and, for user `keptn` with password `s3cret`, under `/private/`;
/// `/redirect/...` sends to `/...` of the same server, `/broken/...` answers 503.
public final class GitHTTPServer: Sendable {
    public static let user = "keptn"
    public static let password = "s3cret"

    public let httpPort: Int
    public let httpsPort: Int
    /// The certificate of the authority that signed the server's.
    public let caFile: String
    private let directory: TemporaryDirectory
    private let server: PythonServer

    public init() throws {
        directory = try TemporaryDirectory()
        let script = try directory.write(Self.script, to: "server.py")
        caFile = "\(directory.path)/ca.crt"
        server = try PythonServer(script, directory.path)
        httpPort = server.port
        let text = String(decoding: try Files.read("\(directory.path)/https-port"), as: UTF8.self)
        guard let port = Int(text) else { throw PythonServer.Failure(description: "the server has no port for TLS") }
        httpsPort = port
    }

    /// Where a repository's files are: `repository("shop")` is served as `/public/shop.git`.
    public func repository(_ name: String) -> String { "\(directory.path)/repos/\(name).git" }

    public func http(_ path: String) -> String { "http://127.0.0.1:\(httpPort)\(path)" }
    public func https(_ path: String) -> String { "https://localhost:\(httpsPort)\(path)" }

    /// The requests that were answered so far: `GET /public/shop.git/info/refs 200`.
    ///
    /// nginx writes a line after the answer has gone: a request of our own, which comes last, says when all are there.
    public func requests() throws -> [String] {
        let mark = "/mark/\(UInt64.random(in: 0 ... .max))"
        try PlainRequest(port: httpPort, method: "GET", path: mark).send()
        for _ in 0..<10_000 {
            let log = String(decoding: try Files.read("\(directory.path)/access.log"), as: UTF8.self)
            let lines = log.split(separator: "\n").map(String.init)
            if lines.contains(where: { $0.contains(mark) }) { return lines.filter { !$0.contains("/mark/") } }
            usleep(1_000)
        }
        throw PythonServer.Failure(description: "the server wrote no line about its last request")
    }
}
