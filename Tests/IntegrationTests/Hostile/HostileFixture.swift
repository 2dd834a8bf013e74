import Basics
import CloudEvents
import Glibc
import ServerTestSupport
import TestSupport

/// A service for scripts that mean harm, with its data, its cache and a credential where a test can point at them.
struct HostileFixture {
    let project: ProjectFixture
    let service: ServiceProcess
    /// On the command line of whatever may be left behind.
    let token: String
    let data: String
    let credential: String
    private let home: String

    /// Root that may give programs another user.
    static let canChangeUser = geteuid() == 0

    init(_ settings: [String: String] = [:]) async throws {
        project = try await ProjectFixture()
        home = project.directory.path
        // The scripts' user, if there is one, must be able to walk to its working directory.
        chmod(home, 0o711)
        token = "remnant-" + (home.split(separator: "-").last.map(String.init) ?? "")
        data = home + "/data"
        credential = try project.directory.write("secret", to: "credential")
        chmod(credential, 0o600)
        let base = [
            "DATA_DIRECTORY": data, "CACHE_DIRECTORY": home + "/cache", "GIT_TOKEN_FILE": credential, "SCRIPT_GRACE": "200ms",
        ]
        service = try await project.start(base.merging(settings) { _, new in new })
    }

    /// Commits `text` as the file of a task.
    func commit(_ text: String, task: String = "test", kind: String = "sh") async throws {
        let file = BareRepository.Change.file(Array(text.replacing("TOKEN", with: token).utf8))
        for branch in ["master", "dev"] {
            try await project.commit(["genericexecutor/\(task).triggered.\(kind)": file], on: branch)
        }
    }

    /// Posts the event of a task and waits for its answer.
    func run(task: String = "test", id: String) async throws -> JSONObject {
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.\(task).triggered", id: id))
        let isAnswer: @Sendable (CloudEvent) -> Bool = { event in
            event.type == "sh.keptn.event.\(task).finished" && event.extensionText("triggeredid") == id
        }
        return try await project.keptn.wait { $0.contains(where: isAnswer) }.first(where: isAnswer)?.dataObject ?? [:]
    }

    /// The processes that runs of this service left: by their environment or, if they have emptied it, by their command line.
    func remnants() throws -> [Int] {
        let (home, token) = (Array("HOME=\(data)/".utf8), Array(token.utf8))
        return try Files.list("/proc").compactMap { Int($0) }.filter { pid in
            let environment = (try? Files.read("/proc/\(pid)/environ", limit: 4 << 20)) ?? []
            if environment.split(separator: 0).contains(where: { $0.starts(with: home) }) { return true }
            let line = (try? Files.read("/proc/\(pid)/cmdline", limit: 4 << 20)) ?? []
            return line.firstRange(of: token) != nil
        }
    }
}
