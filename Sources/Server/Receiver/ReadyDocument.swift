import CloudEvents
import RepoCache

/// What `/ready` answers: whether events are taken, and how the repositories are.
///
/// A repository that cannot be asked does not make the service unready: the last good commits are served.
enum ReadyDocument {
    /// - Parameters:
    ///   - reason: why the service is not ready; nil if it is.
    ///   - states: nil: not known now, or there are no repositories.
    static func json(reason: String?, states: [RepositoryStatus]?) -> JSON {
        var document: JSONObject = ["status": reason == nil ? "ready" : "not ready"]
        if let reason { document["reason"] = .string(reason) }
        guard let states else { return .object(document) }
        let failures = states.compactMap { state in
            state.failure.map { failure -> JSON in
                [
                    "project": .string(state.project), "class": .string(failure.failureClass), "since": .time(failure.since),
                ]
            }
        }
        document["repositories"] = [
            "total": .number(JSONNumber(states.count)), "failing": .number(JSONNumber(failures.count)),
            "failures": .array(failures),
        ]
        return .object(document)
    }
}
