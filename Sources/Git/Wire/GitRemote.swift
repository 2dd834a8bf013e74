public import Basics
import Synchronization

/// A remote repository: which commits its references are at, and their objects.
///
/// What the server said at first contact is remembered, so a later question is one request. All functions throw ``GitError``
/// or `CancellationError`.
public final class GitRemote: Sendable {
    private let carrier: any WireCarrier
    private let server = Mutex<ServerAdvertisement?>(nil)

    public init(_ carrier: any WireCarrier) { self.carrier = carrier }

    /// The references whose names begin with one of the prefixes; the server may list more.
    public func references(_ question: LsRefs, deadline: Deadline) async throws -> [RemoteReference] {
        try await talk("list the references of \(carrier.address)", deadline) { server in
            let answer = Received<[UInt8]>([])
            try await self.carrier.command(question.request(to: server), deadline: deadline) { chunk in
                answer.update { answer throws(GitError) in
                    guard answer.count + chunk.count <= 64 << 20 else {
                        throw GitError(.unsupported, "list the references", "the answer is larger than 64 MiB")
                    }
                    answer.append(contentsOf: chunk)
                    return true
                }
            }
            return try LsRefs.response(answer.value)
        }
    }

    /// Fetches commits with their trees and files.
    ///
    /// - Parameter directory: where the answer is kept until it is unpacked.
    public func fetch(
        _ request: FetchRequest,
        spoolingIn directory: String,
        limits: PackLimits = PackLimits(),
        deadline: Deadline
    ) async throws -> PackSpool {
        let operation = "fetch from \(carrier.address)"
        return try await talk(operation, deadline) { server in
            let request = try request.request(to: server)
            let spool = try PackSpool(in: directory, limits: limits, operation: operation)
            try await self.carrier.command(request, deadline: deadline) { spool.append($0) }
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
        return try await talk("compare commits of \(carrier.address)", deadline) { server in
            let response = Received(FetchResponse())
            try await self.carrier.command(try question.request(to: server), deadline: deadline) { chunk in
                response.update { response throws(GitError) in
                    try response.read(chunk) { _ throws(GitError) in }
                    return !response.hasReachedPack
                }
            }
            return try response.value.unshallow.contains(commit)
        }
    }

    private func talk<T>(
        _ operation: String,
        _ deadline: Deadline,
        _ body: (ServerAdvertisement) async throws -> T
    ) async throws -> T {
        do {
            if let known = server.withLock({ $0 }) { return try await body(known) }
            let new = try ServerAdvertisement(try await carrier.advertisement(deadline: deadline))
            server.withLock { $0 = new }
            return try await body(new)
        } catch let error as GitError {
            // The server may have become another one.
            if error.failureClass == .protocol || error.failureClass == .unsupported { server.withLock { $0 = nil } }
            throw error.operation.contains(carrier.address) ? error : GitError(error.failureClass, operation, error.message)
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
