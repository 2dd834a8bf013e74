import Basics
import CloudEvents

/// The keys of a keyring in binary, which is all that gpgv reads.
enum OpenPGPKeyring {
    static let maximumSize = 16 << 20

    /// - Parameter file: a keyring, binary (as `gpg --export` writes it, or a keybox) or armored, of one block or several.
    /// - Returns: nil if it is neither.
    static func binary(_ file: [UInt8]) -> [UInt8]? {
        if file.first.map({ $0 & 0x80 != 0 }) ?? false || file.dropFirst(8).starts(with: Array("KBXf".utf8)) { return file }
        var keys: [UInt8] = []
        let text = String(decoding: file, as: UTF8.self)
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(\.trimmed)[...]
        while let begin = lines.firstIndex(of: "-----BEGIN PGP PUBLIC KEY BLOCK-----") {
            // Headers end with an empty line.
            guard let empty = lines[begin...].firstIndex(where: \.isEmpty),
                let end = lines[empty...].firstIndex(of: "-----END PGP PUBLIC KEY BLOCK-----")
            else { return nil }
            // A line that begins with `=` is a checksum of the lines before it.
            let digits = lines[empty..<end].prefix { $0.first != "=" }.joined()
            guard let block = Base64.decode(digits), block.first.map({ $0 & 0x80 != 0 }) ?? false else { return nil }
            keys += block
            lines = lines[end...].dropFirst()
        }
        return keys.isEmpty ? nil : keys
    }
}
