import Basics
import CloudEvents
import Glibc
import Model

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

    /// Makes the directory with the event in it. Blocks.
    init(for event: CloudEvent, runID: String, in runsDirectory: String) throws(FileError) {
        // A script may have removed the directory above: that must not be the end of all others.
        try Files.createDirectory(runsDirectory)
        let directory = try Files.createUniqueDirectory("\(runsDirectory)/\(PlainName(runID).map { "\($0)-" } ?? "")")
        // An id comes from a sender: it names files only if it can be nothing but a name, with room for the endings.
        let stem = PlainName(event.id).map { $0.text.utf8.count <= 200 ? "\($0)." : "" } ?? ""
        paths = Paths(
            directory: directory,
            eventFile: "\(directory)/\(stem)event.json",
            resultFile: "\(directory)/\(stem)finished.event.json"
        )
        do {
            try Files.write(event.raw, to: paths.eventFile)
        } catch {
            remove()
            throw error
        }
    }

    /// Removes the directory with all that the script left in it, read-only things too. Blocks.
    func remove() { Files.removeTree(paths.directory) }

    /// What the script wrote as its result; nil if it wrote none, or no regular file, or more than `limit` bytes. Blocks.
    func result(limit: Int) -> [UInt8]? {
        // A script may have put a pipe or a link there, and one that got away from its group may do so at any moment.
        try? Files.readRegular(paths.resultFile, limit: limit)
    }
}
