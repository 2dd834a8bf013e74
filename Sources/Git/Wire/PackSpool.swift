import Basics
import Glibc
import Synchronization

/// The answer to a fetch, kept in a file without a name until it is unpacked: the network's thread only writes bytes down, and
/// whatever happens nothing is left behind.
public final class PackSpool: Sendable {
    private struct Content: Sendable {
        var size = 0
        var version = 2
        var isFiltered = false
        var failure: GitError?
    }

    private static let counter = Atomic<UInt64>(0)

    private let descriptor: CInt
    private let limits: PackLimits
    private let operation: String
    private let content = Mutex(Content())

    /// - Parameters:
    ///   - directory: where the file's bytes are kept; it must exist.
    ///   - operation: what the answer is about, for errors: "fetch from https://git.example/shop.git".
    init(in directory: String, limits: PackLimits, operation: String) throws(GitError) {
        let path = "\(directory)/fetch-\(getpid())-\(Self.counter.add(1, ordering: .relaxed).newValue)"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw GitError(.disk, operation, "no file can be made in \(directory): \(String(cString: strerror(errno)))")
        }
        unlink(path)
        self.limits = limits
        self.operation = operation
    }

    deinit { close(descriptor) }

    /// Whether the server left out the files.
    public var isFiltered: Bool { content.withLock { $0.isFiltered } }

    /// How the answer that comes next is to be read.
    func begin(version: Int, isFiltered: Bool) {
        content.withLock { ($0.version, $0.isFiltered) = (version, isFiltered) }
    }

    /// Takes the next bytes; false if no more can be taken.
    func append(_ chunk: UnsafeRawBufferPointer) -> Bool {
        content.withLock { content in
            content.size += chunk.count
            guard content.size <= limits.bytes else {
                content.failure = GitError(.unsupported, operation, "the answer is larger than \(limits.bytes) bytes")
                return false
            }
            var rest = chunk[...]
            while !rest.isEmpty {
                let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    let reason = String(cString: strerror(errno))
                    content.failure = GitError(.disk, operation, "the answer cannot be stored: \(reason)")
                    return false
                }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Throws why ``append(_:)`` took no more.
    func check() throws(GitError) {
        if let failure = content.withLock({ $0.failure }) { throw failure }
    }

    /// Adds the pack in the answer to a repository: all of it or nothing. Blocks.
    ///
    /// - Throws: ``GitError`` for an incomplete answer, a refusal of the server, a damaged pack and a full disk.
    public func unpack(into repository: borrowing Repository) throws(GitError) {
        do {
            try index(into: repository)
        } catch {
            throw error.during(operation)
        }
    }

    private func index(into repository: borrowing Repository) throws(GitError) {
        var response = FetchResponse(version: content.withLock { $0.version })
        var indexer = try PackIndexer(for: repository, limits: limits)
        var chunk = [UInt8](repeating: 0, count: 1 << 17)
        var offset = 0
        while true {
            let count = pread(descriptor, &chunk, chunk.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw GitError(.disk, operation, String(cString: strerror(errno))) }
            if count == 0 { break }
            offset += count
            try response.read(chunk[..<count]) { (bytes) throws(GitError) in try indexer.append(bytes) }
        }
        try response.finish()
        try indexer.commit()
    }
}
