/// What the files of a run print, as one text: a line with its name before what each of them has printed.
struct Transcript: Sendable {
    private var file: String?
    private var isFirst: Bool
    /// Whether what came last has not ended its line.
    private(set) var endsInLine = false

    /// - Parameter hasTextBefore: something else was shown before, which an empty line parts it from.
    init(hasTextBefore: Bool = false) { isFirst = !hasTextBefore }

    /// - Returns: what comes next, for a piece that `file` has printed.
    mutating func text(of piece: String, from file: String) -> String {
        var text = ""
        if file != self.file {
            text = "\(endsInLine ? "\n" : "")\(isFirst ? "" : "\n")== \(file)\n"
            (self.file, isFirst, endsInLine) = (file, false, false)
        }
        endsInLine = piece.last.map { !$0.isNewline } ?? endsInLine
        return text + piece
    }
}
