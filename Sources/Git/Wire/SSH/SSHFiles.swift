import Basics
import Glibc

/// The files of one ssh connection, in a directory that only we can read: a key and a passphrase that did not come as files, and
/// the program that hands over the passphrase. Nothing of them is ever an argument or a variable, which others can see, and neither is
/// where they are: who knows the path can connect to the socket that is there.
struct SSHFiles: Sendable, Hashable {
    let directory: String
    /// The private key, from the directory on; nil: ssh looks where it always does.
    let key: String?

    /// From the directory on, too.
    let askpass = "./askpass"

    /// Writes what is needed. Blocks.
    init(_ access: RemoteAccess.SSH, in directory: String) throws(FileError) {
        self.directory = directory
        try Files.createDirectory(directory)
        switch access.key {
        case nil: key = nil
        case .file(let path): key = path
        case .text(let text):
            // ssh refuses a key whose last line does not end.
            try Files.write(Array((text.hasSuffix("\n") ? text : text + "\n").utf8), to: "\(directory)/key")
            key = "key"
        }
        guard let passphrase = access.passphrase else { return }
        try Files.write(Array(passphrase.utf8), to: "\(directory)/passphrase")
        // By ssh, whose working directory this is.
        try Files.write(Array("#!/bin/sh\nexec cat passphrase\n".utf8), to: "\(directory)/askpass", mode: 0o700)
    }
}
