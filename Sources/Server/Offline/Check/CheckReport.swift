import Basics
import CloudEvents
import Curl
import RepoCache

/// What `check` found out: each project's repository step by step, and whether the receiver of answers is there.
struct CheckReport: Sendable {
    enum Receiver: Sendable, Hashable {
        /// It answered with this status; which one does not matter.
        case answered(Int, Duration)
        case failed(reason: String)
        /// Answers are only recorded.
        case none
    }

    var inspections: [RepositoryInspection]
    /// Sentences about a project's settings, by its name.
    var warnings: [String: [String]]
    var receiver: Receiver

    var isGood: Bool {
        if case .failed = receiver { return false }
        return inspections.allSatisfy(\.isGood)
    }
}

// MARK: For people

extension CheckReport {
    var lines: [String] {
        inspections.flatMap { lines(of: $0) } + [receiverLine]
    }

    private func lines(of inspection: RepositoryInspection) -> [String] {
        var lines = ["project  \(inspection.project): \(inspection.isGood ? "good" : "FAILED")"]
        if let remote = inspection.remote { lines.append("  remote         \(remote)") }
        lines.append("  credentials    \(inspection.credentials ?? "none")")
        if let peer = inspection.peer { lines.append("  server         \(peer)") }
        lines += (warnings[inspection.project] ?? []).map { "  warning        \($0)" }
        for step in inspection.steps {
            let name = step.stage.rawValue + String(repeating: " ", count: 15 - step.stage.rawValue.count)
            let time = "\(Int((step.duration.seconds * 1_000).rounded())) ms"
            lines.append("  \(name)\(step.failure.map { "FAILED after \(time), \($0.failureClass): \($0)" } ?? time)")
        }
        guard inspection.isGood else { return lines }
        lines.append(
            "  default        \(inspection.defaultBranch ?? "none: the remote's HEAD names no branch; set GIT_DEFAULT_BRANCH")"
        )
        for branch in inspection.branches {
            let folders = branch.folders.map { "\($0.path) (\($0.files))" }
            let found = folders.isEmpty ? "no script folder" : folders.joined(separator: ", ")
            lines.append("  branch         \(branch.name) at \(branch.commit.prefix(12)): \(found)")
        }
        let more = inspection.branchCount - inspection.branches.count
        if more > 0 { lines.append("  branch         \(more) more, which were not looked at") }
        return lines
    }

    private var receiverLine: String {
        switch receiver {
        case .none: "receiver  none: answers are only recorded (EVENTBROKER=none)"
        case .answered(let status, let duration):
            "receiver  good: answered HTTP \(status) after \(Int((duration.seconds * 1_000).rounded())) ms"
        case .failed(let reason): "receiver  FAILED: \(reason); check EVENTBROKER"
        }
    }
}

// MARK: For programs

extension CheckReport {
    var json: JSON {
        var receiver: JSONObject = [:]
        switch self.receiver {
        case .none: receiver["state"] = "none"
        case .answered(let status, let duration):
            receiver["state"] = "good"
            receiver["status"] = .number(JSONNumber(Int64(status)))
            receiver["seconds"] = Self.number(duration)
        case .failed(let reason):
            receiver["state"] = "failed"
            receiver["reason"] = .string(reason)
        }
        return [
            "good": .bool(isGood), "projects": .array(inspections.map(project)), "receiver": .object(receiver),
        ]
    }

    private func project(_ inspection: RepositoryInspection) -> JSON {
        [
            "project": .string(inspection.project),
            "good": .bool(inspection.isGood),
            "remote": inspection.remote.map { .string($0) } ?? .null,
            "credentials": inspection.credentials.map { .string($0) } ?? .null,
            "server": inspection.peer.map { .string($0) } ?? .null,
            "warnings": .array((warnings[inspection.project] ?? []).map { .string($0) }),
            "steps": .array(inspection.steps.map(step)),
            "default_branch": inspection.defaultBranch.map { .string($0) } ?? .null,
            "branch_count": .number(JSONNumber(Int64(inspection.branchCount))),
            "branches": .array(inspection.branches.map(branch)),
        ]
    }

    private func step(_ step: RepositoryInspection.Step) -> JSON {
        var object: JSONObject = ["step": .string(step.stage.rawValue), "seconds": Self.number(step.duration)]
        if let failure = step.failure {
            object["class"] = .string(failure.failureClass)
            object["reason"] = .string(failure.description)
        }
        return .object(object)
    }

    private func branch(_ branch: RepositoryInspection.Branch) -> JSON {
        [
            "name": .string(branch.name), "commit": .string(branch.commit),
            "folders": .array(
                branch.folders.map { ["path": .string($0.path), "files": .number(JSONNumber(Int64($0.files)))] }
            ),
        ]
    }

    private static func number(_ duration: Duration) -> JSON {
        .number(JSONNumber((duration.seconds * 1_000).rounded() / 1_000))
    }
}
