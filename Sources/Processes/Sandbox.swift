import CSpawn
import Glibc

/// Which files programs may reach, by the kernel's Landlock (Documentation/userspace-api/landlock.rst). All else is refused to them:
/// reading, writing, making and removing files, and, from version 6 on, signals to processes outside. They cannot trace
/// processes outside in any version.
///
/// The places that all programs share are opened once; each ``Command`` adds its own.
public final class Sandbox: Sendable {
    /// What the kernel refuses outside of the rules.
    private let handled: FileAccess
    private let scoped: UInt64
    private let places: [Place]

    private struct Place: Sendable {
        let descriptor: CInt
        let access: FileAccess
    }

    /// The kernel's version of Landlock; 0: it has none, or it is turned off.
    public static var version: Int { Int(cspawn_landlock_abi()) }

    /// - Parameters:
    ///   - readable: absolute paths of files and directories that may be read and executed, with all beneath; those that do not
    ///     exist are passed over.
    ///   - writable: the same, for everything.
    ///   - protected: what no rule may reach, though it may lie beneath one of these. Of a directory on the way to it each
    ///     other entry that is there now is allowed by itself.
    /// - Throws: ``StartError`` if the kernel has no Landlock, or if a place is protected itself.
    public init(readable: [String], writable: [String], protected: [String]) throws(StartError) {
        let version = Self.version
        guard version > 0 else { throw StartError("use", "Landlock, which this kernel lacks or has turned off,", errno: ENOSYS) }
        handled = .all(ofVersion: version)
        // Abstract sockets and signals.
        scoped = version >= 6 ? 3 : 0
        var places: [Place] = []
        let guarded = ProtectedPaths(protected)
        for (roots, access) in [(readable, FileAccess.reading), (writable, handled)] {
            for root in roots {
                for path in guarded.open(root) {
                    let descriptor = cspawn_open_path(path)
                    guard descriptor >= 0 else { continue }
                    places.append(Place(descriptor: descriptor, access: access.intersection(handled)))
                }
            }
        }
        self.places = places
    }

    deinit { for place in places { close(place.descriptor) } }

    /// The rules for one program.
    ///
    /// - Throws: ``StartError`` if one of its own places cannot be opened.
    func ruleset(readable: [String], writable: [String]) throws(StartError) -> Descriptor {
        let raw = cspawn_landlock_ruleset(handled.rawValue, scoped)
        guard raw >= 0 else { throw StartError("make", "a sandbox", errno: errno) }
        let ruleset = Descriptor(raw)
        for place in places { try Self.allow(place.access, to: place.descriptor, in: ruleset.raw, "a place") }
        for (paths, access) in [(readable, FileAccess.reading), (writable, handled)] {
            for path in paths {
                let descriptor = cspawn_open_path(path)
                guard descriptor >= 0 else { throw StartError("open", path, errno: errno) }
                defer { close(descriptor) }
                try Self.allow(access.intersection(handled), to: descriptor, in: ruleset.raw, path)
            }
        }
        return ruleset
    }

    private static func allow(_ access: FileAccess, to descriptor: CInt, in ruleset: CInt, _ name: String) throws(StartError) {
        if cspawn_landlock_allow(ruleset, descriptor, access.rawValue) == 0 { return }
        // Rules on files take less than those on directories.
        guard errno == EINVAL, cspawn_landlock_allow(ruleset, descriptor, access.intersection(.ofFile).rawValue) == 0 else {
            throw StartError("allow in the sandbox", name, errno: errno)
        }
    }
}
