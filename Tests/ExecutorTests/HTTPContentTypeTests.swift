import CloudEvents
import Curl
import Testing

@testable import Executor

/// Values are written into a body by the rules of what the server is told it is.
@Suite struct HTTPContentTypeTests {
    private static let hostile = #"x","admin":true,"y":""#

    private func fill(_ text: String, _ more: [String: String] = [:]) throws -> HTTPRequest {
        let values = PlaceholderValues(
            variables: ["PROJECT": Self.hostile, "TYPE": "application/json"].merging(more) { $1 },
            event: ["data": ["type": "application/json"]],
            environment: [:]
        )
        let file = try HTTPFile(parsing: Array(text.utf8))
        var scanner = PlaceholderScanner(values, variables: file.variables)
        return try file.requests[0].filled(&scanner) { _ throws(HTTPFileError) in Array(#"{"user": "$PROJECT"}"#.utf8) }
    }

    @Test(
        "A Content-Type of literal variables counts as if it were written out",
        arguments: [
            "@contentType = application/json\nPOST https://h/\nContent-Type: {{contentType}}",
            "@kind = json\nPOST https://h/\nContent-Type: application/{{ kind }}; charset={{charset}}\n@charset = $X",
            "POST https://h/\n@a = application/problem\nContent-Type: {{a}}+json",
        ]
    )
    func literals(head: String) throws {
        let request = try fill("\(head)\n\n{\"user\": \"$PROJECT\"}", ["X": "utf-8"])
        #expect(try JSON(parsing: request.body) == ["user": .string(Self.hostile)])
        #expect(request.headers["Content-Type"]?.contains("json") == true)
    }

    @Test(
        "One that a value makes up is refused where the body holds placeholders, too",
        arguments: [
            "POST https://h/\nContent-Type: $TYPE", "POST https://h/\nContent-Type: ${data.type}",
            "POST https://h/\nContent-Type: application/{{KIND}}", "@t = $TYPE\nPOST https://h/\nContent-Type: {{t}}",
            "@a = application/json\n@t = {{a}}\nPOST https://h/\nContent-Type: {{t}}",
            "POST https://h/\nContent-Type: {{late}}\n# a comment\n\n{}\n###\n@late = application/json\nGET https://i/",
            "POST https://h/\nContent-$NAME: application/json",
        ],
        ["{\"user\": \"$PROJECT\"}", "text $PROJECT", "<@ ./file"]
    )
    func open(head: String, body: String) {
        let text = head.contains("{}") ? head.replacing("{}", with: body) : "\(head)\n\n\(body)"
        // What begins like JSON and is called JSON is safe, whoever calls it so.
        guard !head.contains("$NAME") || !body.hasPrefix("{") else { return }
        let error = #expect(throws: HTTPFileError.self) { try fill(text, ["KIND": "json", "NAME": "Type"]) }
        #expect(
            error?.description.contains("need a Content-Type that says what the body is") == true,
            "\(String(describing: error))"
        )
    }

    @Test("A body without placeholders may be of any type")
    func plain() throws {
        let request = try fill("@user = me\nPOST https://h/\nContent-Type: $TYPE\n\n{\"user\": \"{{user}}\"}")
        #expect(request.headers["Content-Type"] == "application/json")
        #expect(request.body == Array(#"{"user": "me"}"#.utf8))
    }

    @Test("A boundary may be a literal variable, and nothing that a value had a part in")
    func boundaries() throws {
        let rest = "\n\n--b\nContent-Disposition: form-data; name=\"x\"\n\n$TYPE\n--b--"
        let request = try fill("@b = b\nPOST https://h/\nContent-Type: multipart/form-data; boundary={{b}}\(rest)")
        #expect(request.body.starts(with: "--b\r\n".utf8))
        let lines = rest.replacing("--b", with: "--{{b}}")
        #expect(
            try fill("@b = b\nPOST https://h/\nContent-Type: multipart/form-data; boundary={{b}}\(lines)").body == request.body
        )
        #expect(throws: HTTPFileError.self) {
            try fill("@b = $B\nPOST https://h/\nContent-Type: multipart/form-data; boundary=b\(lines)", ["B": "b"])
        }
        for type in ["multipart/form-data; boundary={{b}}", "multipart/form-data; x=$B; boundary=b", "multipart/$B; boundary=b"] {
            #expect(throws: HTTPFileError.self) { try fill("@b = $B\nPOST https://h/\nContent-Type: \(type)\(rest)", ["B": "b"]) }
        }
    }
}
