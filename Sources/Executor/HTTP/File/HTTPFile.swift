/// A `.http` file as it was written, its placeholders still in it.
struct HTTPFile: Sendable, Hashable {
    /// `@name = value`; the value may name earlier ones.
    struct Variable: Sendable, Hashable {
        var name: String
        var value: HTTPTemplate.Text
    }

    /// In the order of their lines, wherever in the file they stand.
    var variables: [Variable] = []
    /// At least one, in the order in which they are sent.
    var requests: [HTTPTemplate]
    /// What was passed over.
    var warnings: [String] = []
}
