import Basics
import TestSupport

/// The repositories that are measured, behind one real Git server: nginx, fcgiwrap and `git http-backend` on loopback.
final class Upstreams: Sendable {
    static let branches = ["main", "dev", "staging", "production"]
    /// Beside `branches`.
    static let references = 10_000
    static let services = 200
    /// Of each service; the first 20 are in its script folder.
    static let filesPerService = 100
    static let scriptsPerService = 20

    let server: GitHTTPServer
    let relay: Relay
    let small: Upstream
    let manyReferences: Upstream
    let manyFiles: Upstream

    init() async throws {
        server = try GitHTTPServer()
        relay = try Relay(to: server.httpsPort)
        small = try await Upstream("small", on: server, files: Self.files(services: 1, each: 3, scripts: 2))
        manyReferences = try await Upstream("references", on: server, files: Self.files(services: 1, each: 3, scripts: 2))
        try await manyReferences.addReferences(Self.references)
        let files = Self.files(services: Self.services, each: Self.filesPerService, scripts: Self.scriptsPerService)
        manyFiles = try await Upstream("files", on: server, files: files)
    }

    func url(of upstream: Upstream) -> String { server.http("/public/\(upstream.name).git") }
    func urlThroughRelay(of upstream: Upstream) -> String { "https://127.0.0.1:\(relay.port)/public/\(upstream.name).git" }

    static func service(_ number: Int) -> String { "service-\(number)" }

    /// Texts like those of real scripts and charts: a few hundred bytes, each another one.
    private static func files(services: Int, each: Int, scripts: Int) -> [String: BareRepository.Change] {
        var numbers = Fuzzer(seed: 1)
        var files: [String: BareRepository.Change] = ["genericexecutor/all.events.sh": "echo all\n"]
        for service in 0..<services {
            for file in 0..<each {
                let folder = file < scripts ? "genericexecutor" : "helm"
                let words = (0..<24).map { _ in String(numbers.next(), radix: 36) }.joined(separator: " ")
                files["\(Self.service(service))/\(folder)/file-\(file).sh"] = .file(Array("echo \(words)\n".utf8))
            }
        }
        return files
    }
}

/// One repository with the four branches, and what pushes to it.
struct Upstream: Sendable {
    let name: String
    let repository: BareRepository
    private let committer: FastCommitter
    /// Whose directory the repository is in: it goes last.
    private let server: GitHTTPServer

    init(_ name: String, on server: GitHTTPServer, files: [String: BareRepository.Change]) async throws {
        (self.name, self.server) = (name, server)
        repository = try await BareRepository(at: server.repository(name))
        let first = try await repository.commit(files)
        for branch in Upstreams.branches.dropFirst() {
            let mark = BareRepository.Change.file(Array("\(branch)\n".utf8))
            try await repository.commit(["stage.txt": mark], on: branch, parent: first)
        }
        // As servers keep what does not change: one pack, and one file of references.
        try await repository.git("repack", "-adq")
        try await repository.git("pack-refs", "--all")
        committer = try FastCommitter(repository)
    }

    /// Adds a commit to one branch, which changes one script.
    func push() async throws {
        let text = "echo \(UInt64.random(in: 0 ... .max))\n"
        try await committer.commit(["service-0/genericexecutor/file-0.sh": .file(Array(text.utf8))], on: "dev")
    }

    func addReferences(_ count: Int) async throws {
        let commit = try await repository.git("rev-parse", "main")
        let path = repository.path + "/packed-refs"
        let more = (0..<count).map { "\(commit) refs/heads/feature/branch-\($0)\n" }.joined()
        // Without its first line, which says that the others are sorted. Git writes it anew, and sorts.
        let known = try Files.read(path).split(separator: UInt8(ascii: "\n")).filter { $0.first != UInt8(ascii: "#") }
        try Files.write(known.flatMap { $0 + Array("\n".utf8) } + Array(more.utf8), to: path)
        try await repository.git("update-ref", "refs/heads/feature/last", commit)
        try await repository.git("pack-refs", "--all")
    }
}
