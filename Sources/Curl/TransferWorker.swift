import Basics
import CLibCurl
import Glibc

/// Drives libcurl's multi interface. It lives on the loop's thread and is touched by no other.
final class TransferWorker {
    /// How many unused easy handles are kept.
    private static let spareHandles = 32
    /// How much later than libcurl we look at a deadline: libcurl has the better words, but does not watch transfers that wait
    /// for a connection to come free.
    private static let grace = Duration.milliseconds(100)

    private let multi: MultiHandle
    private var transfers: [UInt64: Transfer] = [:]
    private var tickets: [UnsafeMutableRawPointer: UInt64] = [:]
    private var spare: [EasyHandle] = []
    /// No transfer's deadline is before this.
    private var earliest: Deadline?

    init(_ multi: MultiHandle) { self.multi = multi }

    var isIdle: Bool { transfers.isEmpty }

    func handle(_ command: TransferLoop.Command) {
        switch command {
        case .start(let transfer): start(transfer)
        case .cancel(let ticket):
            take(ticket)?.fail(HTTPClientError(.cancelled, "it was cancelled"))
        }
    }

    /// Moves what can be moved without waiting, and answers what is done.
    func step() {
        var running: CInt = 0
        let code = curl_multi_perform(multi.pointer, &running)
        var left: CInt = 0
        while let message = curl_multi_info_read(multi.pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let result = message.pointee.data.result
            // The message is gone once its handle is taken out.
            if let ticket = tickets[handle] { take(ticket) { $0.finish(result) } }
        }
        if code != CURLM_OK { failAll("libcurl: \(String(cString: curl_multi_strerror(code)))") }
        expire()
    }

    /// Waits until there is something to move, a command comes or a deadline passes.
    func wait() {
        let limit = earliest.map { min($0.remaining + Self.grace, .seconds(60)) } ?? .seconds(60)
        let milliseconds = CInt((limit / .milliseconds(1)).rounded(.up))
        if curl_multi_poll(multi.pointer, nil, 0, milliseconds, nil) != CURLM_OK {
            // Out of memory or descriptors: try again, but do not spin.
            usleep(10_000)
        }
    }

    private func start(_ transfer: Transfer) {
        guard let handle = spare.popLast() ?? EasyHandle() else {
            return transfer.fail(HTTPClientError(.other, "out of memory"))
        }
        do throws(HTTPClientError) {
            try transfer.prepare(handle)
            let code = curl_multi_add_handle(multi.pointer, handle.pointer)
            guard code == CURLM_OK else { throw HTTPClientError(.other, String(cString: curl_multi_strerror(code))) }
        } catch {
            return transfer.fail(error)
        }
        transfers[transfer.ticket] = transfer
        tickets[handle.pointer] = transfer.ticket
        earliest = earliest.map { min($0, transfer.deadline) } ?? transfer.deadline
    }

    /// Takes a transfer out, so that it can be answered. Its handle is free for the next one after `body`.
    @discardableResult
    private func take(_ ticket: UInt64, _ body: (Transfer) -> Void = { _ in }) -> Transfer? {
        guard let transfer = transfers.removeValue(forKey: ticket), let handle = transfer.handle else { return nil }
        tickets[handle.pointer] = nil
        curl_multi_remove_handle(multi.pointer, handle.pointer)
        body(transfer)
        transfer.handle = nil
        handle.reset()
        if spare.count < Self.spareHandles { spare.append(handle) }
        if transfers.isEmpty { earliest = nil }
        return transfer
    }

    private func expire() {
        guard let first = earliest, Deadline(first.instant + Self.grace).hasPassed else { return }
        let late = transfers.values.filter { Deadline($0.deadline.instant + Self.grace).hasPassed }
        for transfer in late {
            take(transfer.ticket)?.fail(HTTPClientError(.timeout, "the time limit was reached"))
        }
        earliest = transfers.values.map(\.deadline).min()
    }

    private func failAll(_ reason: String) {
        for ticket in transfers.keys { take(ticket)?.fail(HTTPClientError(.other, reason)) }
    }
}
