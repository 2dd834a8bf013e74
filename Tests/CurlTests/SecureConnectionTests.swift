import Basics
import Curl
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct SecureConnectionTests {
    private func send(_ url: String, caFile: String?) async throws -> HTTPResponse {
        var request = HTTPRequest("GET", url)
        request.caFile = caFile
        request.proxy = .none
        return try await HTTPClient().send(request, deadline: .after(.seconds(50)))
    }

    @Test func aPrivateAuthorityIsTrustedOnlyIfItsFileIsGiven() async throws {
        let secure = try TestServer.Secure()
        #expect(try await send(secure.url, caFile: secure.caFile).status == 200)
        let error = await expectError(.tls) { try await send(secure.url, caFile: nil) }
        #expect(error?.description.contains("CA file") == true)
        let other = try TestServer.Secure()
        await expectError(.tls) { try await send(secure.url, caFile: other.caFile) }
        await expectError(.tls) { try await send(secure.url, caFile: "/nowhere/ca.pem") }
    }

    @Test func aCertificateForAnotherHostIsRefused() async throws {
        let secure = try TestServer.Secure(name: "DNS:other.example")
        await expectError(.tls) { try await send(secure.url, caFile: secure.caFile) }
    }

    @Test func aServerWithoutTLSIsATLSFailure() async throws {
        let port = try TestServer.plain.get().port
        await expectError(.tls) { try await send("https://127.0.0.1:\(port)/", caFile: nil) }
    }

    @Test("TLS before 1.2 is not spoken", arguments: ["TLSv1", "TLSv1_1", "TLSv1_2"])
    func oldVersions(newest: String) async throws {
        let secure = try TestServer.Secure(newestTLS: newest)
        if newest == "TLSv1_2" {
            #expect(try await send(secure.url, caFile: secure.caFile).status == 200)
        } else {
            await expectError(.tls) { try await send(secure.url, caFile: secure.caFile) }
        }
    }

    @Test func trustIsNotSharedBetweenRequests() async throws {
        let secure = try TestServer.Secure()
        let client = HTTPClient()
        var request = HTTPRequest("GET", secure.url)
        request.proxy = .none
        request.caFile = secure.caFile
        #expect(try await client.send(request, deadline: .after(.seconds(50))).status == 200)
        // The connection that the first request left open was made with another trust.
        request.caFile = nil
        let untrusting = request
        await expectError(.tls) { try await client.send(untrusting, deadline: .after(.seconds(50))) }
    }
}
