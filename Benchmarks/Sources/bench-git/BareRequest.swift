import Basics
import Curl
import Measuring

/// The least that asking a Git server costs: one GET of its first answer, on a connection that is kept.
struct BareRequest: Sendable {
    private let client = HTTPClient()
    private let url: String

    private let authority: String?

    init(_ remote: String, authority: String?) {
        url = remote + "/info/refs?service=git-upload-pack"
        self.authority = authority
    }

    func send() async throws {
        var request = HTTPRequest("GET", url, headers: ["Git-Protocol": "version=2"])
        request.caFile = authority
        let response = try await client.send(request, deadline: .after(.seconds(30)))
        guard response.status == 200 else { throw BenchmarkError("the server answered \(response.status)") }
    }
}
