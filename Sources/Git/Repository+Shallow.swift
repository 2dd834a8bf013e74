import Basics

extension Repository {
    /// Writes the file that tells Git where history ends: those of `tips` that have a parent, as a clone of depth 1 does.
    ///
    /// Without it, `git` takes the missing parents for damage. It is replaced as a whole.
    public borrowing func writeShallow(tips: some Sequence<ObjectID>) throws {
        var lines: [String] = []
        for tip in Set(tips).sorted() where try !commit(tip).parents.isEmpty { lines.append("\(tip)\n") }
        let file = "\(path)/shallow"
        let text = lines.joined()
        if let old = try? Files.read(file), old.elementsEqual(text.utf8) { return }
        try Files.replace(file, with: text.utf8, mode: 0o644)
    }
}
