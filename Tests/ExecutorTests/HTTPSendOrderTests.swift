import TestSupport
import Testing

@testable import Executor

struct HTTPSendOrderTests {
    private func file(_ text: String) throws -> HTTPFile { try HTTPFile(parsing: Array(text.utf8)) }

    @Test(
        "Requests are sent after those they refer to, each once, disabled ones only if somebody needs them",
        arguments: [
            (["a:", "b:"], ["a", "b"]), (["a:b", "b:"], ["b", "a"]), (["a:b", "b:c", "c:"], ["c", "b", "a"]),
            (["a:", "b:a", "c:a,b"], ["a", "b", "c"]),
            (["-a:", "b:"], ["b"]), (["-a:", "b:a"], ["a", "b"]),
        ]
    )
    func order(requests: [String], expected: [String]) throws {
        let text = requests.map { request in
            let parts = request.split(separator: ":", omittingEmptySubsequences: false)
            let references = parts[1].split(separator: ",").map { "# @ref \($0)\n" }.joined()
            let isDisabled = parts[0].hasPrefix("-")
            return "###\n# @name \(parts[0].drop { $0 == "-" })\n\(isDisabled ? "# @disabled\n" : "")\(references)GET https://h\n"
        }.joined()
        let file = try file(text)
        #expect(try file.sendOrder().map { file.requests[$0].name } == expected)
    }

    @Test(
        "References to nothing, and in a ring, are errors",
        arguments: [
            "# @ref x\nGET https://h", "# @name a\n# @ref a\nGET https://h",
            "###\n# @name a\n# @ref b\nGET https://h\n###\n# @name b\n# @ref a\nGET https://h",
        ]
    )
    func badReferences(text: String) throws {
        let file = try file(text)
        #expect(throws: HTTPFileError.self) { try file.sendOrder() }
    }
}
