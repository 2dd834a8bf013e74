import Basics
import Curl
import Model

/// Runs `.http` files: reads one, fills in its placeholders, sends its request.
struct HTTPStep: Sendable {
    /// As many as the original's HTTP library followed.
    private static let maximumRedirects = 10

    let client: HTTPClient
    let settings: HTTPSettings
    /// The most bytes that are kept of a response's body.
    let outputLimit: Int

    init(client: HTTPClient, settings: HTTPSettings = HTTPSettings(), outputLimit: Int) {
        self.client = client
        self.settings = settings
        self.outputLimit = outputLimit
    }

    /// - Parameters:
    ///   - bytes: the file.
    ///   - deadline: the end of the run; the file's `@timeout` can only shorten it.
    /// - Returns: pass for 2xx only. Cancelling the task ends the request at once.
    func run(file bytes: [UInt8], values: PlaceholderValues, deadline: Deadline) async -> HTTPStepOutcome {
        var outcome = HTTPStepOutcome(ending: .cancelled)
        do throws(HTTPFileError) {
            let file = try HTTPFile(parsing: bytes)
            outcome.warnings = file.warnings
            guard let template = file.requests.first else { return outcome }
            let (request, warnings) = try template.filled(with: values)
            outcome.warnings += warnings
            await send(request, template.tags, deadline, into: &outcome)
        } catch {
            outcome.fail("the request cannot be sent: \(error)")
        }
        return outcome
    }

    private func send(_ request: HTTPRequest, _ tags: HTTPTags, _ deadline: Deadline, into outcome: inout HTTPStepOutcome) async {
        let limit = min(tags.timeout ?? deadline.remaining, deadline.remaining)
        var request = request
        request.maximumRedirects = tags.followsRedirects ? Self.maximumRedirects : 0
        request.bodyLimit = outputLimit
        request.overflow = .cut
        request.decompresses = true
        settings.apply(to: &request)
        do throws(HTTPClientError) {
            let response = try await client.send(request, deadline: .after(limit))
            outcome.ending = .responded(status: response.status)
            outcome.output = String(decoding: response.body, as: UTF8.self)
            outcome.allowsFollowUp = tags.allowsFollowUp
            if response.isCut { outcome.warnings.append("the response's body was cut to \(outputLimit) bytes") }
            if !response.isSuccess { outcome.reason = "HTTP \(response.status) from \(request.method) \(response.url)" }
        } catch {
            switch error.kind {
            case .timeout:
                outcome.ending = .timedOut(after: limit)
                outcome.reason = error.description
            case .cancelled:
                outcome.ending = .cancelled
                outcome.reason = error.description
            default: outcome.fail(error.description)
            }
        }
    }
}

extension HTTPStepOutcome {
    fileprivate mutating func fail(_ sentence: String) {
        ending = .failed(sentence)
        reason = sentence
        isErrored = true
    }
}
