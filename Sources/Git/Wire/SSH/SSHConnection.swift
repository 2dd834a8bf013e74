import Basics
import Processes
import Synchronization

/// A kept connection to an ssh server: nearly all of a session's time is the handshake, which sessions over one connection share.
///
/// It is a child process (`ssh -M`), which ends with this value, after some minutes without use, or when it is lost; the next
/// session then makes a new one.
final class SSHConnection: Sendable {
    /// The process behind the connection. Sessions hold on to it, so that it does not end under them.
    final class Master: Sendable {
        /// Each has a socket of its own: one that ends must not take away that of its successor.
        let socket = "connection-\(Master.counter.add(1, ordering: .relaxed).newValue)"
        let isReady = Landing<Void>()
        let log = SSHLog()
        fileprivate let task = Mutex<Task<Void, Never>?>(nil)

        private static let counter = Atomic<Int>(0)

        deinit { task.withLock { $0 }?.cancel() }
    }

    private struct State: Sendable {
        var master: Master?
        /// Counts sessions, so that idleness can be told.
        var uses = 0
    }

    /// A connection without sessions is given up after this.
    private static let idleLimit = Duration.seconds(300)
    /// However busy, a connection is made anew after this: keys may have been withdrawn.
    private static let ageLimit = Duration.seconds(3_600)

    private let command: SSHCommand
    private let state = Mutex(State())

    init(_ command: SSHCommand) { self.command = command }

    /// Waits until there is a connection.
    ///
    /// - Returns: what keeps it; hold it as long as the session lasts.
    /// - Throws: ``GitError`` with the reason that ssh gave, or `CancellationError`.
    func ready(until deadline: Deadline) async throws -> Master {
        let (master, isNew) = state.withLock { state in
            state.uses += 1
            if let master = state.master { return (master, false) }
            let master = Master()
            state.master = master
            return (master, true)
        }
        if isNew { start(master) }
        do {
            try await master.isReady.value(until: deadline)
        } catch is DeadlineExceeded {
            drop(master)
            throw GitError(.timeout, "reach \(command.address)", "there was no connection in time")
        }
        return master
    }

    /// A session of this connection failed in a way that may be the connection's fault.
    func drop(_ master: Master) {
        state.withLock { state in
            if state.master === master { state.master = nil }
        }
    }

    private func start(_ master: Master) {
        let (isReady, log, command) = (master.isReady, master.log, command)
        let connection = command.connection(at: master.socket)
        let task = Task { [weak self, weak master] in
            do {
                _ = try await connection.run(until: .after(Self.ageLimit), grace: .seconds(1)) { chunk in
                    // Said after the socket for the sessions is there.
                    if log.append(chunk.bytes, lookingFor: "Entering interactive session") { isReady.land(.success(())) }
                }
                let reason = SSHReport(log.text).failure(reaching: command.address)
                let silent = GitError(.connect, "reach \(command.address)", "ssh ended without a word")
                isReady.land(.failure(reason ?? silent))
            } catch {
                isReady.land(.failure(GitError(.connect, "reach \(command.address)", "\(error)")))
            }
            if let self, let master { self.drop(master) }
        }
        master.task.withLock { $0 = task }
        watch(master)
    }

    /// Gives the connection up when nobody has used it for a while.
    private func watch(_ master: Master) {
        Task { [weak self, weak master] in
            var seen = -1
            while let uses = self?.uses(of: master), uses != seen {
                seen = uses
                try? await Landing<Void>().value(until: .after(Self.idleLimit))
            }
            if let self, let master { self.drop(master) }
        }
    }

    private func uses(of master: Master?) -> Int? {
        state.withLock { state in
            guard let master, state.master === master else { return nil }
            return state.uses
        }
    }
}
