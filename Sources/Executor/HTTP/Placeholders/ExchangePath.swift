import CloudEvents
import Curl

/// What a placeholder wants of an earlier request, after that one's name: `response.body.$.token`, `response.headers.X`,
/// `request.body.*`, or, as httpyac has it, `token`.
enum ExchangePath: Sendable, Hashable {
    case status
    case header(String, ofRequest: Bool)
    case body(JSONPath, ofRequest: Bool)

    /// - Returns: the request's name, and what is wanted of it; nil for a text that names none. A name may hold dots: of those that
    ///   fit, the longest is meant.
    static func split(_ text: String, isName: (String) -> Bool) -> (request: String, path: ExchangePath)? {
        for dot in text.indices.reversed() where text[dot] == "." {
            let name = String(text[..<dot])
            if isName(name) { return ExchangePath(String(text[dot...].dropFirst())).map { (name, $0) } }
        }
        return nil
    }

    private init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, first == "response" || first == "request" else {
            guard let path = JSONPath("$." + text) else { return nil }
            self = .body(path, ofRequest: false)
            return
        }
        let isRequest = first == "request"
        switch parts.count > 1 ? parts[1] : "" {
        case "status" where !isRequest && parts.count == 2: self = .status
        case "headers" where parts.count == 3: self = .header(parts[2], ofRequest: isRequest)
        case "body":
            guard let path = JSONPath(parts.count == 3 ? parts[2] : "*") else { return nil }
            self = .body(path, ofRequest: isRequest)
        default: return nil
        }
    }

    /// What is wrong with a text that ``split(_:isName:)`` refuses, where it clearly asks for a body; nil otherwise.
    static func problem(of text: String) -> String? {
        let ends = [".response.body.", ".request.body."].compactMap { text.firstRange(of: $0)?.upperBound }
        guard let end = ends.min() else { return nil }
        return JSONPath(String(text[end...])) == nil ? JSONPath.rule : nil
    }

    /// - Throws: if there is no such thing in the exchange.
    func value(
        in exchange: inout HTTPExchange,
        name: String,
        line: Int
    ) throws(HTTPFileError) -> (text: String, isContainer: Bool) {
        switch self {
        case .status: return ("\(exchange.response.status)", false)
        case .header(let header, let isRequest):
            guard let value = (isRequest ? exchange.request.headers : exchange.response.headers)[header] else {
                throw HTTPFileError("{{\(name)}}: the \(isRequest ? "request" : "response") has no header \(header)", line: line)
            }
            return (value, false)
        case .body(let path, let isRequest):
            if path.isWhole {
                return (String(decoding: isRequest ? exchange.request.body : exchange.response.body, as: UTF8.self), false)
            }
            guard let json = exchange.json(ofRequest: isRequest) else {
                throw HTTPFileError("{{\(name)}}: the body is no JSON", line: line)
            }
            guard let value = path.value(in: json) else {
                throw HTTPFileError("{{\(name)}}: the body has nothing there", line: line)
            }
            return (value.number?.plainText ?? value.scalarText ?? value.text, value.scalarText == nil)
        }
    }
}
