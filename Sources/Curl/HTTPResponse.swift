/// The last answer to a request, after redirects.
public struct HTTPResponse: Sendable {
    public var status: Int
    /// As the server sent them, without trailers.
    public var headers: HTTPHeaders
    /// Empty where the request has a receiver that took it.
    public var body: [UInt8]
    /// Whether the body was longer than the request's limit and its rest left out.
    public var isCut: Bool
    /// Where the answer came from.
    public var url: HTTPURL
    /// nil where nobody asked, on a connection that was there already, and without TLS.
    public var certificate: ServerCertificate?
    /// How many redirects were followed.
    public var redirects: Int
    /// From the call to the last byte, redirects included.
    public var duration: Duration

    public var isSuccess: Bool { (200..<300).contains(status) }
}
