/// What a response must be like: `?? status == 200`, `?? header content-type includes json`, `?? body $.a.b == x`,
/// `?? duration < 500`, as httpyac writes it.
struct HTTPAssertion: Sendable, Hashable {
    /// What is looked at.
    enum Subject: Sendable, Hashable {
        case status
        /// In milliseconds, as httpyac has it.
        case duration
        case header(String)
        /// The whole body, or what a JSON path leads to.
        case body(path: String?)
    }

    enum Relation: String, Sendable, Hashable, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case includes
        case startsWith
        case endsWith

        case exists
        case isFalse
        case isTrue
        case isNumber
        case isString
        case isBoolean
        case isNull
        case isArray

        /// Whether something stands behind it.
        var comparesWithValue: Bool {
            switch self {
            case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .includes, .startsWith, .endsWith: true
            case .exists, .isFalse, .isTrue, .isNumber, .isString, .isBoolean, .isNull, .isArray: false
            }
        }
    }

    var subject: Subject
    var relation: Relation
    /// Empty for relations that compare with nothing; may hold placeholders.
    var expected: HTTPTemplate.Text
}
