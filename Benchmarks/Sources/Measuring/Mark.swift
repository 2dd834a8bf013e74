/// What a figure must reach, or must not exceed.
public struct Mark: Sendable {
    public var title: String
    public var figure: Double
    public var limit: Double
    /// Whether `limit` is the least that is wanted; else it is the most.
    public var isLeast: Bool
    /// Follows the figure: "ms".
    public var unit: String
    /// What more is expected, for people.
    public var note: String

    public init(title: String, figure: Double, limit: Double, isLeast: Bool = false, unit: String = "", note: String = "") {
        self.title = title
        self.figure = figure
        self.limit = limit
        self.isLeast = isLeast
        self.unit = unit
        self.note = note
    }

    /// Never met where nothing was measured.
    public var isMet: Bool { isLeast ? figure >= limit : figure <= limit }
}
