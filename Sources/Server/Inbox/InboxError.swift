import Basics

/// Why events were not accepted; the sender may come again.
enum InboxError: Error, Hashable, CustomStringConvertible {
    case full(limit: Int)
    case fullOfBytes(limit: Int)
    case closed
    case store(StoreError)

    var description: String {
        switch self {
        case .full(let limit): "\(limit) events or answers wait already (QUEUE_LIMIT); send it again later"
        case .fullOfBytes(let limit):
            "the events that wait take \(ByteCount.text(limit)) of memory already (QUEUE_BYTES); send it again later"
        case .closed: "the service is shutting down; send it again later"
        case .store(let error): "the event cannot be kept: \(error)"
        }
    }
}
