extension FaultServer {
    /// A way to go wrong, or to be of another kind.
    public enum Fault: Sendable, Hashable {
        /// When to come back, in both forms that HTTP has.
        public enum RetryAfter: Sendable, Hashable {
            case seconds(Int)
            /// As a date, so many seconds from now.
            case date(Int)
        }

        /// Takes the request and never answers.
        case silent
        /// The right answer, one byte a second.
        case drip
        /// Closes the connection instead of an answer.
        case hangUp
        /// Closes the connection after so many bytes of the body, whose length was announced.
        case cut(after: Int)
        /// Ends the body in good order after so many bytes: only who understands it sees that something is missing.
        case shortened(to: Int)
        /// A bit in the middle of the pack is another.
        case flipped
        /// The checksum at the pack's end is wrong.
        case wrongChecksum
        case status(Int, retryAfter: RetryAfter? = nil)
        /// To the same path of another server.
        case redirect(to: String)
        /// HTML, as of a login page.
        case page
        /// The right headers and no body.
        case empty
        /// Four MiB of headers.
        case hugeHeaders
        /// Packet lines for ever.
        case endless
        /// The answer is made and then held back until the server is healed.
        case hold
        /// Does not know version 2 of the protocol.
        case version0
        /// Whether it offers filters; by default it does not.
        case filter(Bool)

        var name: String {
            switch self {
            case .silent: "silent"
            case .drip: "drip"
            case .hangUp: "hang-up"
            case .cut: "cut"
            case .shortened: "shortened"
            case .flipped: "flipped"
            case .wrongChecksum: "wrong-checksum"
            case .status: "status"
            case .redirect: "redirect"
            case .page: "page"
            case .empty: "empty"
            case .hugeHeaders: "huge-headers"
            case .endless: "endless"
            case .hold: "hold"
            case .version0: "version-0"
            case .filter: "filter"
            }
        }

        var argument: String {
            switch self {
            case .cut(let count), .shortened(let count): "\(count)"
            case .status(let code, nil): "\(code)"
            case .status(let code, .seconds(let seconds)): "\(code) seconds \(seconds)"
            case .status(let code, .date(let seconds)): "\(code) date \(seconds)"
            case .redirect(let base): base
            case .filter(let isOffered): isOffered ? "true" : "false"
            default: ""
            }
        }
    }
}
