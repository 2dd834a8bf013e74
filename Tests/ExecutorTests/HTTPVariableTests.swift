import CloudEvents
import Curl
import Testing

@testable import Executor

/// A variable of the file is what its author wrote, with the values in it: they stay values wherever it stands.
@Suite struct HTTPVariableTests {
    private func fill(_ text: String, _ value: String) throws -> HTTPRequest {
        let values = PlaceholderValues(
            variables: ["V": value],
            event: ["data": ["stage": .string(value), "ids": [1, 2], "empty": ""]],
            environment: [:]
        )
        let file = try HTTPFile(parsing: Array(text.utf8))
        var scanner = PlaceholderScanner(values, variables: file.variables)
        return try file.requests[0].filled(&scanner) { path throws(HTTPFileError) in
            throw HTTPFileError("no file", line: path.line)
        }
    }

    @Test(
        "No value in a variable chooses the server",
        arguments: [
            "@api = https://${data.stage}.example.com\nPOST {{api}}/deploy", "@api = https://$V.example.com\nPOST {{api}}/deploy",
            "@stage = ${data.stage}\n@api = https://{{stage}}.example.com\nPOST {{api}}/deploy",
            "@api = https://api-{{stage}}\n@stage = $V\n@base = {{api}}.example.com\nPOST {{base}}/deploy",
            "@scheme = $V\nPOST {{scheme}}://api.example.com/", "@host = $V.example.com\nGET /deploy\nHost: {{host}}",
        ],
        ["evil.com/", "evil.com?", "evil.com#", "me@evil.com", #"evil.com\"#, "https://evil.com/", "evil.com%2f", "\r\n"]
    )
    func servers(file: String, value: String) {
        let error = #expect(throws: HTTPFileError.self) { try fill(file, value) }
        #expect(error?.description.contains("evil") == false)
    }

    @Test(
        "What the author wrote in a variable counts as written in its place of the URL",
        arguments: [
            ("@api = https://${data.stage}.example.com:8080/v1\nGET {{api}}/x", "dev", "https://dev.example.com:8080/v1/x"),
            ("@api = ${data.stage}\nGET {{api}}/x", "https://h:1", "https://h:1/x"),
            ("@scheme = $V\nGET {{scheme}}://h/", "https", "https://h/"),
            ("@base = https://h\n@api = {{base}}/a\nGET {{api}}/x", "", "https://h/a/x"),
            ("@path = /a/$V\nGET https://h{{path}}/x", "b/c?d", "https://h/a/b/c%3Fd/x"),
            ("@query = a=1&b=$V\nGET https://h/?{{query}}&c=3", "2&d=4", "https://h/?a=1&b=2%26d=4&c=3"),
            ("@user = me:$V@\nGET https://{{user}}h/", "p@/", "https://me:p%40%2F@h/"),
            ("@none =\nGET {{none}}https://h/{{none}}x", "", "https://h/x"),
        ]
    )
    func urls(file: String, value: String, expected: String) throws { #expect(try fill(file, value).url == expected) }

    @Test("A value in a variable makes no dot segment", arguments: ["..", "%2e%2e", "a/../b"])
    func segments(value: String) {
        #expect(throws: HTTPFileError.self) { try fill("@path = /a/$V\nGET https://h{{path}}/x", value) }
    }

    @Test(
        "In JSON a variable is one value; one that is a list alone is that list",
        arguments: [
            ("@ids = ${data.ids}", #"{"a": {{ids}}}"#, "{\"a\": [1,2]}"),
            ("@all = ${data.ids}\n@ids = {{all}}", #"{"a": {{ids}}}"#, "{\"a\": [1,2]}"),
            ("@ids = ${data.ids}", #"{"a": "{{ids}}"}"#, "{\"a\": \"[1,2]\"}"),
            ("@ids = x${data.ids}", #"{"a": {{ids}}}"#, "{\"a\": \"x[1,2]\"}"),
            ("@ids = [1, 2]", #"{"a": {{ids}}}"#, "{\"a\": \"[1, 2]\"}"),
            ("@text = say \"$V\"", #"{"a": "{{text}}", "b": {{text}}}"#, #"{"a": "say \"x\"\"", "b": "say \"x\"\""}"#),
        ]
    )
    func json(variables: String, body: String, expected: String) throws {
        let request = try fill("\(variables)\nPOST https://h/\nContent-Type: application/json\n\n\(body)", "x\"")
        #expect(String(decoding: request.body, as: UTF8.self) == expected)
    }

    @Test("Variables that double each other are refused even where they are empty")
    func doubling() {
        let chain = (1...40).map { "@v\($0) = {{v\($0 - 1)}}{{v\($0 - 1)}}\n" }.joined()
        let error = #expect(throws: HTTPFileError.self) { try fill("@v0 = ${data.empty}\n\(chain)GET https://h/{{v40}}", "") }
        #expect(error?.reason.contains("bytes") == true)
    }
}
