import Basics

/// A `Content-Type`, as far as it matters here (RFC 9110, section 8.3.1).
struct ContentType: Hashable {
    /// `type/subtype` in lower case; empty if there is none.
    let mediaType: String
    /// In lower case.
    let charset: String?

    /// Never fails: what is no content type is simply none that anyone knows.
    init(_ text: String) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        mediaType = parts.first.map { $0.trimmed.lowercased() } ?? ""
        charset = parts.dropFirst().lazy
            .map { $0.split(separator: "=", maxSplits: 1) }
            .first { $0.count == 2 && $0[0].trimmed.lowercased() == "charset" }
            .map { $0[1].trimmed.lowercased().filter { $0 != "\"" } }
    }

    var isJSON: Bool { mediaType == "application/json" || mediaType == "text/json" || mediaType.hasSuffix("+json") }

    /// Text that is not JSON.
    var isText: Bool { mediaType.hasPrefix("text/") && !isJSON }

    var isUTF8: Bool { charset == nil || charset == "utf-8" || charset == "utf8" || charset == "us-ascii" }
}
