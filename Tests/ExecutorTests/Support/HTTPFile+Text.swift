@testable import Executor

extension HTTPFile {
    /// The file on one line a request, for tables: `login: POST https://h/ [A: 1] json|{}| timeout=5.0 seconds ?? status == 200`.
    var text: [String] {
        variables.map { "@\($0.name)=\($0.value.text)" } + requests.map(\.textOnALine)
    }
}

extension HTTPTemplate {
    var textOnALine: String {
        var text = name.map { "\($0): " } ?? ""
        text += "\(method.text) \(url.text)"
        if !headers.isEmpty { text += " [" + headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "]" }
        if !body.isEmpty { text += " \(bodyKind)|\(bodyText)|" }
        return ([text] + tags.texts + assertions.map(\.textOnALine)).joined(separator: " ")
    }

    /// The body with files as `<path>`, `<@path>`.
    var bodyText: String {
        body.map { part in
            switch part {
            case .text(let text): text.text
            case .file(let path): "<\(path.text)>"
            case .filledFile(let path, let encoding): "<@\(encoding ?? "")\(path.text)>"
            }
        }.joined()
    }
}

extension HTTPTags {
    fileprivate var texts: [String] {
        var texts: [String] = []
        if allowsFollowUp { texts.append("follow-up") }
        if !followsRedirects { texts.append("no-redirect") }
        if let timeout { texts.append("timeout=\(timeout)") }
        if let connectTimeout { texts.append("connect=\(connectTimeout)") }
        if !usesCookies { texts.append("no-cookies") }
        if !isLogged { texts.append("no-log") }
        if isDisabled { texts.append("disabled") }
        if let pause { texts.append("sleep=\(pause)") }
        return texts + references.map { "ref=\($0)" }
    }
}

extension HTTPAssertion {
    var textOnALine: String {
        let subject =
            switch subject {
            case .status: "status"
            case .duration: "duration"
            case .header(let name): "header(\(name))"
            case .body(let path): path.map { "body(\($0))" } ?? "body"
            }
        return "?? \(subject) \(relation.rawValue)\(expected.text.isEmpty ? "" : " ")\(expected.text)"
    }
}
