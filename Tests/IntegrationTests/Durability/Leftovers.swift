import Basics
import Glibc

/// What has no business in a cache directory between two refreshes.
enum Leftovers {
    /// - Returns: the paths of what an interrupted refresh left over, relative to the directory.
    static func find(in cache: String) throws -> [String] {
        try Files.list(cache).flatMap { project in
            try Files.list("\(cache)/\(project)").flatMap { name -> [String] in
                let path = "\(project)/\(name)"
                switch name {
                case "state.json": return []
                case "tmp": return try Files.list("\(cache)/\(path)").map { "\(path)/\($0)" }
                case "snapshots": return try snapshots(cache, path)
                case "repository.git":
                    return try files(cache, path).filter(isStray) + packs(cache, "\(path)/objects/pack")
                default: return [path]
                }
            }
        }
    }

    /// A lock that nobody holds, or a half-made file.
    private static func isStray(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(".lock") || name.contains(".new-") || name.hasPrefix("pack_git2_") || name.hasPrefix("tmp_")
            || name.contains(".git2_")
    }

    /// Packs without an index, and indexes without a pack.
    private static func packs(_ root: String, _ path: String) throws -> [String] {
        guard Files.exists("\(root)/\(path)") else { return [] }
        let names = try Files.list("\(root)/\(path)").filter { $0.hasPrefix("pack-") }
        let stems = Dictionary(grouping: names) { $0.split(separator: ".").first ?? "" }
        return stems.values.filter { names in
            !names.contains { $0.hasSuffix(".pack") } || !names.contains { $0.hasSuffix(".idx") }
        }.flatMap(\.self).map { "\(path)/\($0)" }
    }

    /// What is not named by a commit, and commits without anything in them.
    private static func snapshots(_ root: String, _ path: String) throws -> [String] {
        try Files.list("\(root)/\(path)").filter { name in
            try name.utf8.count != 40 || files(root, "\(path)/\(name)").isEmpty
        }.map { "\(path)/\($0)" }
    }

    private static func files(_ root: String, _ path: String) throws -> [String] {
        try Files.list("\(root)/\(path)").flatMap { name in
            let path = "\(path)/\(name)"
            return Files.isDirectory("\(root)/\(path)") ? try files(root, path) : [path]
        }
    }
}
