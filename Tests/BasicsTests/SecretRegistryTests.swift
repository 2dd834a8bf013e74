import Basics
import Testing

@Suite struct SecretRegistryTests {
    @Test("What is added later is masked from then on, in a stream that has begun, too")
    func later() {
        let secrets = SecretRegistry(["at-start"])
        var stream = RedactedText(secrets)
        #expect(stream.append(Array("at-start later ".utf8)) == "*** later ")
        secrets.add(["later", "abc"])
        #expect(stream.append(Array("at-start later abc la".utf8)) == "*** *** abc ")
        #expect(stream.append(Array("ter".utf8)) + stream.finish() == "***")
        #expect(secrets.redact("later at-start") == "*** ***")
    }

    @Test("Of too many, those that were told longest ago go; those of the start stay")
    func bound() {
        let secrets = SecretRegistry(["at-start"], limit: 3)
        for name in ["first", "second", "third"] { secrets.add([name]) }
        // Told again: it is in use.
        secrets.add(["first"])
        secrets.add(["fourth"])
        #expect(secrets.redact("at-start first second third fourth") == "*** *** second *** ***")
    }

    @Test("Many threads may add and ask at once")
    func threads() async {
        let secrets = SecretRegistry()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<100 {
                        secrets.add(["secret-\(task)-\(number)!"])
                        #expect(secrets.redact("<secret-\(task)-\(number)!>") == "<***>")
                    }
                }
            }
        }
        #expect(secrets.redact("secret-7-99! secret-0-0!") == "*** ***")
    }
}
