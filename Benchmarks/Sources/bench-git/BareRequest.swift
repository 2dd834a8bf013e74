import Basics
import Curl

/// The least that asking a Git server costs: one GET of its first answer, on a connection that is kept.
struct BareRequest: Sendable {
    private let client = HTTPClient()
    private let url: String

    init(_ remote: String) { url = remote + "/info/refs?service=git-upload-pack" }

    func send() async throws {
        let request = HTTPRequest("GET", url, headers: ["Git-Protocol": "version=2"])
        let response = try await client.send(request, deadline: .after(.seconds(30)))
        guard response.status == 200 else { throw BenchmarkError("the server answered \(response.status)") }
    }
}
