import Basics
import Glibc

/// The files of one ssh connection, in a directory that only we can read: a key and a passphrase that did not come as files, and
/// the program that hands over the passphrase. Nothing of them is ever an argument or a variable, which others can see.
struct SSHFiles: Sendable, Hashable {
    let directory: String
    /// The private key; nil: ssh looks where it always does.
    let key: String?

    var askpass: String { "\(directory)/askpass" }

    /// Writes what is needed. Blocks.
    init(_ access: RemoteAccess.SSH, in directory: String) throws(FileError) {
        self.directory = directory
        try Files.createDirectory(directory)
        switch access.key {
        case nil: key = nil
        case .file(let path): key = path
        case .text(let text):
            let path = "\(directory)/key"
            // ssh refuses a key whose last line does not end.
            try Files.write(Array((text.hasSuffix("\n") ? text : text + "\n").utf8), to: path)
            key = path
        }
        guard let passphrase = access.passphrase else { return }
        try Files.write(Array(passphrase.utf8), to: "\(directory)/passphrase")
        let script = "#!/bin/sh\nexec cat \(SSHCommand.quoted("\(directory)/passphrase"))\n"
        try Files.write(Array(script.utf8), to: askpass, mode: 0o700)
    }
}
