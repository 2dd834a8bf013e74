import CloudEvents
import ServerTestSupport
import TestSupport

/// A Keptn project in a bare repository with the branches `master` and `dev`, a receiver for what Keptn is answered, and a web
/// server that `.http` files may call.
struct ProjectFixture {
    let name: String
    let directory: TemporaryDirectory
    let repository: BareRepository
    let keptn: EventRecorder
    let webhook: Webhook

    init(_ name: String = "sockshop") async throws {
        self.name = name
        directory = try TemporaryDirectory()
        repository = try await BareRepository(at: "\(directory.path)/\(name).git", defaultBranch: "master")
        for branch in ["master", "dev"] { try await repository.commit(["shipyard.yaml": "a: b\n"], on: branch) }
        keptn = try await EventRecorder.start()
        webhook = try Webhook()
    }

    func commit(_ files: [String: BareRepository.Change], on branch: String = "master") async throws {
        try await repository.commit(files, on: branch)
    }

    /// Starts the service for the project. Its scripts see `ENV_WEBHOOK`, the web server's URL.
    ///
    /// - Parameters:
    ///   - directory: where one before has left its clones and data.
    ///   - limit: how long it may run.
    func start(
        _ settings: [String: String] = [:],
        arguments: [String] = [],
        in directory: TemporaryDirectory? = nil,
        limit: Duration = .seconds(600)
    ) async throws -> ServiceProcess {
        let base = ["GIT_REMOTE": self.directory.path + "/{project}.git", "EVENTBROKER": keptn.url, "WEBHOOK": webhook.url]
        return try await ServiceProcess.start(
            base.merging(settings) { _, new in new },
            arguments: arguments,
            in: directory,
            limit: limit
        )
    }

    /// The text of a file that says `word`, whatever its kind.
    static func file(_ name: String, saying word: String) -> BareRepository.Change {
        let text =
            switch name.split(separator: ".").last {
            case "sh": "echo \(word)"
            case "py": "print('\(word)')"
            default: "POST $ENV_WEBHOOK/200\n\n\(word)"
            }
        return .file(Array(text.utf8))
    }
}

extension ServiceProcess {
    /// Posts an event and waits for the end of its run.
    ///
    /// - Returns: the log's entry of each file that ran, in order.
    func filesRun(for event: JSON) async throws -> [JSON] {
        _ = try await post(event)
        let id = event["id"]
        _ = await logEntry { entry in
            entry["event.id"] == id && ["run finished", "nothing to run"].contains(entry["message"]?.string)
        }
        return log.filter { $0["event.id"] == id && $0["message"] == "file ran" }
    }
}
