import CLibCurl

/// The process-wide state of libcurl: made once, before the first handle, never torn down.
enum LibCurl {
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    static func initialise() {
        // It fails only for want of memory, or where OpenSSL cannot start: nothing could go on without it.
        precondition(isReady, "libcurl cannot be initialised")
    }
}
