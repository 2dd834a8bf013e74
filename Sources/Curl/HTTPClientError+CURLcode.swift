import CLibCurl

extension HTTPClientError {
    /// How far a failed transfer came: libcurl has one code for whatever ran out of time or was cut off.
    struct Progress {
        /// The host's name has an address.
        var hasResolved: Bool
        /// Bytes of the request were sent.
        var hasSent: Bool
        /// The proxy's answer to CONNECT; 0 if there was none.
        var proxyStatus: Int
        var deadlineHasPassed: Bool
    }

    /// - Parameter text: what libcurl wrote about it; empty if it wrote nothing.
    init(_ code: CURLcode, _ text: String, _ progress: Progress) {
        // libcurl would show the proxy's whole URL, which may hold a password.
        guard !text.hasPrefix("Unsupported proxy") else {
            self.init(.proxy, "the proxy's URL cannot be used")
            return
        }
        let kind = Kind(code, progress, refusesCertificate: text.contains("alert") && text.contains("certificate"))
        var reason = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        switch (kind, code) {
        case (.tls, CURLE_SSL_CERTPROBLEM): reason += "; check the file of our client certificate and that of its key"
        case (.tls, CURLE_SSL_CLIENTCERT), (.tls, CURLE_RECV_ERROR), (.tls, CURLE_SEND_ERROR):
            reason += "; the server wants a client certificate, or another one"
        case (.tls, _): reason += "; if the certificate is from an authority of your own, give its CA file"
        case (.proxy, _) where progress.proxyStatus == 407:
            reason = "the proxy wants user and password, or refuses those that it got (HTTP 407)"
        default: break
        }
        self.init(kind, reason)
    }
}

extension HTTPClientError.Kind {
    /// - Parameter refusesCertificate: the server's TLS says so. With TLS 1.3 it does when the connection is in use already.
    init(_ code: CURLcode, _ progress: HTTPClientError.Progress, refusesCertificate: Bool) {
        self =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST: .dns
            case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
            case CURLE_COULDNT_CONNECT: .connect
            case CURLE_OPERATION_TIMEDOUT: Self.ofTimeout(progress)
            // libcurl tells of a proxy's refusal as of a broken connection.
            case CURLE_RECV_ERROR where refusesCertificate, CURLE_SEND_ERROR where refusesCertificate: .tls
            case CURLE_RECV_ERROR, CURLE_SEND_ERROR:
                progress.proxyStatus >= 300 ? .proxy : progress.hasSent ? .incomplete : .connect
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
                CURLE_SSL_CIPHER, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
                CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT, CURLE_SSL_SHUTDOWN_FAILED, CURLE_USE_SSL_FAILED:
                .tls
            case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE: .incomplete
            case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2,
                CURLE_HTTP2_STREAM, CURLE_BAD_CONTENT_ENCODING:
                .protocol
            case CURLE_URL_MALFORMAT: .invalidURL
            case CURLE_FILESIZE_EXCEEDED: .tooLarge
            default: .other
            }
    }

    private static func ofTimeout(_ progress: HTTPClientError.Progress) -> Self {
        if progress.deadlineHasPassed || progress.hasSent { return .timeout }
        return progress.hasResolved ? .connect : .dns
    }
}
