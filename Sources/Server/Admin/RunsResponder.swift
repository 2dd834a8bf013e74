import Basics
import CloudEvents
import Executor
import HTTPTypes
import Hummingbird
import NIOCore

/// What operators are told of runs, and what they can do to them.
struct RunsResponder: Sendable {
    let store: Store
    let outputs: RunOutputs
    let runs: RunsInHand
    let inbox: Inbox
    let watch: RunWatch
    /// Proxies close a stream that is silent for longer.
    var pulse = Duration.seconds(15)

    /// A body has two small members.
    private static let bodyLimit = 64 << 10

    func list(_ request: Request) async -> Response {
        await answering {
            let query = try RunQuery(QueryItems(query: request.uri.query), now: WallClock.system.now())
            let page = try await store.read { try HistoryTable.page(query, in: $0) }
            return .json(page.json, for: request)
        }
    }

    func show(_ id: String, _ request: Request) async -> Response {
        await answering {
            guard let run = try await store.read({ try HistoryTable.run(id, in: $0) }) else { return Self.unknown(id) }
            return .json(run.json, for: request)
        }
    }

    /// The output in the form that the request accepts.
    func output(_ id: String, _ request: Request) async -> Response {
        await answering {
            guard try await store.read({ try HistoryTable.state(of: id, in: $0) }) != nil else { return Self.unknown(id) }
            let accepted = request.headers[.accept]?.lowercased() ?? ""
            if accepted.contains("text/event-stream") {
                let last = try Self.last(of: request)
                return OutputEvents(
                    run: id,
                    last: last,
                    store: store,
                    outputs: outputs,
                    watch: watch,
                    pulse: pulse
                ).response(to: request)
            }
            let records = try await outputs.records(of: id)
            if accepted.contains("application/json") {
                return .json(["run": .string(id), "records": .array(records.map(\.numberedJSON))], for: request)
            }
            var transcript = Transcript()
            let text = records.map { transcript.text(of: $0.chunk.text, from: $0.file) }.joined()
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: text))
            )
        }
    }

    private static func last(of request: Request) throws(QueryError) -> Int {
        guard let name = HTTPField.Name("Last-Event-ID"), let text = request.headers[name] else { return -1 }
        guard let number = Int(text), number >= 0 else {
            throw QueryError("Last-Event-ID is '\(text.printable)'; allowed: the id of an event of this stream")
        }
        return number
    }

    func rerun(_ id: String, _ request: Request) async -> Response {
        await answering {
            var items = try QueryItems(query: request.uri.query)
            try items.add(body: Array(try await request.body.collect(upTo: Self.bodyLimit).readableBytesView))
            let receipt = try await inbox.rerun(Rerun.Order(of: id, items))
            return .json(.accepted, ["id": .string(receipt.id), "run": .string(receipt.run)])
        }
    }

    func cancel(_ id: String) async -> Response {
        await answering {
            guard try await store.read({ try HistoryTable.state(of: id, in: $0) }) != nil else { return Self.unknown(id) }
            if await cancelled(id) { return .json(.accepted, ["run": .string(id)]) }
            guard let (state, _) = try await store.read({ try HistoryTable.state(of: id, in: $0) }) else {
                return Self.unknown(id)
            }
            if state.isOver {
                return .refusal(.conflict, "run \(id) is over (\(state.rawValue)): there is nothing to cancel")
            }
            let reason = "run \(id) is not in the queue: it is left for the next start of the service"
            return .refusal(.serviceUnavailable, reason, headers: [.retryAfter: "5"])
        }
    }

    /// Ends a run, one that is not in the queue yet as soon as it is.
    ///
    /// - Returns: false for a run that is over, or does not come into the queue.
    func cancelled(_ id: String) async -> Bool {
        // Before the first look: a run that was accepted a moment ago is on its way into the queue.
        let changes = watch.changes(of: id)
        if runs.cancel(id) { return true }
        let state = try? await store.read { try HistoryTable.state(of: id, in: $0)?.state }
        guard state?.isOver == false else { return false }
        let isCancelled = try? await withDeadline(.after(.seconds(5))) { [runs] in
            for await _ in changes { return runs.cancel(id) }
            return false
        }
        return isCancelled ?? false
    }

    private static func unknown(_ id: String) -> Response {
        .refusal(.notFound, "there is no run '\(id.printable)'; /api/v1/runs lists those that there are")
    }

    /// What went wrong, as an answer.
    private func answering(_ body: () async throws -> Response) async -> Response {
        do {
            return try await body()
        } catch let error as QueryError {
            return .refusal(.badRequest, "\(error)")
        } catch let error as RerunError {
            switch error {
            case .unknown: return .refusal(.notFound, "\(error)")
            case .unreadable, .noCommit: return .refusal(.conflict, "the run cannot be run again: \(error)")
            case .inbox(let error): return .refusal(.serviceUnavailable, "\(error)", headers: [.retryAfter: "5"])
            }
        } catch is NIOTooManyBytesError {
            return .refusal(.contentTooLarge, "the body is larger than \(ByteCount.text(Self.bodyLimit))")
        } catch is CancellationError {
            return .refusal(.serviceUnavailable, "the service is shutting down")
        } catch {
            return .refusal(.serviceUnavailable, "\(error)", headers: [.retryAfter: "5"])
        }
    }
}
