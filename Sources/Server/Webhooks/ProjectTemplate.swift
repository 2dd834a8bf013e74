import Model

/// `GIT_REMOTE` with its `{project}`, read backwards: from a repository's address to the project.
struct ProjectTemplate: Sendable, Hashable {
    static let placeholder = "{project}"

    private let address: RepositoryAddress

    /// - Returns: nil for a remote that names no project, or a place on this machine.
    init?(_ remote: String) {
        guard let address = RepositoryAddress(remote), address.description.contains(Self.placeholder) else { return nil }
        self.address = address
    }

    /// The project whose remote has this address; nil if there is none.
    func project(at other: RepositoryAddress) -> PlainName? {
        guard other.host == nil else { return Self.solve(address.description, other.description) }
        // Of an address without a host, only the end of the path is known.
        let parts = address.path.split(separator: "/")
        let known = parts.suffix(other.path.split(separator: "/").count)
        return Self.solve(known.joined(separator: "/"), other.path)
    }

    private static func solve(_ template: String, _ text: String) -> PlainName? {
        let fixed = template.components(separatedBy: placeholder)
        let count = fixed.count - 1
        let length = text.count - fixed.reduce(0) { $0 + $1.count }
        guard count > 0, length > 0, length.isMultiple(of: count) else { return nil }
        let name = String(text.dropFirst(fixed[0].count).prefix(length / count))
        guard fixed.joined(separator: name).lowercased() == text.lowercased() else { return nil }
        return PlainName(name)
    }
}

extension String {
    /// The texts between the places where `separator` stands; one more than there are such places.
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
