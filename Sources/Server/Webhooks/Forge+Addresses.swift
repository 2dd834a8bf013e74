import CloudEvents

extension Forge {
    /// The ways to the repository that a webhook's payload names, without repetition.
    func addresses(in payload: JSON) -> [RepositoryAddress] {
        let repository = payload["repository"]
        let texts: [String?]
        switch self {
        case .github, .gitea, .forgejo:
            texts = ["clone_url", "ssh_url", "html_url", "git_url"].map { repository?[$0]?.string }
        case .gitlab:
            let project = payload["project"]
            texts =
                ["git_http_url", "git_ssh_url", "web_url", "homepage"].map { project?[$0]?.string }
                + ["git_http_url", "git_ssh_url", "homepage", "url"].map { repository?[$0]?.string }
        case .bitbucket:
            // The Cloud links to the page, whose path is the repository's; the Data Center to the ways to clone.
            let links = repository?["links"]
            let clones = links?["clone"]?.array ?? []
            texts = clones.map { $0["href"]?.string } + [links?["html"]?["href"]?.string]
        }
        let addresses = texts.compactMap { $0.flatMap { RepositoryAddress($0) } }
        let known = self == .bitbucket && addresses.isEmpty ? Self.dataCenterAddresses(repository) : addresses
        return known.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Bitbucket Data Center without links to clone: where the page is, the ways are known; else only the end of the path is.
    private static func dataCenterAddresses(_ repository: JSON?) -> [RepositoryAddress] {
        guard let key = repository?["project"]?["key"]?.string?.lowercased(), !key.isEmpty, !key.contains("/"),
            let slug = repository?["slug"]?.string?.lowercased(), !slug.isEmpty, !slug.contains("/")
        else { return [] }
        let path = "\(key)/\(slug)"
        let page = repository?["links"]?["self"]?.array?.first?["href"]?.string.flatMap { RepositoryAddress($0) }
        let pagePath = page?.path.lowercased() ?? ""
        guard let host = page?.host, let end = pagePath.firstRange(of: "projects/\(key)/repos/") else {
            return [RepositoryAddress(host: nil, path: path)]
        }
        let context = pagePath[..<end.lowerBound]
        return [RepositoryAddress(host: host, path: "\(context)scm/\(path)"), RepositoryAddress(host: host, path: path)]
    }
}
