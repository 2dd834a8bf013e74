/// One question and its answer: what is sent in one hop of a request. Checked, so that nothing in it can end a line early.
struct Exchange: Sendable {
    let request: HTTPRequest
    private(set) var method: String
    private(set) var url: HTTPURL
    private(set) var headers: HTTPHeaders
    private(set) var body: [UInt8]
    private(set) var credentials: BasicCredentials?
    private(set) var clientCertificate: HTTPRequest.ClientCertificate?
    private(set) var netrcFile: String?
    /// What the request says, until ``settleProxy(environment:)``.
    private(set) var proxy: HTTPRequest.Proxy
    private(set) var redirects = 0

    init(_ request: HTTPRequest) throws(HTTPClientError) {
        let url = try HTTPURL(request.url)
        guard request.method.isHTTPToken else {
            throw HTTPClientError(.invalidRequest, "the method holds a character that HTTP does not allow").of("request", url)
        }
        for field in request.headers.fields where !field.isValid {
            // A name that is no token may be anything, a pasted secret too: it is not shown.
            let name = field.name.isHTTPToken ? "the value of header \(field.name)" : "the name of a header"
            throw HTTPClientError(.invalidRequest, "\(name) holds a character that HTTP does not allow").of(request.method, url)
        }
        if let problem = Self.problem(of: request) {
            throw HTTPClientError(.invalidRequest, problem).of(request.method, url)
        }
        self.request = request
        self.url = url
        method = request.method
        headers = request.headers
        // The body's length and framing follow from the body; two opinions about them would be request smuggling.
        headers.removeAll { field in
            ["Content-Length", "Transfer-Encoding", "Expect"].contains { field.name.equalsIgnoringCase($0) }
        }
        body = request.body
        credentials = request.credentials ?? url.credentials
        clientCertificate = request.clientCertificate
        netrcFile = request.netrcFile
        proxy = request.proxy
    }

    /// Decides whether a proxy connects in our place, so that libcurl has nothing left to decide.
    mutating func settleProxy(environment: (String) -> String?) {
        proxy = request.proxy.settled(for: url, environment: environment)
    }

    private static func problem(of request: HTTPRequest) -> String? {
        let certificate = request.clientCertificate
        for path in [request.caFile, certificate?.file, certificate?.keyFile, request.netrcFile] {
            if path?.utf8.contains(0) == true { return "the path of a file holds a NUL" }
        }
        if case .url(let proxy) = request.proxy, proxy.isEmpty || proxy.utf8.contains(where: { $0 <= 0x20 }) {
            return "the proxy's URL is empty or holds white space"
        }
        if let credentials = request.credentials {
            if (credentials.user + credentials.password).utf8.contains(0) { return "the credentials hold a NUL" }
            if credentials.user.contains(":") { return "the user's name holds a colon, which Basic authentication cannot send" }
        }
        return nil
    }

    /// The error for a place where the request may not go.
    func refused(_ refusal: String) -> HTTPClientError { HTTPClientError(.destination, refusal).of(method, url) }

    /// Whether an answer of that status sends us elsewhere, so that its body is of no interest.
    func follows(status: Int, location: String?) -> Bool {
        request.maximumRedirects > 0 && location != nil && [301, 302, 303, 307, 308].contains(status)
    }

    /// The exchange that follows a redirect; nil if the answer is the last one.
    ///
    /// Method and body change as RFC 9110, section 15.4, allows and every client does: after 303, and after 301 and 302 of a POST,
    /// the next request is a GET without a body. To another host go neither credentials nor headers that may hold a secret.
    func next(status: Int, location: String?) throws(HTTPClientError) -> Exchange? {
        guard follows(status: status, location: location), let location else { return nil }
        guard redirects < request.maximumRedirects else {
            throw HTTPClientError(.redirect, "redirected more than \(request.maximumRedirects) times").of(method, url)
        }
        var next = self
        do {
            next.url = try url.resolving(location)
        } catch {
            throw HTTPClientError(.redirect, "redirected to a place that cannot be used: \(error.reason)").of(method, url)
        }
        next.redirects += 1
        if !url.isSameParty(next.url) {
            guard !request.staysOnHost else {
                let reason = "redirected to another server, which is not allowed here: \(next.url)"
                throw HTTPClientError(.redirect, reason).of(method, url)
            }
            next.credentials = nil
            next.clientCertificate = nil
            // What a file has for the next host is that host's, but not for everyone on the way to it.
            if url.scheme == "https", next.url.scheme == "http" { next.netrcFile = nil }
            next.headers.removeAll { $0.isSensitive || $0.name.equalsIgnoringCase("Host") }
        }
        if (status == 303 && method != "HEAD") || ([301, 302].contains(status) && method == "POST") {
            next.method = "GET"
            next.body = []
            next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        return next
    }
}

extension Exchange {
    /// Sets the `Cookie` header; nil: there is none.
    mutating func setCookies(_ cookies: String?) throws(HTTPClientError) {
        headers.removeAll { $0.name.equalsIgnoringCase("Cookie") }
        guard let cookies else { return }
        let field = HTTPHeaders.Field("Cookie", cookies)
        guard field.isValid else {
            throw HTTPClientError(.invalidRequest, "a cookie holds a character that HTTP does not allow").of(method, url)
        }
        headers.append(field.name, field.value)
    }
}

extension HTTPURL {
    /// Whether what was told to this server may be told to the other: the same one, or the same host's move to https.
    public func isSameParty(_ other: HTTPURL) -> Bool {
        guard host.equalsIgnoringCase(other.host) else { return false }
        if scheme == other.scheme { return port == other.port }
        return scheme == "http" && port == 80 && other.scheme == "https" && other.port == 443
    }
}
