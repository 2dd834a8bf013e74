import Basics
import TestSupport
import Testing

@testable import Server

@Suite struct SamplesTests {
    @Test("The sample folder has a file of each kind, whole and executable, and is never written over")
    func write() throws {
        let directory = try TemporaryDirectory()
        let paths = try Samples.write(to: directory.path + "/deep/er")
        #expect(paths.map { $0.split(separator: ".").last } == ["sh", "py", "http", "sh"])
        for (path, file) in zip(paths, Samples.files) {
            #expect(String(decoding: try Files.read(path), as: UTF8.self) == file.text)
            #expect(file.text.hasSuffix("\n"))
        }
        #expect(throws: ConfigurationError.self) { try Samples.write(to: directory.path + "/deep/er") }
        // An unset variable in a script must not put the folder below the root.
        #expect(throws: ConfigurationError.self) { try Samples.write(to: "") }
    }
}
