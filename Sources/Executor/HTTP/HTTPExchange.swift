import Curl

/// A request that was sent, and what came back.
struct HTTPExchange: Sendable {
    var request: HTTPRequest
    var response: HTTPResponse
}
