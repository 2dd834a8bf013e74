import GRDB

/// Why the database could not be read or written; one sentence.
struct StoreError: Error, Hashable, CustomStringConvertible {
    enum Kind: Hashable {
        /// There is no room on the disk.
        case full
        /// The file or its directory cannot be read or written.
        case inaccessible
        /// What is in the file is no database, or not a whole one.
        case damaged
        /// A newer program has written it.
        case newer
        /// The service ends.
        case closed
        case other
    }

    let kind: Kind
    let description: String

    static let closed = StoreError(kind: .closed, description: "the database is closed: the service is shutting down")

    static func removed(_ path: String) -> StoreError {
        StoreError(
            kind: .inaccessible,
            description: "the database \(path) was removed or replaced while it is in use: put it back, or start the service anew"
        )
    }

    static func newer(_ path: String) -> StoreError {
        StoreError(
            kind: .newer,
            description: "the database \(path) was written by a newer version: start that version, or one after it, "
                + "or name another DATA_DIRECTORY"
        )
    }

    init(kind: Kind, description: String) {
        self.kind = kind
        self.description = description
    }

    /// - Parameter path: of the database.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(error, path: path)
        default: self.init(kind: .other, description: "cannot use the database \(path): \(error)")
        }
    }

    private init(_ error: DatabaseError, path: String) {
        let reason = error.message ?? "\(error.resultCode)"
        switch error.resultCode.primaryResultCode {
        case .SQLITE_FULL:
            self.init(
                kind: .full,
                description: "cannot write the database \(path): the disk is full; make room for it"
            )
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(kind: .damaged, description: "the database \(path) is damaged: \(reason)")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                kind: .inaccessible,
                description:
                    "cannot write the database \(path): another process holds it; end that one, the service goes on by itself"
            )
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_IOERR:
            self.init(
                kind: .inaccessible,
                description: "cannot use the database \(path): \(reason); the directory must exist, be writable and have room"
            )
        default: self.init(kind: .other, description: "cannot use the database \(path): \(reason)")
        }
    }

    /// Whether it may go away by itself, or by what an operator does while the service runs.
    var mayPass: Bool { kind == .full || kind == .inaccessible }
}
