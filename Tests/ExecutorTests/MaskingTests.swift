import Basics
import Processes
import Synchronization
import TestSupport
import Testing

@testable import Executor

struct MaskingTests {
    /// What comes out of a recorder for a script's output that arrives in these pieces.
    private func record(_ pieces: [[UInt8]], secrets: RunSecrets) -> String {
        let seen = Mutex("")
        let recorder = OutputRecorder(secrets: secrets, limit: 1 << 20) { chunk in seen.withLock { $0 += chunk.text } }
        for piece in pieces { recorder.append(ProcessOutput(stream: .standardOutput, bytes: piece)) }
        _ = recorder.finish()
        return seen.withLock { $0 }
    }

    private static let text = """
        before s3cr3t-one
        ::add-mask::s3cr3t-one
        after s3cr3t-one, s3cr3t-on, :s3cr3t-one:
        x::add-mask::not-a-command not-a-command
        ::add-mask::abc
        abc is too short
        ::add-mask::two words+/
        two words+/ two%20words%2B%2F two%20words%2b%2f two+words%2B%2F dHdvIHdvcmRzKy8=
        ::add-mask
        ::add-mask::at the end
        """

    private static let expected = """
        before s3cr3t-one
        ::add-mask::***
        after ***, s3cr3t-on, :***:
        x::add-mask::not-a-command not-a-command
        ::add-mask::abc
        abc is too short
        ::add-mask::***
        *** *** *** *** ***
        ::add-mask
        ::add-mask::***
        """

    @Test("A value that a script names is masked from its line on, however the output is cut", arguments: 1...40)
    func pieces(size: Int) {
        let bytes = Array(Self.text.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        #expect(record(pieces, secrets: RunSecrets(SecretRegistry())) == Self.expected)
    }

    @Test("Random cuts change nothing")
    func randomCuts() {
        var fuzzer = Fuzzer(seed: UInt64.random(in: 0...UInt64.max))
        let bytes = Array(Self.text.utf8)
        for _ in 0..<500 {
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...60, using: &fuzzer))
                pieces.append(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            #expect(record(pieces, secrets: RunSecrets(SecretRegistry())) == Self.expected)
        }
    }

    @Test("A mask of one run is not one of another")
    func perRun() {
        let registry = SecretRegistry()
        #expect(record([Array("::add-mask::hunter22\nhunter22\n".utf8)], secrets: RunSecrets(registry)).hasSuffix("\n***\n"))
        #expect(record([Array("hunter22\n".utf8)], secrets: RunSecrets(registry)) == "hunter22\n")
    }

    @Test("A line that only begins like a command is shown, and held back no longer than needed")
    func prompt() {
        let seen = Mutex("")
        let recorder = OutputRecorder(secrets: RunSecrets(SecretRegistry()), limit: 100) { chunk in
            seen.withLock { $0 += chunk.text }
        }
        recorder.append(ProcessOutput(stream: .standardOutput, bytes: Array("::add".utf8)))
        #expect(seen.withLock { $0 } == "")
        recorder.append(ProcessOutput(stream: .standardOutput, bytes: Array("ing up".utf8)))
        #expect(seen.withLock { $0 } == "::adding up")
    }

    @Test("A line that is too long is no command, however it is cut", arguments: [1, 700, 8_191, 8_192, 8_193, 70_000])
    func longLine(size: Int) {
        let value = String(repeating: "x", count: 9_000)
        let bytes = Array("::add-mask::\(value)\n\(value)\n::add-mask::\(value.prefix(8_179))\n\(value.prefix(8_179))\n".utf8)
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        let text = record(pieces, secrets: RunSecrets(SecretRegistry()))
        #expect(text == "::add-mask::\(value)\n\(value)\n::add-mask::***\n***\n")
    }

    @Test("A secret that the service learns while a run goes on is masked there, too")
    func learntMeanwhile() {
        let registry = SecretRegistry()
        let secrets = RunSecrets(registry)
        secrets.add("hunter22")
        #expect(secrets.redact("hunter22 swordfish") == "*** swordfish")
        registry.add(["swordfish"])
        #expect(secrets.redact("hunter22 swordfish") == "*** ***")
    }

    @Test("A thousand commands take no longer than some hundred times as much text")
    func manyCommands() {
        func time(_ line: (Int) -> String) -> Duration {
            let bytes = Array((0..<1_000).map(line).joined().utf8)
            let secrets = RunSecrets(SecretRegistry((0..<100).map { "known-secret-\($0)" }))
            return ContinuousClock().measure { _ = record([bytes], secrets: secrets) }
        }
        let plain = (0..<3).map { _ in time { "::add-text::value-\($0)-of-it\n" } }.min() ?? .zero
        #expect(time { "::add-mask::value-\($0)-of-it\n" } < plain * 300)
    }
}
