extension HTTPRequestLine {
    /// What editors send by other protocols, told by the place of the method.
    private static let otherProtocols: Set<String> = [
        "GRAPHQL", "WEBSOCKET", "WS", "WSS", "GRPC", "SSE", "MQTT", "AMQP", "RSOCKET", "EVENTSOURCE",
    ]

    /// The method and the URL of a request's first line.
    static func split(_ line: HTTPFileLines.Line) throws(HTTPFileError) -> (method: String, url: String) {
        let (method, url) = split(line.content)
        guard !url.isEmpty else {
            throw HTTPFileError(
                "the request has no URL: write '[METHOD] URL', for example 'POST https://host/path'",
                line: line.number
            )
        }
        guard !otherProtocols.contains(method) else {
            throw HTTPFileError("\(method) requests are not supported; requests of HTTP are", line: line.number)
        }
        return (method, url)
    }

    /// Gives a URL that is only a path (`/path` or `*`) the server of its `Host` header: https where that names port 443 or 8443, as
    /// editors have it.
    static func completeURL(of template: inout HTTPTemplate) throws(HTTPFileError) {
        guard template.url.text.hasPrefix("/") else { return }
        guard let host = template.headers.first(where: { $0.name.lowercased() == "host" })?.value, !host.isEmpty else {
            throw HTTPFileError(
                "the URL is only a path, and there is no Host header that names the server",
                line: template.url.line
            )
        }
        let isSecure = host.hasSuffix(":443") || host.hasSuffix(":8443")
        template.url.text = (isSecure ? "https://" : "http://") + host + template.url.text
    }
}
