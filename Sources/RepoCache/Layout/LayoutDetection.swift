import Git
import Model

/// Where a project keeps its stages.
enum StageLayout: Sendable, Hashable {
    case branches
    case directories
}

extension StageLayout {
    static let directory = ".keptn-stages"

    /// What the settings and the default branch's files say.
    ///
    /// In order: the setting; `isUsingDirectoryStructure: true` in `metadata.yaml`; a directory of the stage where there is no
    /// branch of that name; else branches. (Keptn writes the flag only when a project is migrated, and `false` into new ones
    /// whatever is true, so neither the flag nor the directory alone decides.)
    ///
    /// - Parameters:
    ///   - tree: the root of the default branch; nil if there is no such commit.
    ///   - hasBranch: whether the stage has a branch of its own.
    static func find(
        _ setting: RepositorySettings.Layout,
        tree: ObjectID?,
        stage: String?,
        hasBranch: Bool,
        in repository: borrowing Repository
    ) throws(GitError) -> StageLayout {
        switch setting {
        case .branches: return .branches
        case .directories: return .directories
        case .auto: break
        }
        guard let tree else { return .branches }
        let root = TreeCursor(root: tree)
        if case .file(let id, _) = try root.resolve([Array("metadata.yaml".utf8)], in: repository),
            try repository.blobSize(id) <= 1 << 20, saysDirectories(try repository.blob(id))
        {
            return .directories
        }
        guard let stage, !hasBranch else { return .branches }
        let directory = try root.resolve([Array(Self.directory.utf8), Array(stage.utf8)], in: repository)
        return if case .directory = directory { .directories } else { .branches }
    }

    /// Whether a project's `metadata.yaml` sets the flag: one line of a flat file, so no YAML parser is needed.
    static func saysDirectories(_ metadata: [UInt8]) -> Bool {
        String(decoding: metadata, as: UTF8.self).split(whereSeparator: \.isNewline).contains { line in
            let parts = line.split(separator: "#", omittingEmptySubsequences: false)[0].split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].isWord("isUsingDirectoryStructure") else { return false }
            return ["true", "True", "TRUE"].contains { parts[1].isWord($0) }
        }
    }
}

extension Substring {
    /// Whether it is `word` but for white space and quotes around it.
    fileprivate func isWord(_ word: String) -> Bool {
        let start = drop { $0.isWhitespace || $0 == "\"" || $0 == "'" }
        return start.hasPrefix(word) && start.dropFirst(word.count).allSatisfy { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    }
}
