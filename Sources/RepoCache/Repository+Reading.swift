import Git

extension Repository {
    /// Opens a bare repository, and opens it again if what `body` reads was there a moment ago: somebody may repack it, and a pack that
    /// was replaced between its listing and its first use looks like damage.
    ///
    /// What is damaged for good is damaged each time. Blocks.
    static func reading<T>(_ path: String, _ body: (borrowing Repository) throws -> T) throws -> T {
        for _ in 1..<attempts {
            do {
                return try body(try Repository(openingBare: path))
            } catch let error as GitError where [.corrupt, .notFound, .disk].contains(error.failureClass) {
                continue
            }
        }
        return try body(try Repository(openingBare: path))
    }

    private static let attempts = 3
}
