public import Basics
import Glibc
import Processes
import Synchronization

/// Git's protocol through the system's `ssh`: it knows every kind of key and agent, and host keys are checked strictly.
///
/// One connection is kept; each exchange is a session of its own, because a server's Git that runs on answers with references of
/// yesterday.
public final class SSHCarrier: WireCarrier {
    public let address: String
    private let place: SSHAddress
    private let access: RemoteAccess
    private let directory: String
    private let setup = Mutex<Setup?>(nil)
    private let server = Mutex<String?>(nil)

    private struct Setup: Sendable {
        let command: SSHCommand
        let connection: SSHConnection
    }

    /// - Parameter directory: for the files of the connection, ours alone; it is made when needed and removed with this value.
    public init(_ place: SSHAddress, access: RemoteAccess, directory: String) {
        self.place = place
        self.access = access
        self.directory = directory
        address = place.description
    }

    deinit {
        let directory = directory
        Task { try? await StreamExchange.pool.run { Files.removeTree(directory) } }
    }

    public var peer: String? { server.withLock { $0 }.map { "host key \($0)" } }

    public func forget() {}

    public func exchange(
        _ request: @escaping @Sendable (ServerAdvertisement) throws(GitError) -> [UInt8]?,
        deadline: Deadline,
        receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws {
        if let problem = access.problem { throw problem }
        let setup = try await prepared()
        let master = try await setup.connection.ready(until: deadline)
        if let key = SSHReport(master.log.text).hostKey { server.withLock { $0 = key } }
        let exchange = StreamExchange(address: address, deadline: deadline, request: request, receive: receive)
        do {
            try await run(exchange, setup.command.session(at: master.socket))
        } catch let error as GitError {
            if [.connect, .server, .timeout].contains(error.failureClass) { setup.connection.drop(master) }
            throw error
        }
        withExtendedLifetime(master) {}
    }

    private func prepared() async throws -> Setup {
        if let setup = setup.withLock({ $0 }) { return setup }
        return try await StreamExchange.pool.run { [self] in
            guard let program = ExecutableSearch.system.find("ssh") else {
                throw GitError(
                    .unsupported,
                    "reach \(address)",
                    "the program ssh is not installed; Debian's package is openssh-client"
                )
            }
            let files: SSHFiles
            do { files = try SSHFiles(access.ssh, in: directory) } catch { throw GitError(.disk, "reach \(address)", "\(error)") }
            let command = SSHCommand(
                program: program,
                address: place,
                files: files,
                knownHostsFile: access.ssh.knownHostsFile,
                hasPassphrase: access.ssh.passphrase != nil
            )
            return setup.withLock { setup in
                if let setup { return setup }
                let new = Setup(command: command, connection: SSHConnection(command))
                setup = new
                return new
            }
        }
    }

    /// Runs a session and talks over it. The session's process has ended when this returns.
    private func run(_ exchange: StreamExchange, _ command: Command) async throws {
        let socket: SocketPair
        do { socket = try SocketPair() } catch { throw GitError(.connect, "reach \(address)", "\(error)") }
        guard let own = socket.takeOwn() else { return }
        let stream = SocketStream(own, address: address)
        let log = SSHLog()
        // It ends by itself when the stream does, and at the latest with the exchange.
        let session = Task {
            defer { stream.shutDown() }
            return try await command.run(until: exchange.deadline, socket: socket, grace: .seconds(1)) { chunk in
                _ = log.append(chunk.bytes)
            }
        }
        defer { session.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await StreamExchange.pool.run { try exchange.run(over: stream) }
            } onCancel: {
                stream.shutDown()
            }
        } catch {
            try Task.checkCancellation()
            stream.shutDown()
            // The process knows better why the stream ended, unless it was we who ended it.
            if (error as? GitError)?.failureClass == .server { _ = try? await session.value }
            session.cancel()
            throw SSHReport(log.text).failure(reaching: place) ?? error
        }
        stream.shutDown()
        session.cancel()
        _ = try? await session.value
    }
}
