import Basics
import CLibCurl
import Glibc
import Synchronization

/// The one thread that moves the bytes of all transfers, and the way to it.
///
/// The thread starts with the first transfer and ends when the loop is closed and the last transfer is done.
final class TransferLoop: Sendable {
    enum Command: Sendable {
        case start(Transfer)
        /// Ends the transfer of that ticket, if it is still on its way.
        case cancel(UInt64)
    }

    private struct Inbox {
        var commands: [Command] = []
        var hasThread = false
        var isClosed = false
    }

    private let inbox = Mutex(Inbox())
    private let multi: MultiHandle

    init(connectionsPerHost: Int) { multi = MultiHandle(connectionsPerHost: connectionsPerHost) }

    func submit(_ command: Command) {
        let needsThread = inbox.withLock { inbox in
            inbox.commands.append(command)
            defer { inbox.hasThread = true }
            return !inbox.hasThread
        }
        guard needsThread else { return multi.wakeUp() }
        if !startThread() { refuseAll() }
    }

    func close() {
        inbox.withLock { $0.isClosed = true }
        multi.wakeUp()
    }

    private func startThread() -> Bool {
        var thread = pthread_t()
        // The thread owns one reference, which `transferLoopMain` takes over.
        let context = Unmanaged.passRetained(self)
        guard pthread_create(&thread, nil, transferLoopMain, context.toOpaque()) == 0 else {
            context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func refuseAll() {
        let commands = inbox.withLock { inbox in
            inbox.hasThread = false
            defer { inbox.commands = [] }
            return inbox.commands
        }
        for case .start(let transfer) in commands {
            transfer.fail(HTTPClientError(.other, "no thread can be started: the limit of processes is reached"))
        }
    }

    fileprivate func run() {
        setThreadName("curl")
        // Signals are for other threads, and a write to a closed TLS connection must not raise SIGPIPE.
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let worker = TransferWorker(multi)
        while true {
            let (commands, isClosed) = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isClosed)
            }
            for command in commands { worker.handle(command) }
            worker.step()
            if isClosed, worker.isIdle { return }
            worker.wait()
        }
    }
}

private func transferLoopMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run()
    return nil
}

/// A libcurl multi handle: the connections and resolved names that all transfers share. Only `wakeUp` may be called from any
/// thread; the rest is the loop's.
final class MultiHandle: @unchecked Sendable {
    /// How many idle connections are kept.
    private static let idleConnections = 64

    let pointer: UnsafeMutableRawPointer

    init(connectionsPerHost: Int) {
        LibCurl.initialise()
        guard let pointer = curl_multi_init() else { preconditionFailure("libcurl: out of memory") }
        self.pointer = pointer
        clibcurl_multi_set_long(pointer, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHost)
        clibcurl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, Self.idleConnections)
    }

    deinit { curl_multi_cleanup(pointer) }

    func wakeUp() { curl_multi_wakeup(pointer) }
}
