import Basics

/// The names and values of a request's query, or of a command's options; each name once.
struct QueryItems: Sendable {
    private var values: [String: String] = [:]

    /// - Parameter query: as it was sent, still encoded; nil is empty.
    init(query: String?) throws(QueryError) {
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(pair[0]), let value = Self.decode(pair.count > 1 ? pair[1] : "") else {
                throw QueryError("the query is not encoded as it must be: '\(String(part).printable)'")
            }
            try add(name, value)
        }
    }

    mutating func add(_ name: String, _ value: String) throws(QueryError) {
        guard values.updateValue(value, forKey: name) == nil else {
            throw QueryError("'\(name.printable)' is there twice: name it once")
        }
    }

    /// - Parameter options: those without a value are left out.
    init(_ options: [String: String?]) { values = options.compactMapValues { $0 } }

    private static func decode(_ text: Substring) -> String? {
        PercentEncoding.decode(Array(text.utf8), isForm: true).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Takes a value out; nil if there is none.
    ///
    /// - Parameters:
    ///   - allowed: what it may be, for the sentence.
    ///   - parse: gives nil for a value that is not allowed.
    mutating func take<T>(_ name: String, allowed: String, _ parse: (String) -> T?) throws(QueryError) -> T? {
        guard let text = values.removeValue(forKey: name) else { return nil }
        guard let value = parse(text) else { throw QueryError("\(name) is '\(text.printable)'; allowed: \(allowed)") }
        return value
    }

    /// To be called when all that are known are taken.
    func finish(known: [String]) throws(QueryError) {
        guard let name = values.keys.min() else { return }
        throw QueryError("nothing is called '\(name.printable)' here; there are \(known.joined(separator: ", "))")
    }
}

/// What is wrong with a query, in one sentence.
struct QueryError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
