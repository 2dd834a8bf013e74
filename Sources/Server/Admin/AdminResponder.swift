import Basics
import CloudEvents
import HTTPTypes
import Hummingbird
import Model
import NIOCore
import RepoCache

/// The HTTP face towards operators: metrics and the API.
struct AdminResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let token: BearerToken?
    /// nil: scripts come from no repository.
    let cache: RepoCache?
    let runs: RunsResponder
    /// All metrics but those of the cache.
    let metrics: @Sendable () -> [MetricFamily]

    /// A first clone may take ten minutes; the question before it has its own limit.
    private static let refreshLimit = Duration.seconds(660)

    func respond(to request: Request, context: Context) async throws -> Response {
        if let refusal = token?.refusal(of: request) { return refusal }
        return await respond(to: AdminRoute(request.method, request.uri.path), request).answering(request)
    }

    private func respond(to route: AdminRoute, _ request: Request) async -> Response {
        switch route {
        case .metrics: return await metricsText()
        case .repositories: return .json(["repositories": .array(await states().map(\.json))], for: request)
        case .repository(let name):
            guard let state = await states().first(where: { $0.project == name.text }) else {
                return .refusal(.notFound, "nothing is known of project '\(name)': no event or refresh has asked for it yet")
            }
            return .json(state.json, for: request)
        case .refresh(let name): return await refresh(name)
        case .runs: return await runs.list(request)
        case .run(let id): return await runs.show(id, request)
        case .output(let id): return await runs.output(id, request)
        case .rerun(let id): return await runs.rerun(id, request)
        case .cancel(let id): return await runs.cancel(id)
        case .notAllowed(let methods): return .notAllowed("the method is not allowed here", allow: methods)
        case .notFound(let reason): return .refusal(.notFound, reason)
        }
    }

    private func states() async -> [RepositoryStatus] { await cache?.status() ?? [] }

    private func metricsText() async -> Response {
        let bytes = await states().reduce(0) { $0 + $1.bytes }
        let families = metrics() + [.gauge("ges_cache_bytes", "Size of all clones on disk in bytes.", Double(bytes))]
        return Response(
            status: .ok,
            headers: [.contentType: MetricFamily.contentType],
            body: .init(byteBuffer: ByteBuffer(string: families.map(\.text).joined()))
        )
    }

    private func refresh(_ name: PlainName) async -> Response {
        guard let cache else {
            return .refusal(.notFound, "scripts come from the working directory (ENV=local): there is nothing to refresh")
        }
        do {
            return .json(.ok, try await cache.refresh(name, deadline: .after(Self.refreshLimit)).json)
        } catch is CancellationError {
            return .refusal(.serviceUnavailable, "the service is shutting down")
        } catch {
            let failure = (error as? RepoCacheError)?.failureClass ?? "other"
            return .json(.badGateway, ["error": .string("\(error)"), "class": .string(failure), "project": .string(name.text)])
        }
    }
}
