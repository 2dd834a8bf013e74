import Basics
import CloudEvents
import Glibc
import Model
import Processes

/// The private directory of one file that runs: nobody else's, and gone afterwards.
struct WorkingDirectory: Sendable {
    struct Paths: Sendable, Hashable {
        /// The working directory itself, absolute. It is `HOME` and `TMPDIR`, too: directories of their own for these two, made
        /// and removed again, took 40 % of the service's time in the kernel on ext4.
        var directory: String
        var eventFile: String
        /// `<id>.finished.event.json`, which scripts of 0.8 write: they find the name from `$ID`, others from `$RESULT_FILE`.
        var resultFile: String
    }

    let paths: Paths
    /// Whose it is; nil: the service's.
    private let user: ProcessUser?

    /// Makes the directory with the event in it. Blocks.
    init(for event: CloudEvent, runID: String, in runsDirectory: String, user: ProcessUser? = nil) throws(FileError) {
        self.user = user
        let prefix = "\(runsDirectory)/\(PlainName(runID).map { "\($0)-" } ?? "")"
        let directory: String
        do throws(FileError) {
            directory = try Files.createUniqueDirectory(prefix)
        } catch {
            guard error.errno == ENOENT else { throw error }
            // The first run, or a script has removed the directory above: that must not be the end of all others.
            try Files.createDirectory(runsDirectory, mode: user == nil ? 0o700 : 0o711)
            directory = try Files.createUniqueDirectory(prefix)
        }
        // An id comes from a sender: it names files only if it can be nothing but a name, with room for the endings.
        let stem = PlainName(event.id).map { $0.text.utf8.count <= 200 ? "\($0)." : "" } ?? ""
        paths = Paths(
            directory: directory,
            eventFile: "\(directory)/\(stem)event.json",
            resultFile: "\(directory)/\(stem)finished.event.json"
        )
        do throws(FileError) {
            try Files.write(event.raw, to: paths.eventFile)
            if let user {
                // The file first: once the directory is the user's, anything may be in the file's place.
                for path in [paths.eventFile, directory] {
                    guard lchown(path, user.uid, user.gid) == 0 else { throw FileError("give away", path, errno: errno) }
                }
            }
        } catch {
            remove()
            throw error
        }
    }

    /// Removes the directory with all that the script left in it, read-only things too. Blocks.
    func remove() {
        // Most scripts leave nothing but the event.
        unlink(paths.eventFile)
        if rmdir(paths.directory) != 0 { Files.removeTree(paths.directory) }
    }

    /// What the script wrote as its result; nil if it wrote none, or no regular file, or more than `limit` bytes. Blocks.
    func result(limit: Int) -> [UInt8]? {
        // A script may have put a pipe or a link there, and one that got away from its group may do so at any moment.
        // A link (hard) to a file of somebody else would be read with the service's rights.
        try? Files.readRegular(paths.resultFile, limit: limit, owner: user?.uid)
    }
}
