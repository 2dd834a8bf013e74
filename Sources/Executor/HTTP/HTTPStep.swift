import Basics
import CloudEvents
import Curl
import Model

/// Runs `.http` files: reads one, and sends its requests one after the other, each filled in when its turn comes.
///
/// A response passes if its status is 2xx and all assertions hold; one about the status takes the place of the first rule. The file
/// passes if all do; after the first that does not, the rest is not sent.
struct HTTPStep: Sendable {
    /// As many as the original's HTTP library followed.
    private static let maximumRedirects = 10

    private let client: HTTPClient
    private let settings: HTTPSettings
    /// The most bytes that are kept of a response's body.
    private let outputLimit: Int
    /// Where files are read and requests are filled in.
    private let files: ThreadPool

    init(
        client: HTTPClient,
        settings: HTTPSettings = HTTPSettings(),
        outputLimit: Int,
        files: ThreadPool = ThreadPool(name: "http-files", width: 1)
    ) {
        self.client = client
        self.settings = settings
        self.outputLimit = outputLimit
        self.files = files
    }

    /// What goes from one request to the next.
    private struct Session {
        var scanner: PlaceholderScanner
        let cookies = CookieJar()
        let included: IncludedFiles?
        let deadline: Deadline
    }

    /// - Parameters:
    ///   - bytes: the file.
    ///   - included: which files it may include; nil: none.
    ///   - deadline: the end of the run; the file's `@timeout` can only shorten it.
    ///   - onRequest: told of each response in a line.
    /// - Returns: Cancelling the task ends the request at once.
    func run(
        file bytes: [UInt8],
        values: PlaceholderValues,
        included: IncludedFiles? = nil,
        deadline: Deadline,
        onRequest: (String) -> Void = { _ in }
    ) async -> HTTPStepOutcome {
        var outcome = HTTPStepOutcome(ending: .cancelled)
        let file: HTTPFile
        let order: [Int]
        do throws(HTTPFileError) {
            file = try HTTPFile(parsing: bytes)
            outcome.warnings = file.warnings
            order = try file.sendOrder()
            if order.isEmpty { throw HTTPFileError("all requests of the file are disabled") }
        } catch {
            outcome.fail("the request cannot be sent: \(error)")
            return outcome
        }
        var session = Session(
            scanner: PlaceholderScanner(values, variables: file.variables),
            included: included,
            deadline: deadline
        )
        outcome.warnings = []
        for (position, index) in order.enumerated() {
            guard await send(file.requests[index], &session, &outcome, onRequest) else {
                outcome.tellUnsent(order.count - position - 1)
                break
            }
        }
        outcome.warnings = file.warnings + session.scanner.warnings + outcome.warnings
        return outcome
    }

    /// - Returns: whether the response passes.
    private func send(
        _ template: HTTPTemplate,
        _ session: inout Session,
        _ outcome: inout HTTPStepOutcome,
        _ onRequest: (String) -> Void
    ) async -> Bool {
        outcome.isAccepted = nil
        outcome.reason = nil
        var limit = Duration.zero
        do {
            if let pause = template.tags.pause { try await wait(min(pause, session.deadline.remaining)) }
            var request = try await fill(template, &session)
            prepare(&request, template.tags)
            let url = try HTTPURL(request.url)
            if template.tags.usesCookies, !request.headers.contains("Cookie") {
                if let cookies = session.cookies.header(for: url) { request.headers.append("Cookie", cookies) }
                request.cookieKeeper = { [jar = session.cookies] answer, place, next in
                    jar.store(answer, from: place)
                    return jar.header(for: next)
                }
            }
            limit = min(template.tags.timeout ?? session.deadline.remaining, session.deadline.remaining)
            let response = try await client.send(request, deadline: .after(limit))
            if template.tags.usesCookies { session.cookies.store(response.headers, from: response.url) }
            if let name = template.name {
                session.scanner.record(HTTPExchange(request: request, response: response), as: name)
            }
            let line = Self.line(request, response)
            outcome.journal.append(line)
            onRequest(line)
            return judge(response, to: request, template, &session, &outcome)
        } catch let error as HTTPFileError {
            outcome.fail("the request cannot be sent: \(error)")
        } catch let error as HTTPClientError {
            outcome.fail(error, limit)
        } catch let error as CancellationError {
            outcome.ending = .cancelled
            outcome.reason = "\(error)"
        } catch {
            outcome.fail("the request cannot be sent: \(error)")
        }
        return false
    }

    /// - Throws: `CancellationError` as soon as the task is cancelled; nothing is left of the wait then.
    private func wait(_ pause: Duration) async throws {
        do {
            try await Landing<Void>().value(until: .after(pause))
        } catch is DeadlineExceeded {}
    }

    /// Never on a thread that all tasks share: files are read, and bodies of many MiB are looked up and put together.
    private func fill(_ template: HTTPTemplate, _ session: inout Session) async throws -> HTTPRequest {
        let (scanner, result) = try await files.run { [scanner = session.scanner, included = session.included] in
            var scanner = scanner
            let result = Result { () throws(HTTPFileError) in
                try template.filled(&scanner) { path throws(HTTPFileError) in
                    guard let included else { throw HTTPFileError("no file can be included here", line: path.line) }
                    return try included.read(path)
                }
            }
            return (scanner, result)
        }
        session.scanner = scanner
        return try result.get()
    }

    private func prepare(_ request: inout HTTPRequest, _ tags: HTTPTags) {
        request.maximumRedirects = tags.followsRedirects ? Self.maximumRedirects : 0
        if let timeout = tags.connectTimeout { request.connectTimeout = timeout }
        request.bodyLimit = outputLimit
        request.overflow = .cut
        request.decompresses = true
        settings.apply(to: &request)
    }

    private func judge(
        _ response: HTTPResponse,
        to request: HTTPRequest,
        _ template: HTTPTemplate,
        _ session: inout Session,
        _ outcome: inout HTTPStepOutcome
    ) -> Bool {
        outcome.ending = .responded(status: response.status)
        outcome.body = response.body
        outcome.output = template.tags.isLogged ? Self.text(of: response) : ""
        outcome.allowsFollowUp = template.tags.allowsFollowUp
        if response.isCut { outcome.warnings.append("the response's body was cut to \(outputLimit) bytes") }
        // Read once, however many assertions look into it.
        let readsBody = template.assertions.contains(where: \.looksIntoBody) && !response.isCut
        let json = readsBody ? try? JSON(parsing: response.body) : nil
        var failures: [String] = []
        for assertion in template.assertions {
            let expected: String
            do throws(HTTPFileError) {
                expected = try session.scanner.pieces(of: assertion.expected).plainText
            } catch {
                outcome.fail("the response cannot be checked: \(error)")
                return false
            }
            let failure = assertion.failure(of: response, json: json, expected: expected, showsValues: template.tags.isLogged)
            if let failure { failures.append(failure) }
        }
        let isStatusAsserted = template.assertions.contains { $0.subject == .status }
        if !failures.isEmpty {
            outcome.isAccepted = false
            outcome.reason = failures.joined(separator: "; ")
        } else if isStatusAsserted {
            outcome.isAccepted = true
        } else if !response.isSuccess {
            outcome.reason = "HTTP \(response.status) from \(request.method) \(response.url)"
        }
        return outcome.reason == nil
    }

    /// `POST https://h/path 200 12 ms 345 B`; never the query, which may hold a secret.
    private static func line(_ request: HTTPRequest, _ response: HTTPResponse) -> String {
        let milliseconds = Int((response.duration / .milliseconds(1)).rounded())
        let size = response.isCut ? "more than \(response.body.count) B" : "\(response.body.count) B"
        return "\(request.method) \(response.url) \(response.status) \(milliseconds) ms \(size)"
    }

    /// A body as people can read it.
    private static func text(of response: HTTPResponse) -> String {
        // A cut may have gone through a character.
        let body = response.isCut ? response.body.dropLast(response.body.incompleteUTF8Count) : response.body[...]
        if let text = String(validating: body, as: UTF8.self) { return text }
        let type = response.headers["Content-Type"]?.split(separator: ";").first.map { $0.trimmed.lowercased() } ?? ""
        let isText =
            type.isEmpty || type.hasPrefix("text/") || ["json", "xml", "x-www-form-urlencoded"].contains { type.contains($0) }
        return isText ? String(decoding: body, as: UTF8.self) : "\(response.body.count) bytes of \(type)\n"
    }
}

extension HTTPStepOutcome {
    /// Adds to the reason how many requests were not sent because of it.
    fileprivate mutating func tellUnsent(_ count: Int) {
        guard count > 0, let reason else { return }
        self.reason =
            reason + (count == 1 ? "; the request after it was not sent" : "; the \(count) requests after it were not sent")
    }

    fileprivate mutating func fail(_ error: HTTPClientError, _ limit: Duration) {
        switch error.kind {
        case .timeout:
            ending = .timedOut(after: limit)
            reason = error.description
        case .cancelled:
            ending = .cancelled
            reason = error.description
        default: fail(error.description)
        }
    }

    fileprivate mutating func fail(_ sentence: String) {
        ending = .failed(sentence)
        reason = sentence
        isErrored = true
    }
}
