import Basics
import CloudEvents
import Curl
import Glibc
import ServerTestSupport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ShutdownTests {
    let directory: TemporaryDirectory
    let repository: BareRepository
    let recorder: EventRecorder

    init() async throws {
        directory = try TemporaryDirectory()
        repository = try await BareRepository(at: directory.path + "/sockshop.git")
        recorder = try await EventRecorder.start()
    }

    @Test("SIGTERM lets the work in hand end, the waiting one too, and answers it")
    func workInHand() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo begun >&2; sleep 1; echo done"])
        let service = try await ServiceProcess.start([
            "GIT_REMOTE": repository.path, "EVENTBROKER": recorder.url, "SCRIPT_CONCURRENCY": "1",
        ])
        for id in ["a", "b"] { _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: id, context: id)) }
        // Both are started at once: that never waits for a slot.
        try await recorder.wait(for: 2)
        #expect(try await service.stop() == 0)
        let finished = recorder.events.filter { $0.type == "sh.keptn.event.test.finished" }
        #expect(finished.map { $0.dataObject?["result"] } == ["pass", "pass"])
    }

    @Test("What does not end in time is stopped and answered; what waits is run by the next start, and not started twice")
    func timeout() async throws {
        let begun = directory.path + "/begun"
        try await repository.commit([
            "genericexecutor/test.triggered.sh": .file(
                Array("echo $ID >>'\(begun)'; [ -e '\(directory.path)/quick' ] || sleep 600".utf8)
            )
        ])
        let settings = [
            "GIT_REMOTE": repository.path, "EVENTBROKER": recorder.url, "SCRIPT_CONCURRENCY": "1", "SHUTDOWN_TIMEOUT": "200ms",
        ]
        let service = try await ServiceProcess.start(settings)
        // Of events that come one after the other any may have the slot first, so the first has to have it.
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: "a", context: "a"))
        try await waitUntil { Files.size(begun) > 0 }
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: "b", context: "b"))
        try await recorder.wait(for: 2)
        #expect(try await service.stop() == 0)
        let finished = recorder.events.filter { $0.type == "sh.keptn.event.test.finished" }
        #expect(finished.map { $0.extensionText("triggeredid") } == ["a"])
        #expect(finished.first?.dataObject?["result"] == "fail")
        #expect(finished.first?.dataObject?["message"]?.string?.isEmpty == false)

        try directory.write("", to: "quick")
        let next = try await ServiceProcess.start(settings, in: service.directory)
        let events = try await recorder.wait(for: 4)
        #expect(events.filter { $0.type == "sh.keptn.event.test.started" }.count == 2)
        #expect(events.last?.extensionText("triggeredid") == "b" && events.last?.dataObject?["result"] == "pass")
        #expect(try Files.read(begun) == Array("a\nb\n".utf8))
        #expect(try await next.stop() == 0)
    }

    @Test("A second signal ends what runs at once, and it is answered all the same", arguments: [SIGTERM, SIGINT])
    func secondSignal(signal: Int32) async throws {
        let script = "echo $PPID >'\(directory.path)/new'; mv '\(directory.path)/new' '\(directory.path)/pid'; sleep 600"
        try await repository.commit(["genericexecutor/test.triggered.sh": .file(Array(script.utf8))])
        let service = try await ServiceProcess.start([
            "GIT_REMOTE": repository.path, "EVENTBROKER": recorder.url, "SHUTDOWN_TIMEOUT": "10m",
        ])
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let file = directory.path + "/pid"
        while !Files.exists(file) { try await Task.sleep(for: .milliseconds(5)) }
        let pid = try #require(pid_t(String(decoding: try Files.read(file), as: UTF8.self).dropLast()))
        try #require(kill(pid, signal) == 0)
        // The first signal has been taken when nobody listens any more.
        while (try? await service.get("/health")) != nil { try await Task.sleep(for: .milliseconds(5)) }
        try #require(kill(pid, signal) == 0)
        #expect(try await recorder.wait(for: 2)[1].dataObject?["result"] == "fail")
        #expect(await service.logEntry { $0["message"] == "stopped" } != nil)
    }

    @Test("A request whose end never comes does not keep the work in hand from its end")
    func unfinishedRequest() async throws {
        try await repository.commit([
            "genericexecutor/test.triggered.sh": .file(Array("touch '\(directory.path)/begun'; sleep 1".utf8))
        ])
        let service = try await ServiceProcess.start(["GIT_REMOTE": repository.path, "EVENTBROKER": recorder.url])
        let script = """
            import socket, sys
            connection = socket.create_connection(("127.0.0.1", \(service.port)))
            connection.sendall(b"POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 100\\r\\n\\r\\n{")
            print(1, flush=True)
            sys.stdin.read()
            """
        let sender = try PythonServer(try directory.write(script, to: "sender.py"))
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        try await waitUntil { Files.exists(directory.path + "/begun") }
        #expect(try await service.stop() == 0)
        #expect(
            recorder.events.last?.dataObject?["result"] == "pass",
            "\(recorder.events.last?.dataObject?["message"]?.string ?? "")"
        )
        withExtendedLifetime(sender) {}
    }

    @Test("A second signal while a request is unfinished ends in order, and shows nobody the configuration")
    func secondSignalWithRequest() async throws {
        let service = try await ServiceProcess.start([
            "GIT_REMOTE": repository.path, "EVENTBROKER": recorder.url, "SECRET_A": "s3cret-of-mine",
            "GIT_TOKEN": "t0ken-of-mine",
        ])
        let script = """
            import socket, sys
            connection = socket.create_connection(("127.0.0.1", \(service.port)))
            connection.sendall(b"POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 100\\r\\n\\r\\n{")
            print(1, flush=True)
            sys.stdin.read()
            """
        let sender = try PythonServer(try directory.write(script, to: "sender.py"))
        service.signal(SIGTERM)
        // Taken when nobody listens any more.
        while (try? await service.get("/health")) != nil { try await Task.sleep(for: .milliseconds(5)) }
        service.signal(SIGTERM)
        #expect(try await service.ended().code == 0)
        for secret in ["s3cret-of-mine", "t0ken-of-mine"] { #expect(!service.text.contains(secret)) }
        withExtendedLifetime(sender) {}
    }

    @Test("A repository that does not answer keeps nothing from stopping, and the event is for the next start")
    func silentRepository() async throws {
        // The system takes the connections, and nobody ever reads from them.
        let script = """
            import socket, sys
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            listener.listen(8)
            print(listener.getsockname()[1], flush=True)
            sys.stdin.read()
            """
        let silent = try PythonServer(try directory.write(script, to: "silent.py"))
        let service = try await ServiceProcess.start([
            "GIT_REMOTE": "http://127.0.0.1:\(silent.port)/shop.git", "SHUTDOWN_TIMEOUT": "200ms",
        ])
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        #expect(try await service.stop() == 0)
        #expect(service.log.contains { $0["message"] == "the run waits for the next start" })
    }

    @Test("A port that is taken and a setting that is wrong end with a sentence and their status")
    func failures() async throws {
        let service = try await ServiceProcess.start(["GIT_REMOTE": repository.path])
        for (settings, status, part) in [
            (
                ["RCV_PORT": "\(service.port)"], "exited(1)",
                "cannot listen on 127.0.0.1 port \(service.port): Address already in use"
            ),
            (["RCV_PORT": "x"], "exited(2)", "RCV_PORT is 'x'; allowed: 0 to 65535"),
            (["CACHE_DIRECTORY": service.directory.path + "/cache"], "exited(1)", "another process uses it"),
            (["DATA_DIRECTORY": service.directory.path + "/data"], "exited(1)", "give each instance a DATA_DIRECTORY of its own"),
            (["DATA_DIRECTORY": "/proc/nothing"], "exited(1)", "let DATA_DIRECTORY name a directory"),
            (["CACHE_DIRECTORY": "/proc/nothing"], "exited(1)", "let CACHE_DIRECTORY name a directory"),
        ] {
            let failure = await #expect(throws: ServiceFailure.self) { try await ServiceProcess.start(settings) }
            let text = failure?.description ?? ""
            #expect(text.contains(status) && text.contains(part), "\(text)")
        }
        #expect(try await service.stop() == 0)
    }
}
