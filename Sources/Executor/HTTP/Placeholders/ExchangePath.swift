import CloudEvents
import Curl

/// What a placeholder wants of an earlier request: `login.response.body.$.token`, `login.response.headers.X`, `login.request.body.*`,
/// or, as httpyac has it, `login.token`.
enum ExchangePath: Sendable, Hashable {
    case status
    case header(String, ofRequest: Bool)
    case body(JSONPath, ofRequest: Bool)

    /// - Returns: the request's name, and what is wanted of it; nil for a text that names no request.
    static func split(_ text: String) -> (request: String, path: ExchangePath)? {
        let parts = text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, HTTPRequestHead.isName(parts[0]) else { return nil }
        guard parts[1] == "response" || parts[1] == "request" else {
            return JSONPath("$." + text.dropFirst(parts[0].count + 1)).map { (parts[0], .body($0, ofRequest: false)) }
        }
        let isRequest = parts[1] == "request"
        switch parts.count > 2 ? parts[2] : "" {
        case "status" where !isRequest && parts.count == 3: return (parts[0], .status)
        case "headers" where parts.count == 4: return (parts[0], .header(parts[3], ofRequest: isRequest))
        case "body": return JSONPath(parts.count == 4 ? parts[3] : "*").map { (parts[0], .body($0, ofRequest: isRequest)) }
        default: return nil
        }
    }

    /// What is wrong with a text that ``split(_:)`` refuses, where it clearly asks for a body; nil otherwise.
    static func problem(of text: String) -> String? {
        let parts = text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[1] == "response" || parts[1] == "request", parts[2] == "body" else { return nil }
        return JSONPath(String(parts[3])) == nil ? JSONPath.rule : nil
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
