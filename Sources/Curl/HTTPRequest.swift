/// One request, and how to treat its answer.
public struct HTTPRequest: Sendable {
    public enum Proxy: Sendable, Hashable {
        /// What `http_proxy`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
        case system
        case none
        /// `http://proxy.example:3128`; user and password may stand in it, percent-encoded, and are sent as Basic credentials.
        case url(String)
    }

    /// Ends a transfer that is slower than `bytesPerSecond` for all of `duration`.
    public struct LowSpeedLimit: Sendable, Hashable {
        public var bytesPerSecond: Int
        /// Whole seconds count.
        public var duration: Duration

        public init(bytesPerSecond: Int, duration: Duration) {
            self.bytesPerSecond = bytesPerSecond
            self.duration = duration
        }
    }

    /// A certificate that tells the server who we are, and its private key, both as PEM files. A key with a passphrase cannot be
    /// used.
    public struct ClientCertificate: Sendable, Hashable {
        public var file: String
        /// nil: the key is in the certificate's file.
        public var keyFile: String?

        public init(file: String, keyFile: String? = nil) {
            self.file = file
            self.keyFile = keyFile
        }
    }

    /// What happens to a body that is longer than the limit.
    public enum Overflow: Sendable, Hashable {
        /// The request fails with kind `tooLarge`.
        case fail
        /// The first bytes are kept, the response is marked as cut.
        case cut
    }

    /// Takes the next bytes of a body; false ends the transfer with kind `stopped`.
    ///
    /// It is called on the client's own thread, which serves all requests: it must not wait for anything.
    public typealias BodyReceiver = @Sendable (UnsafeRawBufferPointer) -> Bool

    /// Says why a request may not go there, in a sentence; nil if it may.
    ///
    /// It is asked before the host's name is looked up, and again with each address before a connection to it is made or one that
    /// there is already is used, also after a redirect. Where a proxy connects in our place, it is asked with all addresses that
    /// the name has here; the proxy itself is not asked about. It must not wait for anything.
    public typealias DestinationCheck = @Sendable (Destination) -> String?

    /// Takes the cookies of a redirect's answer, and gives the `Cookie` header of the hop that follows it; nil: none.
    public typealias CookieKeeper = @Sendable (_ answer: HTTPHeaders, _ from: HTTPURL, _ next: HTTPURL) -> String?

    /// Any token; case matters.
    public var method: String
    /// `http` or `https`. User information in it is sent as Basic credentials, unless `credentials` are given.
    public var url: String
    /// Sent in this order. `Content-Length`, `Transfer-Encoding` and `Expect` are the client's own affair and left out.
    public var headers: HTTPHeaders
    /// Not sent with HEAD.
    public var body: [UInt8]
    public var credentials: BasicCredentials?

    /// A PEM file whose certificates are trusted instead of the system's.
    public var caFile: String?
    /// The same as text; it counts in place of the file.
    public var authorities: String?
    public var clientCertificate: ClientCertificate?
    /// A file in the format of `.netrc`, asked for each host on the way where the request has no credentials of its own. No such
    /// file means no credentials.
    public var netrcFile: String?
    public var proxy = Proxy.system
    /// Where the request may go; nil: everywhere.
    public var destinationCheck: DestinationCheck?
    /// For name look-up, TCP and TLS together.
    public var connectTimeout = Duration.seconds(5)
    public var lowSpeedLimit: LowSpeedLimit?
    /// How many redirects are followed; with 0 the 3xx answer itself is the response.
    public var maximumRedirects = 0
    /// Asked at each redirect that is followed; nil: the request's own `Cookie` header goes on as far as others do.
    public var cookieKeeper: CookieKeeper?
    /// A redirect to another scheme, host or port is an error of kind `redirect`; http to https on the same host is fine.
    public var staysOnHost = false
    /// The most bytes of a body, after decompression.
    public var bodyLimit = 16 << 20
    public var overflow = Overflow.fail
    /// Offers the compressions that libcurl knows, and undoes them.
    public var decompresses = false
    /// Tells about the server's certificate, if the request makes a connection of its own.
    public var reportsCertificate = false
    /// Takes the body of a 2xx answer as it comes; the response's own body is then empty. Other answers' bodies are collected.
    public var onBody: BodyReceiver?

    public init(
        _ method: String = "GET",
        _ url: String,
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        credentials: BasicCredentials? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.credentials = credentials
    }
}
