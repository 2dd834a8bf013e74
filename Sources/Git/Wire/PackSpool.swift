import Basics
import Glibc
import Synchronization

/// The answer to a fetch, kept until it is unpacked: a small one in memory, the rest of a large one in a file without a name. The
/// network's thread only writes bytes down, and whatever happens nothing is left behind.
public final class PackSpool: Sendable {
    private struct Content: Sendable {
        var size = 0
        /// The beginning.
        var memory: [UInt8] = []
        /// What comes after it; -1: nothing has.
        var descriptor: CInt = -1
        var version = 2
        var isFiltered = false
        var failure: GitError?
    }

    private static let counter = Atomic<UInt64>(0)

    /// Most fetches are a commit or two: making a file would take longer than their bytes do.
    private static let memoryLimit = 1 << 20

    private let directory: String
    private let limits: PackLimits
    private let operation: String
    private let content = Mutex(Content())

    /// - Parameters:
    ///   - directory: where the file's bytes are kept; it must exist.
    ///   - operation: what the answer is about, for errors: "fetch from https://git.example/shop.git".
    init(in directory: String, limits: PackLimits, operation: String) {
        self.directory = directory
        self.limits = limits
        self.operation = operation
    }

    deinit { content.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

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
            let inMemory = chunk.prefix(max(0, Self.memoryLimit - content.memory.count))
            content.memory.append(contentsOf: inMemory)
            do throws(GitError) {
                try write(chunk[inMemory.endIndex...], to: &content.descriptor)
                return true
            } catch {
                content.failure = error
                return false
            }
        }
    }

    private func write(_ bytes: Slice<UnsafeRawBufferPointer>, to descriptor: inout CInt) throws(GitError) {
        var rest = bytes
        if !rest.isEmpty, descriptor < 0 { descriptor = try makeFile() }
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw GitError(.disk, operation, "the answer cannot be stored: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }

    private func makeFile() throws(GitError) -> CInt {
        let path = "\(directory)/fetch-\(getpid())-\(Self.counter.add(1, ordering: .relaxed).newValue)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw GitError(.disk, operation, "no file can be made in \(directory): \(String(cString: strerror(errno)))")
        }
        unlink(path)
        return descriptor
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
        let content = content.withLock { $0 }
        var response = FetchResponse(version: content.version)
        var indexer = try PackIndexer(for: repository, limits: limits)
        try response.read(content.memory) { (bytes) throws(GitError) in try indexer.append(bytes) }
        var chunk = [UInt8](repeating: 0, count: content.descriptor < 0 ? 0 : 1 << 17)
        var offset = 0
        while !chunk.isEmpty {
            let count = pread(content.descriptor, &chunk, chunk.count, offset)
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
