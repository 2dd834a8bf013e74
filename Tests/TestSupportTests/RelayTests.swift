import Basics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct RelayTests {
    @Test func eachWayTakesItsTimeHoweverMuchIsOnIt() async throws {
        let server = try FaultServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        let bytes = try Files.readBeginning(of: "/dev/urandom", count: 16 << 20)
        try await bare.commit(["a": .file(bytes)])
        let relay = try Relay(to: server.port, delay: .milliseconds(300))
        let clock = ContinuousClock()

        // A connection, the first contact, the question.
        let question = try await clock.measure {
            let answer = try await GitClient.run("ls-remote", relay.url("/shop.git"))
            #expect(answer.output.contains("refs/heads/main"), "\(answer.errors)")
        }
        #expect(question >= .milliseconds(1_800))

        // The pack comes in more than sixty pieces; one after the other they would take more than nineteen seconds.
        let directory = try TemporaryDirectory()
        let clone = try await clock.measure {
            let answer = try await GitClient.run("clone", "--quiet", "--bare", relay.url("/shop.git"), "\(directory.path)/clone")
            #expect(answer.isSuccess, "\(answer.errors)")
        }
        #expect(clone >= .milliseconds(2_400) && clone < .seconds(15))
        #expect(await BareRepository.damage(of: "\(directory.path)/clone") == "")
    }

    @Test func aServerThatIsNotThereHangsUp() async throws {
        let port = try FaultServer().port
        let relay = try Relay(to: port)
        #expect(try await !GitClient.run("ls-remote", relay.url("/shop.git")).isSuccess)
    }
}
