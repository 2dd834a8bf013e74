import Glibc

/// Who a process is for the kernel.
public struct ProcessUser: Sendable, Hashable {
    public var uid: UInt32
    public var gid: UInt32
    /// Supplementary groups.
    public var groups: [UInt32]

    public init(uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }

    /// Reads `1000`, `1000:2000` or a name of the user database. A user without an entry there has the group of its own number.
    ///
    /// - Returns: nil if there is no such user. Blocks: the database may be anywhere.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, !text.utf8.contains(0) else { return nil }
        let given = parts.count == 2 ? Self.number(parts[1]) : nil
        guard parts.count == 1 || given != nil else { return nil }
        if let uid = Self.number(first) {
            let entry = Self.entry { getpwuid_r(uid, $0, $1, $2, $3) }
            self.init(uid: uid, gid: given ?? entry?.gid ?? uid)
            if let entry { groups = Self.groups(of: entry.name, gid) }
        } else {
            guard let entry = Self.entry({ getpwnam_r(String(first), $0, $1, $2, $3) }) else { return nil }
            self.init(uid: entry.uid, gid: given ?? entry.gid, groups: Self.groups(of: entry.name, given ?? entry.gid))
        }
    }

    /// The highest number is nobody's: to the kernel it means that a user or group stays as it is.
    private static func number(_ text: Substring) -> UInt32? { UInt32(text).flatMap { $0 == .max ? nil : $0 } }

    /// The first directory on the way to `path`, from the root on, that this user may not walk through; nil if there is none.
    /// `path` itself counts; it is absolute. Only the mode is looked at, not access control lists. Blocks.
    public func firstClosedDirectory(onTheWayTo path: String) -> String? {
        var directory = ""
        for part in path.split(separator: "/") {
            directory += "/" + part
            var status = stat()
            guard stat(directory, &status) == 0 else { return directory }
            let isOpen =
                uid == 0
                ? true
                : status.st_uid == uid
                    ? status.st_mode & S_IXUSR != 0
                    : ([gid] + groups).contains(status.st_gid) ? status.st_mode & S_IXGRP != 0 : status.st_mode & S_IXOTH != 0
            if !isOpen { return directory }
        }
        return nil
    }

    private typealias Lookup = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> CInt

    private static func entry(_ look: Lookup) -> (name: String, uid: UInt32, gid: UInt32)? {
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1 << 16) { buffer in
            guard let start = buffer.baseAddress, look(&record, start, buffer.count, &found) == 0, found != nil else {
                return nil
            }
            return (String(cString: record.pw_name), record.pw_uid, record.pw_gid)
        }
    }

    private static func groups(of name: String, _ gid: UInt32) -> [UInt32] {
        var groups = [gid_t](repeating: 0, count: 1_024)
        var count = CInt(groups.count)
        guard getgrouplist(name, gid, &groups, &count) >= 0 else { return [] }
        return groups.prefix(Int(count)).filter { $0 != gid }
    }
}
