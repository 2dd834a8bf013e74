import Basics
import Glibc
import TestSupport
import Testing

@testable import Processes

@Suite(.timeLimit(.minutes(3))) struct ConfinementTests {
    private let directory = try! TemporaryDirectory()

    private func make(_ name: String) throws -> String {
        let path = "\(directory.path)/\(name)"
        try Files.createDirectory(path)
        return path
    }

    private func collect(_ script: String, _ confinement: Confinement) async throws -> CollectedOutput {
        let command = Command(
            "/bin/bash",
            ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
            directory: "/",
            confinement: confinement
        )
        return try await command.collect(until: .after(.seconds(60)))
    }

    @Test(
        "Limits reach the program and what it starts",
        arguments: [
            (ResourceLimits(cpuTime: .milliseconds(1_500)), "ulimit -St; ulimit -Ht", "2\n3\n"),
            (ResourceLimits(memory: 1 << 30), "ulimit -v", "1048576\n"),
            (ResourceLimits(fileSize: 1 << 20), "bash -c 'ulimit -f'", "1024\n"),
            (ResourceLimits(openFiles: 77), "ulimit -n", "77\n"),
            (ResourceLimits(processes: 88), "ulimit -u", "88\n"),
            (ResourceLimits(), "ulimit -c", "0\n"),
        ]
    )
    func limits(limits: ResourceLimits, script: String, expected: String) async throws {
        #expect(try await collect(script, Confinement(limits: limits)).standardOutput.text == expected)
    }

    @Test("An endless loop ends at its processor time, and says by which signal")
    func processorTime() async throws {
        let exit = try await collect("while :; do :; done", Confinement(limits: ResourceLimits(cpuTime: .seconds(1)))).exit
        #expect(exit.status == .signalled(Int(SIGXCPU)))
        #expect(exit.stopCause == nil)
        let time = try #require(exit.usage).cpuTime
        #expect(time >= .milliseconds(500))
    }

    @Test("Memory of a program is told where it is more than the service's own")
    func peakMemory() async throws {
        let megabytes = max(256, 2 * ResourceUsage.ownPeak >> 10)
        let usage = try await collect("x=$(head -c \(megabytes)M /dev/zero | tr '\\0' a); echo ${#x}", Confinement()).exit.usage
        #expect(try #require(usage?.peakMemory) > megabytes << 20)
        #expect(try await collect("true", Confinement()).exit.usage?.peakMemory == nil)
    }

    @Test("A user of its own, with its group and none of ours", .enabled(if: geteuid() == 0, "needs root"))
    func user() async throws {
        let user = ProcessUser(uid: 54_321, gid: 54_322, groups: [54_323])
        let output = try await collect(
            "id -u; id -g; id -G; grep -E 'CapEff|NoNewPrivs' /proc/self/status",
            Confinement(user: user)
        )
        #expect(
            output.standardOutput.text
                == "54321\n54322\n54322 54323\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n"
        )
    }

    @Test("A directory that the user may not enter is told", .enabled(if: geteuid() == 0, "needs root"))
    func closedDirectory() async throws {
        let closed = try make("closed")
        chmod(closed, 0o700)
        var command = Command("/bin/true", directory: closed)
        command.confinement.user = ProcessUser(uid: 54_321, gid: 54_321)
        let error = await #expect(throws: StartError.self) { try await command.collect(until: .after(.seconds(30))) }
        #expect(error?.description == "cannot change to directory \(closed): Permission denied")
        #expect(command.confinement.user?.firstClosedDirectory(onTheWayTo: closed + "/x") == directory.path)
    }

    @Test(
        "Users as they are written",
        arguments: [
            ("0", ProcessUser(uid: 0, gid: 0)), ("54321", ProcessUser(uid: 54_321, gid: 54_321)),
            ("54321:7", ProcessUser(uid: 54_321, gid: 7)), ("nobody:7", ProcessUser(uid: 65_534, gid: 7)),
            ("no-such-user", nil), ("", nil), ("1:2:3", nil), ("1:x", nil), ("-1", nil), ("4294967296", nil),
            ("4294967294", ProcessUser(uid: .max - 1, gid: .max - 1)), ("4294967295", nil), ("4294967295:7", nil),
            ("7:4294967295", nil),
            ("nobody:4294967295", nil),
        ] as [(String, ProcessUser?)]
    )
    func users(text: String, expected: ProcessUser?) {
        let user = ProcessUser(text)
        #expect(user?.uid == expected?.uid)
        #expect(user?.gid == expected?.gid)
    }

    @Test("The sandbox allows what it names, and nothing beside it", .enabled(if: Sandbox.version > 0, "needs Landlock"))
    func sandbox() async throws {
        let open = try make("open")
        let own = try make("own")
        let secret = try directory.write("secret", to: "open/inner/secret")
        _ = try directory.write("public", to: "open/inner/public")
        let outside = try directory.write("outside", to: "outside")
        let roots = ["/usr", "/bin", "/lib", "/lib64", "/etc", "/proc"]
        let sandbox = try Sandbox(readable: roots + [open], writable: ["/dev/null"], protected: [secret])
        let confinement = Confinement(sandbox: sandbox).adding(readable: open + "/inner/public", writable: own)
        let script = """
            cat \(open)/inner/public
            for file in \(secret) \(outside); do cat $file 2>/dev/null && echo "READ $file"; done
            for file in \(open)/new \(directory.path)/new; do echo x 2>/dev/null >$file && echo "WROTE $file"; done
            echo x >\(own)/new && cat \(own)/new
            kill -0 \(getpid()) 2>/dev/null && echo SIGNALLED
            head -c 1 /proc/\(getpid())/environ 2>/dev/null && echo ENVIRON
            true
            """
        let text = try await collect(script, confinement).standardOutput.text
        let allowed = Sandbox.version >= 6 ? "publicx\n" : "publicx\nSIGNALLED\n"
        #expect(text == allowed)
    }

    @Test("What is protected stays out of every rule")
    func protected() throws {
        for name in ["a/b/secret", "a/b/public", "a/c/public", "d/public"] { _ = try directory.write("x", to: name) }
        let root = directory.path
        let paths = ProtectedPaths(["\(root)/a/b/secret", "\(root)/d/", "\(root)/later"])
        #expect(paths.open(root).sorted() == ["\(root)/a/b/public", "\(root)/a/c"])
        #expect(paths.open("\(root)/a/c") == ["\(root)/a/c"])
        #expect(paths.open("\(root)/d") == [])
        #expect(paths.open("\(root)/d/public") == [])
        #expect(paths.open("\(root)/a/b/secret") == [])
    }

    @Test("Where cgroups are is read as the kernel writes it")
    func controlGroupPlaces() {
        let mounts = """
            24 1 0:22 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
            25 1 0:23 / /sys/fs/cgroup/unified rw,relatime shared:3 - cgroup2 cgroup2 rw

            """
        #expect(ControlGroups.mountPoint(in: mounts) == "/sys/fs/cgroup/unified")
        #expect(ControlGroups.mountPoint(in: "24 1 0:22 / /proc rw - proc proc rw\n") == nil)
        #expect(ControlGroups.path(in: "8:pids:/x\n0::/system.slice/ges.service\n") == "/system.slice/ges.service")
        #expect(ControlGroups.path(in: "8:pids:/x\n") == nil)
    }

    @Test("A program that left its group and its session ends with its cgroup")
    func controlGroup() async throws {
        guard let groups = ControlGroups(limits: ResourceLimits()) else {
            print("not tested: this process may make no cgroup")
            return
        }
        defer { groups.remove() }
        for _ in 0..<3 {
            let output = try await collect("setsid sleep 71 & echo $!", Confinement(controlGroups: groups))
            #expect(output.exit.status == .exited(0))
            let pid = try #require(pid_t(output.standardOutput.text.dropLast()))
            try await waitUntil { kill(pid, 0) != 0 }
        }
    }

    @Test("A cgroup in which nothing was left is used again, and none is left at the end")
    func controlGroupReuse() async throws {
        guard let groups = ControlGroups(limits: ResourceLimits()) else {
            print("not tested: this process may make no cgroup")
            return
        }
        var places: Set<String> = []
        for _ in 0..<3 {
            let output = try await collect("grep ^0:: /proc/self/cgroup", Confinement(controlGroups: groups))
            places.insert(output.standardOutput.text)
        }
        #expect(places.count == 1)
        #expect(places.first?.contains(ControlGroups.prefix) == true)
        groups.remove()
        #expect(!Files.exists(groups.base))
    }
}
