import Basics
import CloudEvents
import Processes
import ServerTestSupport
import Synchronization
import TestSupport

/// A service that is killed again and again, with its sender and its receiver, on a disk that may be full.
final class ChaosSite: Sendable {
    /// Where the data is.
    enum Place: String, Sendable, CaseIterable {
        case disk
        case smallDisk = "small disk"
    }

    /// How long nothing may happen while something is left to do.
    private static let patience = Duration.seconds(60)

    private let directory: TemporaryDirectory
    private let data: String
    private let disk: SmallDisk?
    private let sender = ChaosSender()
    private let receiver: ChaosReceiver
    private let mishaps = Collected<String>()
    private let pool = ThreadPool(name: "chaos", width: 1)

    /// - Parameter kills: how often the service will be killed.
    init(_ place: Place, kills: Int) async throws {
        directory = try TemporaryDirectory()
        // Room for what so many rounds leave.
        disk = place == .disk ? nil : try SmallDisk(bytes: (40 << 20) + kills << 19)
        data = disk?.path ?? "\(directory.path)/data"
        if place == .smallDisk, disk == nil { print("chaos: the disk is never full, for only root may mount a small one") }
        receiver = try await ChaosReceiver()
        for project in ["free", ChaosEvent.strictProject] {
            let repository = try await BareRepository(at: "\(directory.path)/\(project).git")
            try await repository.commit(ChaosEvent.files)
        }
        try directory.write(ChaosEvent.configuration, to: "ges.yaml")
        try directory.write("", to: "markers")
    }

    /// Kills the service so often while events come, and lets one more do what is left.
    func run(kills: Int) async throws -> ChaosRecord {
        async let sending: Void = sender.send()
        var (count, number) = (0, 0)
        while count < kills {
            if try await survive(ChaosRound(number: number)) { count += 1 }
            number += 1
        }
        sender.finish()
        let service = try await launch(receiver.become(.listening)).listening()
        sender.follow(service.port)
        try await sending
        try await settle()
        if try await service.stop() != 0 { mishaps.append("the last service does not stop as it should") }
        return try await record()
    }

    private func launch(_ receiver: String) -> ServiceLaunch {
        let settings = [
            "GIT_REMOTE": "\(directory.path)/{project}.git", "EVENTBROKER": receiver, "MARKERS": "\(directory.path)/markers",
            "DATA_DIRECTORY": data, "GES_CONFIG": "\(directory.path)/ges.yaml", "SCRIPT_CONCURRENCY": "8",
        ]
        return ServiceLaunch(settings, in: directory)
    }

    /// - Returns: whether the service was killed; one that ends by itself is right to do so only while the disk is full.
    private func survive(_ round: ChaosRound) async throws -> Bool {
        sender.allow(round.events)
        if disk != nil, round.disk != .hasRoom { try await pool.run { [data] in try ChaosRecord.tidy(data) } }
        if round.disk == .isFull { try await fill() }
        let launch = launch(receiver.become(round.receiver))
        // One that finds the disk full may not listen before there is room.
        async let following: Void = follow(launch)
        if !round.endsEarly, round.disk != .isFull { await following }
        try await Task.sleep(for: round.life)
        switch round.disk {
        case .hasRoom: break
        case .isFull: disk?.empty()
        case .fills: try await fill()
        }
        sender.allow(round.events)
        try await Task.sleep(for: round.end)
        let exit = try await launch.kill()
        await following
        sender.follow(nil)
        disk?.empty()
        if exit.status == .signalled(9) { return true }
        if disk == nil || round.disk == .hasRoom { mishaps.append("the service ended with \(exit): \(launch.text)") }
        return false
    }

    private func follow(_ launch: ServiceLaunch) async {
        if let service = try? await launch.listening() { sender.follow(service.port) }
    }

    private func fill() async throws {
        guard let disk else { return }
        try await pool.run { try disk.fill() }
    }

    /// Waits until every run is over and every answer sent.
    private func settle() async throws {
        var (left, deadline) = (Int.max, Deadline.after(Self.patience))
        while left > 0 {
            let now = try await pool.run { [data] in try ChaosRecord.unfinished(in: data) }
            if now < left { (left, deadline) = (now, .after(Self.patience)) }
            guard !deadline.hasPassed else {
                throw ServiceFailure(description: "\(left) runs and answers are not over, and none ends")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func record() async throws -> ChaosRecord {
        let (data, markers) = (data, "\(directory.path)/markers")
        var record = try await pool.run { try ChaosRecord(data: data, markers: markers) }
        record.accepted = sender.runs
        record.delays = sender.delays
        record.isDiskSmall = disk != nil
        record.received = receiver.events
        record.mishaps = mishaps.values + sender.refusals
        return record
    }
}
