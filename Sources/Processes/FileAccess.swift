import CSpawn

/// Kinds of access to files, as Landlock names them (LANDLOCK_ACCESS_FS_*, in the order of their bits).
struct FileAccess: OptionSet, Sendable, Hashable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    static let execute = FileAccess(rawValue: 1 << 0)
    static let writeFile = FileAccess(rawValue: 1 << 1)
    static let readFile = FileAccess(rawValue: 1 << 2)
    static let readDirectory = FileAccess(rawValue: 1 << 3)
    /// From version 3 on.
    static let truncate = FileAccess(rawValue: 1 << 14)
    /// From version 5 on.
    static let controlDevice = FileAccess(rawValue: 1 << 15)

    /// All that the version knows: 13 kinds in version 1, then links across directories, truncation, device controls.
    static func all(ofVersion version: Int) -> FileAccess {
        let count = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13
        return FileAccess(rawValue: (1 << UInt64(count)) - 1)
    }

    static let reading: FileAccess = [.execute, .readFile, .readDirectory]
    /// What a rule on something that is no directory may hold; the kernel refuses all else.
    static let ofFile: FileAccess = [.execute, .readFile, .writeFile, .truncate, .controlDevice]
}
