import Basics
import CloudEvents
import Curl
import HTTPTypes
import Hummingbird
import Logging
import Model
import NIOCore
import RepoCache

/// Takes push webhooks: checks them, finds their projects, and has these refreshed ahead of the event.
struct WebhookReceiver: Sendable {
    static let path = "/hooks/git"

    /// nil: scripts come from no repository.
    let cache: RepoCache?
    let bodyLimit: Int
    /// The configuration at this moment.
    let rules: @Sendable () async throws -> WebhookRules
    let ahead: RefreshAhead
    let logger: Logger

    /// Forges wait ten seconds for an answer; looking at what is held must not take all of it.
    private static let lookLimit = Duration.seconds(3)

    func respond(to request: Request) async -> Response {
        guard request.method == .post else { return .notAllowed("push webhooks are posted: use POST", allow: "POST") }
        guard let cache else {
            return .refusal(.notFound, "scripts come from the working directory (ENV=local): there is nothing to refresh")
        }
        guard let rules = try? await rules() else {
            return .refusal(.serviceUnavailable, "the configuration could not be read; send it again later")
        }
        for problem in rules.problems { logger.warning("push webhook", metadata: ["warning": "\(problem)"]) }
        // Before the body is read: who may not send need not send much.
        guard !rules.secrets.isEmpty else { return answer(.closed, from: nil) }
        let body: [UInt8]
        do {
            body = Array(try await request.body.collect(upTo: bodyLimit).readableBytesView)
        } catch is NIOTooManyBytesError {
            return .refusal(.contentTooLarge, "the webhook is larger than \(ByteCount.text(bodyLimit)) (RCV_BODY_LIMIT)")
        } catch {
            return .refusal(.badRequest, "the webhook could not be read to its end")
        }
        let headers = HTTPHeaders(request.headers.map { .init($0.name.rawName, $0.value) })
        let known = await remotes(of: cache)
        return answer(WebhookVerdict(headers: headers, body: body, rules: rules, known: known), from: Forge(headers))
    }

    private func remotes(of cache: RepoCache) async -> [PlainName: String] {
        let states = (try? await withDeadline(.after(Self.lookLimit)) { await cache.status() }) ?? []
        return states.reduce(into: [:]) { remotes, state in
            if let name = PlainName(state.project) { remotes[name] = state.remote }
        }
    }

    private func answer(_ verdict: WebhookVerdict, from forge: Forge?) -> Response {
        switch verdict {
        case .refresh(let projects, let notice):
            logger.info(
                "push webhook",
                metadata: [
                    "forge": "\(notice.forge.rawValue)", "repository": "\(notice.addresses[0])",
                    "projects": .array(projects.map { .string($0.text) }),
                ]
            )
            for project in projects { ahead.request(project) }
            return .json(.accepted, ["projects": .array(projects.map { .string($0.text) })])
        case .nothing(let reason):
            logger.info("push webhook", metadata: ["forge": "\(forge?.rawValue ?? "")", "reason": "\(reason)"])
            return .json(.ok, ["projects": [], "reason": .string(reason)])
        case .closed:
            return .refusal(
                .forbidden,
                "push webhooks are not taken: set GIT_WEBHOOK_SECRET to the secret that they are signed with"
            )
        case .unproven(let reason):
            logger.warning("push webhook refused", metadata: ["reason": "\(reason)"])
            return .refusal(.unauthorized, "\(reason); the secret is that of GIT_WEBHOOK_SECRET")
        case .unreadable(let reason): return .refusal(.badRequest, reason)
        }
    }
}
