import Basics
import Git
import Testing

@testable import RepoCache

@Suite struct RefreshPolicyTests {
    private let now = ContinuousClock.now
    private let access: AccessStamp
    private let other: AccessStamp

    init() throws {
        let url = try RemoteURL("https://git.example/x.git")
        access = AccessStamp(url, RemoteAccess())
        other = AccessStamp(url, RemoteAccess(followsToOtherHosts: true))
    }

    private func failed(_ failureClass: GitError.FailureClass, times: Int = 1, retryAfter: Duration? = nil) -> RefreshPolicy {
        var policy = RefreshPolicy()
        for _ in 0..<times {
            let error = GitError(failureClass, "reach it", "no", retryAfter: retryAfter)
            policy.failed(error, access, at: now, jitter: 1)
        }
        return policy
    }

    @Test(
        "What only a person can cure is asked again after a minute, or when something of it has changed",
        arguments: [GitError.FailureClass.auth, .tls, .hostKey]
    )
    func cured(failureClass: GitError.FailureClass) {
        let policy = failed(failureClass)
        let refusal = policy.refusal(access, at: now + .seconds(59))
        #expect(refusal?.failureClass == failureClass && refusal?.message == "no (not asked again for 1 s)")
        #expect(policy.refusal(access, at: now + .seconds(60)) == nil)
        #expect(policy.refusal(other, at: now) == nil)
    }

    @Test("A server gets the pause that it asks for, within reason")
    func throttled() {
        #expect(failed(.throttled, retryAfter: .seconds(20)).refusal(other, at: now + .seconds(19)) != nil)
        #expect(failed(.throttled, retryAfter: .seconds(20)).refusal(access, at: now + .seconds(20)) == nil)
        #expect(failed(.throttled, retryAfter: .seconds(86_400)).refusal(access, at: now + .seconds(300)) == nil)
        #expect(failed(.throttled).refusal(access, at: now + .milliseconds(900)) != nil)
        #expect(failed(.throttled).refusal(access, at: now + .seconds(1)) == nil)
    }

    @Test(
        "A server that fails again and again is left alone for longer and longer",
        arguments: [GitError.FailureClass.dns, .connect, .server, .timeout, .protocol, .corrupt]
    )
    func pauses(failureClass: GitError.FailureClass) {
        #expect(failed(failureClass, times: 3).hold == nil)
        #expect(failed(failureClass, times: 4).hold?.until == now + .seconds(1))
        #expect(failed(failureClass, times: 6).hold?.until == now + .seconds(4))
        #expect(failed(failureClass, times: 40).hold?.until == now + .seconds(30))
        var policy = failed(failureClass, times: 40)
        policy.succeeded()
        #expect(policy.hold == nil)
        policy.failed(GitError(failureClass, "reach it", "no"), access, at: now, jitter: 1)
        #expect(policy.hold == nil)
    }

    @Test(
        "What another question may answer differently is never held",
        arguments: [GitError.FailureClass.notFound, .disk, .signature, .unsupported]
    )
    func neverHeld(failureClass: GitError.FailureClass) {
        #expect(failed(failureClass, times: 40).hold == nil)
    }

    @Test("Failures of network and server are tried again within a refresh", arguments: GitError.FailureClass.allCases)
    func retries(failureClass: GitError.FailureClass) {
        let pause = RefreshPolicy.pause(before: 2, after: GitError(failureClass, "reach it", "no"))
        #expect((pause != nil) == [.dns, .connect, .server].contains(failureClass))
        #expect(pause.map { $0 <= .milliseconds(250) } ?? true)
        let polite = RefreshPolicy.pause(before: 2, after: GitError(failureClass, "reach it", "no", retryAfter: .seconds(3)))
        #expect((polite != nil) == [.dns, .connect, .server, .throttled].contains(failureClass))
        #expect(polite.map { $0 >= .seconds(3) && $0 < .seconds(4) } ?? true)
        #expect(RefreshPolicy.pause(before: 4, after: GitError(failureClass, "reach it", "no")) == nil)
    }
}

@Suite struct HostBreakerTests {
    private let now = ContinuousClock.now

    private func failed(_ times: Int) -> HostBreaker {
        var breaker = HostBreaker()
        for _ in 0..<times { breaker.failed(at: now, jitter: 1) }
        return breaker
    }

    private func admits(_ breaker: HostBreaker, after pause: Duration) -> Bool {
        var breaker = breaker
        return breaker.admits(at: now + pause)
    }

    @Test(
        "A host that cannot be reached is left alone for longer and longer",
        arguments: [(4, 0), (5, 1), (6, 2), (8, 8), (40, 30)]
    )
    func pauses(failures: Int, seconds: Int) {
        let breaker = failed(failures)
        #expect(admits(breaker, after: .zero) == (seconds == 0))
        #expect(admits(breaker, after: .seconds(seconds) - .milliseconds(1)) == (seconds == 0))
        #expect(admits(breaker, after: .seconds(seconds)))
    }

    @Test func oneTriesForAllAndItsOutcomeCounts() {
        var breaker = failed(5)
        let first = breaker.admits(at: now + .seconds(1))
        let second = breaker.admits(at: now + .seconds(2))
        // The one that tries may be lost.
        let third = breaker.admits(at: now + .seconds(16))
        #expect(first && !second && third)
        breaker.failed(at: now + .seconds(17), jitter: 0)
        #expect(!admits(breaker, after: .milliseconds(17_999)))
        #expect(admits(breaker, after: .seconds(18)))
        breaker.reached()
        let (one, two) = (breaker.admits(at: now), breaker.admits(at: now))
        #expect(one && two)
    }
}
