import CloudEvents
import RepoCache

extension RepositoryStatus {
    /// As the API shows it; times in RFC 3339.
    var json: JSON {
        [
            "project": .string(project),
            "remote": .text(remote),
            "default_branch": .text(defaultBranch),
            "branches": .array(branches.map(\.json)),
            "failure": failure?.json ?? .null,
            "bytes": .number(JSONNumber(bytes)),
            "packs": .number(JSONNumber(packs)),
        ]
    }
}

extension RepositoryStatus.Branch {
    fileprivate var json: JSON {
        ["name": .string(name), "commit": .text(commit), "asked": .time(asked), "changed": .time(changed)]
    }
}

extension RepositoryStatus.Failure {
    fileprivate var json: JSON {
        [
            "class": .string(failureClass), "reason": .string(reason), "since": .time(since),
            "held_until": heldUntil.map(JSON.time) ?? .null,
        ]
    }
}

extension JSON {
    /// A moment given in seconds since 1970, to the millisecond.
    static func time(_ seconds: Double) -> JSON {
        guard let milliseconds = Int64(exactly: (seconds * 1_000).rounded()) else { return .null }
        return .string(Timestamp(milliseconds: milliseconds).text)
    }
}
