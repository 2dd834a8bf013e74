public import Basics
import Synchronization

/// A remote repository: which commits its references are at, and their objects.
///
/// What the server said at first contact is remembered where that saves a round trip. All functions throw ``GitError`` or
/// `CancellationError`.
public final class GitRemote: Sendable {
    private let carrier: any WireCarrier

    public init(_ carrier: any WireCarrier) { self.carrier = carrier }

    /// See ``WireCarrier/peer``.
    public var peer: String? { carrier.peer }

    /// The references whose names begin with one of the prefixes; the server may list more.
    public func references(_ question: LsRefs, deadline: Deadline) async throws -> [RemoteReference] {
        try await talk("list the references of \(carrier.address)") {
            let listed = Mutex<[RemoteReference]?>(nil)
            let answer = Received<[UInt8]>([])
            try await self.carrier.exchange(
                { server in
                    guard let request = question.request(to: server) else {
                        listed.withLock { $0 = question.matching(server.references) }
                        return nil
                    }
                    return request
                },
                deadline: deadline
            ) { chunk in
                answer.update { answer throws(GitError) in
                    guard answer.count + chunk.count <= Self.answerLimit else {
                        throw GitError(.unsupported, "list the references", "the answer is larger than 64 MiB")
                    }
                    answer.append(contentsOf: chunk)
                    return true
                }
            }
            if let references = listed.withLock({ $0 }) { return references }
            return try LsRefs.response(answer.value)
        }
    }

    /// The most bytes of a list of references.
    static let answerLimit = 64 << 20

    /// Fetches objects with all that they need.
    ///
    /// - Parameter directory: where the answer is kept until it is unpacked.
    public func fetch(
        _ request: FetchRequest,
        spoolingIn directory: String,
        limits: PackLimits = PackLimits(),
        deadline: Deadline
    ) async throws -> PackSpool {
        let operation = "fetch from \(carrier.address)"
        return try await talk(operation) {
            let spool = PackSpool(in: directory, limits: limits, operation: operation)
            try await self.carrier.exchange(
                { server throws(GitError) in
                    spool.begin(version: server.version, isFiltered: request.isFiltered(by: server))
                    return try request.request(to: server)
                },
                deadline: deadline
            ) { spool.append($0) }
            try spool.check()
            return spool
        }
    }

    /// Whether `commit` can be reached from `tip` through at most `depth` parents.
    ///
    /// Nothing is downloaded. We claim to hold `commit` without its parents and ask for a history of that depth: the server
    /// then lists `commit` as one whose parents come too if, and only if, it met it on its way from `tip`. The pack that would
    /// follow is refused. That a server hands a commit out proves nothing: forks share a forge's objects.
    public func canReach(_ commit: ObjectID, from tip: ObjectID, depth: Int, deadline: Deadline) async throws -> Bool {
        if commit == tip { return true }
        // The tip counts as the first of the commits, and the parents of the last one must come too.
        let question = FetchRequest(wants: [tip], haves: [tip], shallow: [commit], depth: depth + 2)
        return try await talk("compare commits of \(carrier.address)") {
            let response = Received(FetchResponse())
            try await self.carrier.exchange(
                { server throws(GitError) in
                    _ = response.update { response in
                        response = FetchResponse(version: server.version)
                        return true
                    }
                    return try question.request(to: server)
                },
                deadline: deadline
            ) { chunk in
                response.update { response throws(GitError) in
                    try response.read(chunk) { _ throws(GitError) in }
                    return !response.hasReachedPack
                }
            }
            return try response.value.unshallow.contains(commit)
        }
    }

    private func talk<T>(_ operation: String, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch var error as GitError {
            if error.failureClass == .protocol || error.failureClass == .unsupported { carrier.forget() }
            if !error.operation.contains(carrier.address) { error = error.during(operation) }
            throw error
        }
    }
}

/// What the receiver of an answer made of it so far, or why it gave up.
private final class Received<Value: Sendable>: Sendable {
    private let state: Mutex<Result<Value, GitError>>

    init(_ value: Value) { state = Mutex(.success(value)) }

    var value: Value { get throws(GitError) { try state.withLock { $0 }.get() } }

    /// - Returns: what `body` returns, or false once it threw.
    func update(_ body: (inout Value) throws(GitError) -> Bool) -> Bool {
        state.withLock { state in
            guard case .success(var value) = state else { return false }
            // The value must not be shared while it is changed: an answer would be copied with each piece.
            state = .failure(GitError(.protocol, "read an answer", "it was read twice at once"))
            do throws(GitError) {
                let goesOn = try body(&value)
                state = .success(value)
                return goesOn
            } catch {
                state = .failure(error)
                return false
            }
        }
    }
}
