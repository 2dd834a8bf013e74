import Basics
import CloudEvents
import Curl
import Glibc
import Model
import TestSupport
import Testing

@testable import Server

/// Keptn's secrets `git-credentials-<project>` of all versions.
@Suite struct ProjectSecretTests {
    private static let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    private static let base64 = Base64.encode(Array(pem.utf8))
    private static let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

    private func parse(_ text: String) throws -> ProjectSecret { try ProjectSecret(parsing: Array(text.utf8)) }

    @Test("0.6 to 0.13: user, token and remoteURI")
    func first() throws {
        let secret = try parse(#"{"user":"keptn","token":"t0ken","remoteURI":"https://git.example/shop.git"}"#)
        var expected = ProjectSecret(remote: "https://git.example/shop.git", user: "keptn", token: "t0ken")
        #expect(secret == expected)
        #expect(secret.credentials == BasicCredentials(user: "keptn", password: "t0ken"))
        expected.user = ""
        #expect(expected.credentials == BasicCredentials(user: "keptnuser", password: "t0ken"))
    }

    @Test("0.14 to 0.16: flat, with keys, proxy and certificate", arguments: ["gitProxyInsecure", "insecureSkipTLS"])
    func second(flag: String) throws {
        var document: JSONObject = [
            "user": "keptn", "token": "t0ken", "remoteURI": "https://git.example/shop.git", "privateKey": .string(Self.base64),
            "privateKeyPass": "pass ", "gitProxyUrl": "proxy.example:3128", "gitProxyScheme": "https", "gitProxyUser": "me@x",
            "gitProxyPassword": "p:ss", "gitPemCertificate": .string(Self.certificate),
        ]
        document[flag] = true
        let secret = try parse(JSON.object(document).text)
        #expect(secret.privateKey == Self.pem && secret.passphrase == "pass " && secret.certificate == Self.certificate)
        #expect(secret.proxy?.url == "https://me%40x:p%3Ass@proxy.example:3128" && secret.skipsVerification)
        #expect(secret.token == "t0ken" && secret.remote == "https://git.example/shop.git")
    }

    @Test("From 0.17 on: https with its proxy, or ssh")
    func third() throws {
        let https: JSON = [
            "remoteURL": "https://git.example/shop.git", "user": "keptn",
            "https": [
                "token": "t0ken", "certificate": .string(Base64.encode(Array(Self.certificate.utf8))), "insecureSkipTLS": true,
                "proxy": ["url": "proxy.example:3128", "scheme": "http", "user": "me", "password": "p ss"],
            ],
        ]
        let secret = try parse(https.text)
        #expect(secret.token == "t0ken" && secret.certificate == Self.certificate && secret.skipsVerification)
        #expect(secret.proxy?.url == "http://me:p%20ss@proxy.example:3128")
        let ssh: JSON = [
            "remoteURL": "ssh://git@git.example/shop.git", "user": "keptn",
            "ssh": ["privateKey": .string(Self.pem), "privateKeyPass": "pass"],
        ]
        let key = try parse(ssh.text)
        #expect(key.remote == "ssh://git@git.example/shop.git" && key.privateKey == Self.pem && key.passphrase == "pass")
        #expect(key.token == nil && key.credentials == nil)
    }

    @Test(
        "Oddities",
        arguments: [
            ("{}", ProjectSecret()),
            (#"{"user":null,"token":"","remoteURI":null,"https":null,"ssh":""}"#, ProjectSecret()),
            (#"{"user":7,"token":123456,"remoteURI":"r"}"#, ProjectSecret(remote: "r", user: "7", token: "123456")),
            (
                "\u{FEFF}{\r\n\"token\" : \"a\\r\\n\",\r\n\"remoteURI\":\" r \\n\"\r\n}\r\n",
                ProjectSecret(remote: "r", token: "a")
            ),
            (#"{"token":"a","odd":{"deep":[1]},"remoteURI":"r"}"#, ProjectSecret(remote: "r", token: "a")),
            (#"{"remoteuri":"r","TOKEN":"a"}"#, ProjectSecret(remote: "r", token: "a")),
            (
                #"{"remoteURI":"old","token":"old","remoteURL":"new","https":{"token":"new"}}"#,
                ProjectSecret(remote: "new", token: "new")
            ),
            (#"{"token":"+/=$%","remoteURI":"r","insecureSkipTLS":"false"}"#, ProjectSecret(remote: "r", token: "+/=$%")),
            (#"{"insecureSkipTLS":"TRUE"}"#, ProjectSecret(skipsVerification: true)),
            (#"{"gitProxyUrl":"","gitProxyScheme":"","gitProxyUser":"x"}"#, ProjectSecret()),
        ]
    )
    func oddities(text: String, expected: ProjectSecret) throws {
        let secret = try parse(text)
        #expect(secret == expected)
    }

    @Test(
        "What cannot be used is refused with its name, and nothing of it is shown",
        arguments: [
            ("", "it is not valid JSON"), ("s3cret", "it is not valid JSON"), (#"["s3cret"]"#, "it is not a JSON object"),
            (#"{"token":{"s3cret":1}}"#, "its token is not a text"), (#"{"https":"s3cret"}"#, "its https is not an object"),
            (#"{"token":"s3cret\u0000"}"#, "its token holds a NUL"),
            (#"{"privateKey":"s3cret"}"#, "its privateKey is neither PEM nor Base64 of PEM"),
            (#"{"ssh":{"privateKey":"czNjcmV0"}}"#, "its privateKey is neither PEM nor Base64 of PEM"),
            (#"{"https":{"certificate":"s3cret!"}}"#, "its certificate is neither PEM nor Base64 of PEM"),
            (#"{"gitProxyUrl":"s3cret proxy:1"}"#, "its proxy is not host:port with the scheme http or https"),
            (#"{"gitProxyUrl":"h:1","gitProxyScheme":"s3cret"}"#, "its proxy is not host:port with the scheme http or https"),
        ]
    )
    func refused(text: String, sentence: String) {
        let error = #expect(throws: ProjectSecretError.self) { try parse(text) }
        #expect(error?.description == sentence)
    }

    @Test(
        "Keys and certificates as people hand them on",
        arguments: [
            pem, pem.replacing("\n", with: "\r\n"), pem.replacing("\n", with: "\\n"), "  " + pem.replacing("\n", with: " \n  "),
            String(pem.dropLast()), base64, base64 + "\n", String(base64.prefix(20)) + "\r\n" + base64.dropFirst(20),
            base64.replacing("=", with: ""), Base64.encode(Array(pem.replacing("\n", with: "\r\n").utf8)),
        ]
    )
    func pemTexts(text: String) {
        #expect(PEMText.read(text) == Self.pem)
    }

    @Test("The empty line after the headers of a key stays")
    func pemHeaders() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X\n\nQUJD\n-----END RSA PRIVATE KEY-----\n"
        #expect(PEMText.read(key.replacing("\n", with: "\r\n") + "\n\n") == key)
    }

    @Test("Printing a secret shows nothing of it")
    func printed() throws {
        let secret = try parse(#"{"token":"s3cret","remoteURI":"https://u:s3cret@h/","gitProxyUrl":"u:s3cret@h:1"}"#)
        var dumped = ""
        dump(secret, to: &dumped)
        dump(secret.proxy, to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret)) \(dumped) \(secret.proxy.map { "\($0)" } ?? "")".contains("s3cret"))
    }

    @Test("Whatever the text, it is read or refused, and a proxy that is read is one that libcurl gets whole")
    func fuzz() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var fuzzer = Fuzzer(seed: seed)
        let valid: JSON = [
            "user": "u", "token": "s3cret", "remoteURI": "https://git.example/x", "remoteURL": "git@git.example:x",
            "privateKey": .string(Self.base64), "gitProxyUrl": "u:p@h:1", "gitProxyUser": "a",
            "https": ["token": "t", "certificate": .string(Self.pem), "proxy": ["url": "[::1]:3128", "password": "x"]],
            "ssh": ["privateKey": .string(Self.pem), "privateKeyPass": "p"],
        ]
        let tokens = ["null", "{}", "\"\"", "\\u0000", "://", "@", ":", "-----BEGIN ", "-----END ", "\\n", "\r\n", "%", "[", "]"]
        var read = 0
        for _ in 0..<5_000 {
            let bytes = fuzzer.mutate(valid.serialized(), tokens: tokens)
            guard let secret = try? ProjectSecret(parsing: bytes) else { continue }
            read += 1
            if let url = secret.proxy?.url {
                #expect(url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && ProxyAddress(url)?.url == url, "seed \(seed): \(url)")
            }
            #expect(secret.privateKey?.hasSuffix("\n") != false, "seed \(seed)")
            _ = secret.remote.flatMap(RemoteServer.init)
            _ = MaskedForms.of(secret)
        }
        #expect(read > 100, "seed \(seed)")
    }

    @Test("A file, or a folder as Kubernetes mounts it; no secret is none, and one that is exchanged counts at once")
    func directory() throws {
        let directory = try TemporaryDirectory()
        let secrets = CredentialsDirectory(path: directory.path)
        let (file, folder) = (try #require(PlainName("file")), try #require(PlainName("folder")))
        #expect(try secrets.secret(of: file) == nil)
        try directory.write(#"{"token":"of-file","remoteURI":"r"}"#, to: "git-credentials-file")
        #expect(try secrets.secret(of: file)?.token == "of-file")
        let mount = directory.path + "/git-credentials-folder"
        for (number, token) in ["one", "two"].enumerated() {
            try directory.write(#"{"token":"\#(token)"}"#, to: "git-credentials-folder/..2026_\(number)/git-credentials")
            #expect(symlink("..2026_\(number)", mount + "/..data.new") == 0)
            #expect(rename(mount + "/..data.new", mount + "/..data") == 0)
            if number == 0 { #expect(symlink("..data/git-credentials", mount + "/git-credentials") == 0) }
            #expect(try secrets.secret(of: folder)?.token == token)
        }
        try Files.createDirectory(directory.path + "/git-credentials-empty")
        let empty = try #require(PlainName("empty"))
        #expect(throws: FileError.self) { try secrets.secret(of: empty) }
    }
}
