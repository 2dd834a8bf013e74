import Glibc
import Processes

/// How `ssh` is called: the arguments and the environment, from checked parts. A pure decision.
struct SSHCommand: Sendable, Hashable {
    let program: String
    let address: SSHAddress
    /// Where the files of this connection are; also the working directory.
    let files: SSHFiles
    let knownHostsFile: String?
    let hasPassphrase: Bool

    /// The connection that sessions share. It runs until it is told to stop, or is lost.
    ///
    /// - Parameter socket: where sessions find it: a name in the working directory, for the length of such a path is limited.
    func connection(at socket: String) -> Command { command(["-v", "-M", "-N"] + options(socket) + destination) }

    /// One session that talks to the server's Git. Where the kept connection is gone, it makes one of its own.
    func session(at socket: String) -> Command {
        command(["-v", "-T"] + options(socket) + destination + ["git-upload-pack \(Self.quoted(address.path))"])
    }

    private func options(_ socket: String) -> [String] {
        var options = [
            "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "VerifyHostKeyDNS=no", "PasswordAuthentication=no",
            "KbdInteractiveAuthentication=no", "NumberOfPasswordPrompts=1", "ConnectTimeout=5", "ServerAliveInterval=15",
            "ServerAliveCountMax=2", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "PermitLocalCommand=no",
            "RequestTTY=no", "SendEnv=GIT_PROTOCOL", "ControlMaster=no", "ControlPath=\(socket)", "ControlPersist=no",
            // A passphrase comes from a program; without one nobody is asked.
            "BatchMode=\(hasPassphrase ? "no" : "yes")",
        ]
        if let knownHostsFile {
            options += ["UserKnownHostsFile=\(Self.quotedOption(knownHostsFile))", "GlobalKnownHostsFile=/dev/null"]
        }
        if let key = files.key { options += ["IdentitiesOnly=yes", "IdentityFile=\(Self.quotedOption(key))"] }
        return options.flatMap { ["-o", $0] }
    }

    private var destination: [String] {
        (address.port.map { ["-p", String($0)] } ?? []) + (address.user.map { ["-l", $0] } ?? []) + ["--", address.host]
    }

    private func command(_ arguments: [String]) -> Command {
        var environment = ["GIT_PROTOCOL": "version=2", "LC_ALL": "C"]
        for name in ["PATH", "HOME"] + (files.key == nil ? ["SSH_AUTH_SOCK"] : []) {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        if hasPassphrase {
            environment["SSH_ASKPASS"] = files.askpass
            environment["SSH_ASKPASS_REQUIRE"] = "force"
        }
        return Command(program, arguments, environment: environment, directory: files.directory)
    }

    /// As one word of the server's shell, which may be one that gives `!` a meaning.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''").replacing("!", with: "'\\!'") + "'"
    }

    /// A path in an option: spaces part words there, and `%` begins a token.
    static func quotedOption(_ path: String) -> String {
        "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%") + "\""
    }
}
