import CLibCurl

/// A libcurl easy handle and the memory that libcurl reads while it is set up. Confined to the thread of its loop.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerLines: UnsafeMutablePointer<curl_slist>?
    /// The first option that could not be set.
    private var failure = CURLE_OK

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        // First the handle, for it points to the rest.
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headerLines)
        errorText.deallocate()
    }

    /// Forgets all options; connections and resolved names are the loop's and stay.
    func reset() {
        curl_easy_reset(pointer)
        curl_slist_free_all(headerLines)
        headerLines = nil
        failure = CURLE_OK
    }

    /// What libcurl wrote about a failure.
    var message: String { String(cString: errorText) }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return clibcurl_get_long(pointer, info, &value) == CURLE_OK ? value : 0
    }

    func microseconds(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return clibcurl_get_large(pointer, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    /// What the server's certificate said when the connection was made.
    var certificate: ServerCertificate? {
        var pointer: UnsafeMutableRawPointer?
        guard clibcurl_get_pointer(self.pointer, CURLINFO_CERTINFO, &pointer) == CURLE_OK, let pointer else { return nil }
        let chain = pointer.assumingMemoryBound(to: curl_certinfo.self).pointee
        guard chain.num_of_certs > 0, var line = chain.certinfo?[0] else { return nil }
        var lines: [String] = []
        while true {
            lines.append(String(cString: line.pointee.data))
            guard let next = line.pointee.next else { return ServerCertificate(lines) }
            line = next
        }
    }

    /// Sets all that `exchange` asks for.
    ///
    /// - Parameters:
    ///   - context: what the callbacks get; it must live until the handle is reset.
    ///   - timeout: the most time that the transfer may take.
    func configure(
        _ exchange: Exchange,
        timeout: Duration,
        onHeader: @escaping clibcurl_data_callback,
        onBody: @escaping clibcurl_data_callback,
        onSocket: @escaping clibcurl_socket_callback,
        onConnection: @escaping clibcurl_prerequest_callback,
        context: UnsafeMutableRawPointer
    ) throws(HTTPClientError) {
        errorText[0] = 0
        note(clibcurl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText))
        note(clibcurl_set_data_callback(pointer, CURLOPT_HEADERFUNCTION, onHeader))
        note(clibcurl_set_pointer(pointer, CURLOPT_HEADERDATA, context))
        note(clibcurl_set_data_callback(pointer, CURLOPT_WRITEFUNCTION, onBody))
        note(clibcurl_set_pointer(pointer, CURLOPT_WRITEDATA, context))
        note(clibcurl_set_socket_callback(pointer, onSocket))
        note(clibcurl_set_pointer(pointer, CURLOPT_OPENSOCKETDATA, context))
        if exchange.request.destinationCheck != nil {
            note(clibcurl_set_prerequest_callback(pointer, onConnection))
            note(clibcurl_set_pointer(pointer, CURLOPT_PREREQDATA, context))
        }
        set(CURLOPT_NOSIGNAL, 1)
        // Without it, ending a transfer waits for its name look-up, and all other transfers with it.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_USERAGENT, "generic-executor-service")
        set(CURLOPT_TIMEOUT_MS, timeout.milliseconds)
        set(CURLOPT_URL, exchange.url.text)
        setConnection(exchange)
        if let credentials = exchange.credentials {
            set(CURLOPT_HTTPAUTH, clibcurl_auth_basic)
            set(CURLOPT_USERNAME, credentials.user)
            set(CURLOPT_PASSWORD, credentials.password)
        } else if let file = exchange.netrcFile {
            set(CURLOPT_HTTPAUTH, clibcurl_auth_basic)
            set(CURLOPT_NETRC, Int(CURL_NETRC_OPTIONAL.rawValue))
            set(CURLOPT_NETRC_FILE, file)
        }
        setMethod(exchange)
        setHeaders(exchange)
        guard failure == CURLE_OK else {
            throw HTTPClientError(.other, "libcurl refused an option: \(String(cString: curl_easy_strerror(failure)))")
        }
    }

    private func setConnection(_ exchange: Exchange) {
        let request = exchange.request
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, clibcurl_tls_1_2)
        set(CURLOPT_PROXY_SSLVERSION, clibcurl_tls_1_2)
        if let authorities = request.authorities {
            setAuthorities(Array(authorities.utf8))
        } else if let file = request.caFile {
            set(CURLOPT_CAINFO, file)
        }
        if request.authorities != nil || request.caFile != nil {
            // Else the system's directory of certificates would be trusted as well.
            set(CURLOPT_CAPATH, nil)
        }
        if let certificate = exchange.clientCertificate {
            set(CURLOPT_SSLCERTTYPE, "PEM")
            set(CURLOPT_SSLCERT, certificate.file)
            set(CURLOPT_SSLKEY, certificate.keyFile ?? certificate.file)
            // Else OpenSSL would ask a terminal for the passphrase of a key that has one, and all transfers would wait for it.
            set(CURLOPT_KEYPASSWD, "")
        }
        switch exchange.proxy {
        case .system: break
        case .none: set(CURLOPT_PROXY, "")
        case .url(let url): set(CURLOPT_PROXY, url)
        }
        // Else libcurl would have an opinion of its own.
        if request.destinationCheck != nil { set(CURLOPT_NOPROXY, "") }
        if let limit = request.lowSpeedLimit {
            set(CURLOPT_LOW_SPEED_LIMIT, limit.bytesPerSecond)
            set(CURLOPT_LOW_SPEED_TIME, max(1, limit.duration.milliseconds / 1000))
        }
        if request.reportsCertificate { set(CURLOPT_CERTINFO, 1) }
        if request.decompresses { set(CURLOPT_ACCEPT_ENCODING, "") }
    }

    private func setAuthorities(_ pem: [UInt8]) {
        // No certificate at all is refused by OpenSSL, but libcurl takes an empty blob as none given.
        var bytes = pem.isEmpty ? Array("\n".utf8) : pem
        bytes.withUnsafeMutableBytes { bytes in
            var blob = curl_blob(data: bytes.baseAddress, len: bytes.count, flags: UInt32(CURL_BLOB_COPY))
            withUnsafeMutablePointer(to: &blob) { note(clibcurl_set_pointer(pointer, CURLOPT_CAINFO_BLOB, $0)) }
        }
    }

    private func setMethod(_ exchange: Exchange) {
        let method = exchange.method
        if method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else if exchange.body.isEmpty, !["POST", "PUT", "PATCH"].contains(method) {
            set(CURLOPT_HTTPGET, 1)
            if method != "GET" { set(CURLOPT_CUSTOMREQUEST, method) }
        } else {
            set(CURLOPT_POST, 1)
            note(clibcurl_set_large(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(exchange.body.count)))
            exchange.body.withUnsafeBytes { bytes in
                // libcurl copies the bytes; a body of none still needs an address, or libcurl would ask for one by callback.
                var nothing: CChar = 0
                withUnsafeMutablePointer(to: &nothing) { nothing in
                    let start = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
                    note(clibcurl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, start ?? UnsafeMutableRawPointer(nothing)))
                }
            }
            if method != "POST" { set(CURLOPT_CUSTOMREQUEST, method) }
        }
    }

    private func setHeaders(_ exchange: Exchange) {
        // "Name:" takes away what libcurl would add by itself; "Name;" sends an empty value.
        var lines = ["Expect:"]
        if !exchange.headers.contains("Content-Type") { lines.append("Content-Type:") }
        lines += exchange.headers.fields.map { field in
            let value = field.value.trimmingBlanks
            return value.isEmpty ? "\(field.name);" : "\(field.name): \(value)"
        }
        for line in lines {
            guard let longer = curl_slist_append(headerLines, line) else { return note(CURLE_OUT_OF_MEMORY) }
            headerLines = longer
        }
        note(clibcurl_set_pointer(pointer, CURLOPT_HTTPHEADER, headerLines))
    }

    private func set(_ option: CURLoption, _ value: Int) { note(clibcurl_set_long(pointer, option, value)) }

    private func set(_ option: CURLoption, _ value: String?) { note(clibcurl_set_string(pointer, option, value)) }

    private func note(_ code: CURLcode) {
        if failure == CURLE_OK { failure = code }
    }
}

extension Duration {
    /// Rounded up, from 1 (for libcurl takes 0 as "for ever") to what its 32 bits hold.
    fileprivate var milliseconds: Int { Int(min(max((self / .milliseconds(1)).rounded(.up), 1), 2e9)) }
}

extension String {
    fileprivate var trimmingBlanks: Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let last = lastIndex(where: { !isBlank($0) }) else { return "" }
        return self[...last].drop(while: isBlank)
    }
}
