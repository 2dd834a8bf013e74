import CLibCurl

/// A point in time as HTTP headers give it (RFC 9110, section 5.6.7).
public enum HTTPDate {
    /// - Returns: seconds since 1970; nil for what is no date.
    public static func seconds(_ text: String) -> Int? {
        let seconds = curl_getdate(text, nil)
        return seconds < 0 ? nil : Int(seconds)
    }
}
