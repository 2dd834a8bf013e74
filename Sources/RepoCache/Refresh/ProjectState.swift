import Basics
import CloudEvents
import Git
import Glibc
import Model

/// What is kept of a project in `state.json` over a restart.
struct ProjectState: Sendable, Hashable {
    var view: ProjectView
    /// The names of script folders for which the snapshots on disk are complete.
    var folders: [String]
    /// What the last fresh clone took on disk.
    var freshBytes: Int
    /// The boot in which the snapshots were written: they are not synced, so a crash of the machine may have damaged them.
    var boot: String

    static let currentBoot: String = {
        let bytes = (try? Files.read("/proc/sys/kernel/random/boot_id", limit: 256)) ?? []
        return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    }()
}

extension ProjectState {
    /// - Returns: nil for a file that this version did not write.
    init?(_ json: JSON) {
        guard json["version"]?.number?.int == 1 else { return nil }
        guard let remote = json["remote"]?.string, let branches = json["branches"]?.object else { return nil }
        var tips: [String: ProjectView.Tip] = [:]
        for (name, value) in branches {
            guard let asked = Self.time(value["asked"]), let changed = Self.time(value["changed"]) else { return nil }
            let commit = value["commit"]?.string
            let id = commit.flatMap { ObjectID(hex: $0) }
            guard (commit == nil) == (id == nil) else { return nil }
            tips[name] = ProjectView.Tip(commit: id, asked: asked, changed: changed)
        }
        let proofs = (json["reachable"]?.array ?? []).compactMap { value in
            value["commit"]?.string.flatMap { ObjectID(hex: $0) }.flatMap { commit in
                value["branch"]?.string.map { ProjectView.Proof(commit: commit, branch: $0) }
            }
        }
        view = ProjectView(remote: remote, defaultBranch: json["default_branch"]?.string, tips: tips, proofs: proofs)
        folders = (json["folders"]?.array ?? []).compactMap(\.string)
        freshBytes = max(json["fresh_bytes"]?.number?.int ?? 0, 0)
        boot = json["boot"]?.string ?? ""
    }

    var json: JSON {
        let branches = view.tips.sorted { $0.key < $1.key }.map { name, tip -> (String, JSON) in
            let commit: JSON = tip.commit.map { .string($0.description) } ?? .null
            return (name, ["commit": commit, "asked": Self.number(tip.asked), "changed": Self.number(tip.changed)])
        }
        return [
            "version": 1,
            "remote": .string(view.remote),
            "default_branch": view.defaultBranch.map { .string($0) } ?? .null,
            "branches": .object(JSONObject(branches)),
            "reachable": .array(
                view.proofs.map { ["commit": .string($0.commit.description), "branch": .string($0.branch)] }
            ),
            "folders": .array(folders.map { .string($0) }),
            "fresh_bytes": .number(JSONNumber(Int64(freshBytes))),
            "boot": .string(boot),
        ]
    }

    /// - Returns: nil for what is no point in time: a number in JSON can be infinite.
    private static func time(_ json: JSON?) -> WallTime? {
        guard let seconds = json?.number?.double, (0...1e11).contains(seconds) else { return nil }
        return WallTime(seconds: seconds)
    }

    private static func number(_ time: WallTime) -> JSON { .number(JSONNumber(Int64(time.seconds))) }
}

extension ProjectState {
    /// - Returns: nil if there is none, or none that can be read: then the repository is cloned anew.
    static func read(_ path: String) -> ProjectState? {
        guard let bytes = try? Files.read(path, limit: 16 << 20), let json = try? JSON(parsing: bytes) else { return nil }
        return ProjectState(json)
    }

    func write(to path: String) throws(FileError) {
        try Files.replace(path, with: Array(json.prettyText.utf8) + [UInt8(ascii: "\n")])
    }
}
