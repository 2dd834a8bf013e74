import CloudEvents
import Curl

/// A request that was sent, and what came back.
struct HTTPExchange: Sendable {
    var request: HTTPRequest
    var response: HTTPResponse
    /// The bodies as JSON, of the request by true; nil in it for what is none.
    private var read: [Bool: JSON?] = [:]

    init(request: HTTPRequest, response: HTTPResponse) {
        self.request = request
        self.response = response
    }

    /// The body as JSON, read once: many placeholders may ask for a part of it.
    mutating func json(ofRequest isRequest: Bool) -> JSON? {
        if let json = read[isRequest] { return json }
        let json = try? JSON(parsing: isRequest ? request.body : response.body)
        read.updateValue(json, forKey: isRequest)
        return json
    }
}
