import Basics
import CloudEvents
import Curl

extension WebhookMessage {
    /// Reads a webhook, whose proof was checked before.
    ///
    /// - Throws: ``WebhookError`` for a body that is no JSON object, or a push that names no repository.
    init(_ forge: Forge, headers: HTTPHeaders, body: [UInt8]) throws(WebhookError) {
        let event = forge.event(headers)
        if Self.isPing(event) {
            self = .ping
            return
        }
        let payload = try Self.payload(headers, body)
        guard let references = Self.references(forge, event, payload) else {
            self = .other(event: event)
            return
        }
        let addresses = forge.addresses(in: payload)
        guard !addresses.isEmpty else {
            throw WebhookError("the push webhook names no repository by an address that is understood")
        }
        self = .push(PushNotice(forge: forge, addresses: addresses, references: references))
    }

    static func isPing(_ event: String) -> Bool { event == "ping" || event == "diagnostics:ping" }

    /// The JSON object of the body: the body itself, or its form field `payload` (GitHub and Gitea send either).
    private static func payload(_ headers: HTTPHeaders, _ body: [UInt8]) throws(WebhookError) -> JSON {
        var text = body[...]
        let type = headers["Content-Type"]?.split(separator: ";").first?.lowercased() ?? ""
        if type == "application/x-www-form-urlencoded" {
            let fields = body.split(separator: UInt8(ascii: "&"))
            let name = Array("payload=".utf8)
            guard let field = fields.first(where: { $0.starts(with: name) }),
                let decoded = PercentEncoding.decode(field.dropFirst(name.count), isForm: true)
            else { throw WebhookError("the form has no field 'payload' that can be read; send application/json") }
            text = decoded[...]
        }
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: text) } catch { throw WebhookError("the webhook is \(error)") }
        guard json.object != nil else { throw WebhookError("the webhook is no JSON object") }
        return json
    }

    /// The references that a push changed; nil if it is no push.
    private static func references(_ forge: Forge, _ event: String, _ payload: JSON) -> [String]? {
        switch (forge, event) {
        case (.github, "push"), (.gitea, "push"), (.forgejo, "push"): return payload["ref"]?.string.map { [$0] } ?? []
        case (.gitlab, _):
            // System hooks have one event header for all; the body says which.
            let kind = payload["object_kind"]?.string ?? payload["event_name"]?.string
            switch kind {
            case "push", "tag_push": return payload["ref"]?.string.map { [$0] } ?? []
            case "repository_update": return payload["refs"]?.array?.compactMap(\.string) ?? []
            default: return nil
            }
        case (.bitbucket, "repo:push"):
            return payload["push"]?["changes"]?.array?.compactMap { change in
                // Of a removed reference only the old one is there, of a new one only the new one.
                let reference = [change["new"], change["old"]].compactMap { $0 }.first { $0.object != nil }
                guard let name = reference?["name"]?.string else { return nil }
                return (reference?["type"]?.string == "tag" ? "refs/tags/" : "refs/heads/") + name
            } ?? []
        case (.bitbucket, "repo:refs_changed"), (.bitbucket, "mirror:repo_synchronized"):
            return payload["changes"]?.array?.compactMap { $0["refId"]?.string ?? $0["ref"]?["id"]?.string } ?? []
        default: return nil
        }
    }
}
