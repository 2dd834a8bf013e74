/// Reads a `text/event-stream` as it comes. A value.
struct ServerSentEventReader: Sendable {
    private var pending: [UInt8] = []
    private var name: String?
    private var data: [String] = []
    /// Of the last event that had one.
    private(set) var lastID: String?

    /// - Returns: the events that are complete now.
    mutating func read(_ bytes: some Sequence<UInt8>) -> [ServerSentEvent] {
        pending += bytes
        var events: [ServerSentEvent] = []
        var start = pending.startIndex
        while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if let event = take(String(decoding: pending[start..<end], as: UTF8.self)) { events.append(event) }
            start = end + 1
        }
        pending.removeSubrange(..<start)
        return events
    }

    private mutating func take(_ line: String) -> ServerSentEvent? {
        guard !line.isEmpty else {
            defer { (name, data) = (nil, []) }
            return data.isEmpty ? nil : ServerSentEvent(name: name, id: lastID, data: data.joined(separator: "\n"))
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1]) : ""
        switch parts[0] {
        case "event": name = value
        case "id": lastID = value
        case "data": data.append(value)
        default: break
        }
        return nil
    }
}
