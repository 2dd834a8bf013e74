import Basics
import Glibc

/// A real sshd for one test or suite, on a port that the system chose. It lets the user who runs the tests in, by key only, and
/// serves repositories by their absolute paths.
public final class GitSSHServer: Sendable {
    /// A private key that the server takes, beside it the public one with `.pub`.
    public enum Key: String, Sendable, CaseIterable {
        case ed25519
        case ecdsa
        case rsa
        /// An ed25519 key that only ``passphrase`` opens.
        case encrypted
        /// An ed25519 key that the server does not take.
        case stranger
    }

    /// A file of known hosts.
    public enum KnownHosts: String, Sendable, CaseIterable {
        /// All of the server's keys.
        case right
        /// The same with the host's name hashed.
        case hashed
        /// Its RSA key alone.
        case rsa
        /// Another ed25519 key in place of the server's.
        case wrong
        case empty
    }

    public static let passphrase = "correct horse s3cret"

    public let port: Int
    private let directory: TemporaryDirectory
    private let server: PythonServer

    /// - Parameter acceptsProtocol: whether clients may say which version of Git's protocol they speak. A stock sshd does not take
    ///   the variable, so git answers in version 0.
    public init(acceptsProtocol: Bool = false) throws {
        directory = try TemporaryDirectory()
        let script = try directory.write(InetdScript.text + Self.script, to: "server.py")
        let variables = acceptsProtocol ? "LANG LC_* GIT_PROTOCOL" : "LANG LC_*"
        server = try PythonServer(script, directory.path, Self.user, Self.passphrase, variables)
        port = server.port
    }

    /// The user who runs the tests.
    public static let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "root"

    /// Where a repository's files are: `repository("shop")` is served as ``url(_:)`` of "shop".
    public func repository(_ name: String) -> String { "\(directory.path)/repos/\(name).git" }

    public func url(_ name: String) -> String { "ssh://\(Self.user)@127.0.0.1:\(port)\(repository(name))" }

    public func key(_ key: Key) -> String { "\(directory.path)/\(key.rawValue)" }

    public func knownHosts(_ kind: KnownHosts) -> String { "\(directory.path)/known_hosts_\(kind.rawValue)" }

    /// The fingerprints of the server's keys, as ssh shows them: `ED25519` -> `SHA256:...`.
    public func fingerprints() throws -> [String: String] {
        let lines = try text("fingerprints").split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(uniqueKeysWithValues: lines.map { ($0[0], $0[1]) })
    }

    /// How many connections there were so far, and how many commands were run over them.
    public func connections() throws -> Int { try Files.read("\(directory.path)/connections").count }
    public func sessions() throws -> Int {
        try log().split(whereSeparator: \.isNewline).count { $0.hasPrefix("Starting session: command") }
    }

    /// What sshd wrote. It tells of a session before it starts it, and of a connection before it answers.
    public func log() throws -> String { try text("sshd.log") }

    /// The packet lines that git on the server sent and received, as GIT_TRACE_PACKET has them.
    public func packets() throws -> String { try text("packets") }

    private func text(_ name: String) throws -> String {
        String(decoding: try Files.read("\(directory.path)/\(name)"), as: UTF8.self)
    }

    /// Makes the keys, and starts an sshd for each connection. As root, sshd does not start without its empty directory.
    private static let script = #"""
        import base64, hashlib

        directory, user, passphrase, variables = sys.argv[1:]
        os.makedirs(directory + "/repos")
        if os.getuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)

        def generate(name, kind, *options, phrase=""):
            return subprocess.Popen(["ssh-keygen", "-q", "-t", kind, "-N", phrase, "-C", name, "-f", directory + "/" + name, *options],
                                    stdin=subprocess.DEVNULL, stdout=sys.stderr)

        # The slow ones first; one round of key derivation is enough for a key that is public anyway.
        generators = [generate("host_rsa", "rsa", "-b", "2048"), generate("rsa", "rsa", "-b", "2048"),
                      generate("encrypted", "ed25519", "-a", "1", phrase=passphrase)]
        for name in ["host_ed25519", "other_ed25519", "ed25519", "stranger"]:
            generators.append(generate(name, "ed25519"))
        for name in ["host_ecdsa", "ecdsa"]:
            generators.append(generate(name, "ecdsa"))
        if any(generator.wait() for generator in generators):
            sys.exit("ssh-keygen failed")

        def public(name):
            with open(directory + "/" + name + ".pub") as file:
                return " ".join(file.read().split()[:2])

        def write(name, lines):
            with open(directory + "/" + name, "w") as file:
                file.write("".join(line + "\n" for line in lines))

        listener = listen()
        host = "[127.0.0.1]:" + str(listener.getsockname()[1])
        hosts = ["host_ed25519", "host_ecdsa", "host_rsa"]
        def fingerprint(name):
            digest = hashlib.sha256(base64.b64decode(public(name).split()[1])).digest()
            return name.removeprefix("host_").upper() + " SHA256:" + base64.b64encode(digest).decode().rstrip("=")

        write("fingerprints", [fingerprint(name) for name in hosts])
        write("authorized_keys", [public(name) for name in ["ed25519", "ecdsa", "rsa", "encrypted"]])
        write("known_hosts_right", [host + " " + public(name) for name in hosts])
        write("known_hosts_rsa", [host + " " + public("host_rsa")])
        write("known_hosts_wrong", [host + " " + public("other_ed25519")])
        write("known_hosts_empty", [])
        write("known_hosts_hashed", [host + " " + public(name) for name in hosts])
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", directory + "/known_hosts_hashed"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.remove(directory + "/known_hosts_hashed.old")

        write("sshd_config", ["HostKey " + directory + "/" + name for name in hosts] + [
            "AuthorizedKeysFile " + directory + "/authorized_keys",
            "AllowUsers " + user,
            "AuthenticationMethods publickey",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            "StrictModes no",
            "UsePAM no",
            "UseDNS no",
            "PidFile none",
            "PermitTTY no",
            "PermitUserRC no",
            "AllowTcpForwarding no",
            "AllowAgentForwarding no",
            "X11Forwarding no",
            "AcceptEnv " + variables,
            "SetEnv GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_COUNT=1 "
            "GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=* GIT_TRACE_PACKET=" + directory + "/packets",
            "LogLevel VERBOSE",
        ])
        write("sshd.log", [])
        write("packets", [])
        command = ["/usr/sbin/sshd", "-i", "-f", directory + "/sshd_config", "-E", directory + "/sshd.log"]
        serve(listener, command, directory, stderr=subprocess.DEVNULL)
        """#
}
