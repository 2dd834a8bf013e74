import CloudEvents

/// Shows a stream of a run's output, which may come in several parts.
struct FollowPrinter {
    private let format: OutputFormat
    private var reader = ServerSentEventReader()
    private var transcript = Transcript()
    /// Events so far.
    private(set) var count = 0
    private(set) var hasConnected = false
    private(set) var isOver = false

    init(_ format: OutputFormat) { self.format = format }

    /// What the next part begins after; nil: nothing has come.
    var lastID: String? { reader.lastID }

    mutating func print(_ bytes: [UInt8]) {
        hasConnected = true
        for event in reader.read(bytes) {
            count += 1
            if event.name == "end" { isOver = true }
            switch format {
            case .json: Terminal.print(event.data)
            case .text: print(event)
            }
        }
    }

    private mutating func print(_ event: ServerSentEvent) {
        guard let document = try? JSON(parsing: Array(event.data.utf8)) else { return }
        if event.name == "end" {
            let state = document["state"]?.string ?? ""
            let result = document["result"]?.string.map { ", \($0)" } ?? ""
            Terminal.write("\(transcript.endsInLine ? "\n" : "")\nstate   \(state)\(result)\n")
        } else {
            Terminal.write(transcript.text(of: document["text"]?.string ?? "", from: document["file"]?.string ?? ""))
        }
    }
}
