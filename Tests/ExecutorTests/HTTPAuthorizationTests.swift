import CloudEvents
import Curl
import Testing

@testable import Executor

/// `Authorization` as the clients of editors take it.
@Suite struct HTTPAuthorizationTests {
    private func fill(_ text: String, _ value: String = "") throws -> HTTPRequest {
        let values = PlaceholderValues(variables: ["V": value], event: .object([:]), environment: [:])
        let file = try HTTPFile(parsing: Array(text.utf8))
        var scanner = PlaceholderScanner(values, variables: file.variables)
        return try file.requests[0].filled(&scanner) { path throws(HTTPFileError) in
            throw HTTPFileError("no file", line: path.line)
        }
    }

    @Test(
        "User and password are sent in Base64, and what is Base64 already as it is",
        arguments: [
            ("Basic user password", "", "Basic dXNlcjpwYXNzd29yZA=="), ("Basic user:password", "", "Basic dXNlcjpwYXNzd29yZA=="),
            ("basic  user\tpassword", "", "Basic dXNlcjpwYXNzd29yZA=="),
            ("Basic dXNlcjpwYXNzd29yZA==", "", "Basic dXNlcjpwYXNzd29yZA=="),
            ("Basic user $V", "password", "Basic dXNlcjpwYXNzd29yZA=="), ("Basic user:$V", "a b", "Basic dXNlcjphIGI="),
            ("Basic user $V", "a b", "Basic dXNlcjphIGI="), ("Basic user $V", "", "Basic dXNlcjo="),
            ("Basic $V", "dXNlcjo=", "Basic dXNlcjo="), ("$V", "Basic user password", "Basic dXNlcjpwYXNzd29yZA=="),
            ("{{auth}}", "", "Basic dXNlcjpwYXNzd29yZA=="), ("Basic a b c", "", "Basic a b c"), ("Basic", "", "Basic"),
            ("Bearer a:b", "", "Bearer a:b"), ("Bearer a b", "", "Bearer a b"), ("$V", "", ""),
        ]
    )
    func basic(header: String, value: String, expected: String) throws {
        let request = try fill("@auth = Basic user password\nGET https://h/\nauthorization: \(header)\nX: Basic a b", value)
        #expect(request.headers.fields == [.init("authorization", expected), .init("X", "Basic a b")])
    }

    @Test(
        "Digest is warned of where user and password are written",
        arguments: [("Digest user password", true), ("Digest username=\"u\", realm=\"r\"", false), ("Bearer x", false)]
    )
    func digest(header: String, isWarnedOf: Bool) throws {
        let file = try HTTPFile(parsing: Array("GET https://h/\nAuthorization: \(header)".utf8))
        #expect(
            file.warnings
                == (isWarnedOf ? ["line 2: Digest authentication is not supported, and the header is sent as it is"] : [])
        )
        #expect(try fill("GET https://h/\nAuthorization: \(header)").headers["Authorization"] == header)
    }
}
