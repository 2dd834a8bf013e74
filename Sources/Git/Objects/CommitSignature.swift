/// The signature that a commit carries, and what it was made of.
public struct CommitSignature: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case ssh
        case openPGP
        /// X.509, as gpgsm makes it.
        case x509
        /// More than one, which Git never makes.
        case several
        case unknown
    }

    public let kind: Kind
    /// The signature as text, with its first and last line.
    public let text: [UInt8]
    /// What was signed: the commit's bytes without the signature.
    public let signedBytes: [UInt8]
    /// When the commit was made, as the signed bytes say, in seconds since 1970; nil if they do not say.
    public let committed: Int?
}

extension CommitSignature {
    private static let field = Array("gpgsig ".utf8)
    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    /// Takes a commit apart as Git does.
    ///
    /// Only the header counts (libgit2's own function finds the field in the message, too, and ends what was signed at a NUL).
    ///
    /// - Parameter commit: the bytes of a commit.
    /// - Returns: nil if it has no signature.
    public init?(in commit: [UInt8]) {
        var (text, signed): ([UInt8], [UInt8]) = ([], [])
        var (count, isInside) = (0, false)
        var committed: Int?
        var rest = commit[...]
        while let first = rest.first, first != Self.newline {
            let line = rest[...(rest.firstIndex(of: Self.newline) ?? rest.endIndex - 1)]
            rest = rest[line.endIndex...]
            if line.starts(with: Self.field) {
                count += 1
                isInside = true
                text += line.dropFirst(Self.field.count)
            } else if isInside, first == Self.space {
                text += line.dropFirst()
            } else {
                isInside = false
                signed += line
                committed = committed ?? Self.committed(line)
            }
        }
        guard count > 0 else { return nil }
        self.text = text.last == Self.newline ? text : text + [Self.newline]
        self.committed = committed
        signedBytes = signed + rest
        kind = count == 1 ? Self.kind(of: text) : .several
    }

    private static func kind(of text: [UInt8]) -> Kind {
        switch String(decoding: text.prefix { $0 != newline }, as: UTF8.self) {
        case "-----BEGIN SSH SIGNATURE-----": .ssh
        case "-----BEGIN PGP SIGNATURE-----": .openPGP
        case "-----BEGIN SIGNED MESSAGE-----": .x509
        default: .unknown
        }
    }

    /// The time in `committer Name <address> SECONDS ZONE`.
    private static func committed(_ line: ArraySlice<UInt8>) -> Int? {
        guard line.starts(with: Array("committer ".utf8)) else { return nil }
        let words = line.split(separator: space)
        return words.count < 3 ? nil : Int(String(decoding: words[words.count - 2], as: UTF8.self))
    }
}
