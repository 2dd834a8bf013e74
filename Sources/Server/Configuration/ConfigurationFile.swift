import Basics
import Yams

/// The YAML file (`--config`, `GES_CONFIG`): settings by their names in lower case, and under `projects:` those of single projects.
struct ConfigurationFile: Sendable, Hashable {
    private(set) var values: [String: String] = [:]
    private(set) var projects: [String: [String: String]] = [:]

    init() {}

    /// - Throws: ``ConfigurationError`` for a file that cannot be read, is no YAML mapping, or has a key that nobody knows.
    init(path: String) throws(ConfigurationError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(path, limit: 1 << 20) } catch { throw ConfigurationError("\(error); name a readable file") }
        try self.init(text: String(decoding: bytes, as: UTF8.self), path: path)
    }

    init(text: String, path: String) throws(ConfigurationError) {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw ConfigurationError("\(path) is not valid YAML: \(Self.reason(error))")
        }
        guard let root, root.null == nil else { return }
        guard case .mapping(let mapping) = root else {
            throw ConfigurationError("\(path) must be a YAML mapping of setting names to values")
        }
        for (key, node) in mapping {
            let name = key.string ?? ""
            guard name == "projects" else {
                values[try Self.known(name, in: path)] = try Self.text(of: node, name, in: path)
                continue
            }
            guard case .mapping(let sections) = node else {
                throw ConfigurationError("'projects' in \(path) must be a mapping of project names to settings")
            }
            for (project, section) in sections { try read(section, of: project.string ?? "", in: path) }
        }
    }

    private mutating func read(_ section: Node, of project: String, in path: String) throws(ConfigurationError) {
        guard case .mapping(let settings) = section else {
            throw ConfigurationError("project '\(project)' in \(path) must be a mapping of setting names to values")
        }
        for (key, node) in settings {
            let name = try Self.known(key.string ?? "", in: path)
            guard Settings.all.contains(where: { $0.key == name && $0.isPerProject }) else {
                throw ConfigurationError("'\(name)' in \(path) cannot be set for one project; move it out of 'projects'")
            }
            projects[project, default: [:]][name] = try Self.text(of: node, name, in: path)
        }
    }

    /// What is wrong and where. Yams shows the line itself, too, which may hold a token.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            "\(problem) (line \(mark.line), column \(mark.column))"
        case YamlError.reader(let problem, _, _, _): problem
        default: "it cannot be read"
        }
    }

    private static func known(_ name: String, in path: String) throws(ConfigurationError) -> String {
        guard Settings.all.contains(where: { $0.key == name }) else {
            throw ConfigurationError("'\(name)' in \(path) is no setting; names are those of the environment in lower case")
        }
        return name
    }

    private static func text(of node: Node, _ name: String, in path: String) throws(ConfigurationError) -> String {
        switch node {
        case .scalar(let scalar): return node.null == nil ? scalar.string : ""
        case .sequence(let items):
            let texts = items.compactMap(\.scalar?.string)
            if texts.count == items.count { return texts.joined(separator: ",") }
        case .mapping, .alias: break
        }
        throw ConfigurationError("'\(name)' in \(path) must be one value or a list of values")
    }
}
