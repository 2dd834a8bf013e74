import Basics
import Git
import Glibc
import TestSupport
import Testing

@testable import RepoCache

/// Commits that the real `git` signed, with keys of ssh-keygen and gpg.
@Suite(.timeLimit(.minutes(2))) struct SignatureTests {
    private let directory: TemporaryDirectory
    private let repository: String
    private let signers: Signers
    private let pool = ThreadPool(name: "test", width: 2)

    init() async throws {
        directory = try TemporaryDirectory()
        repository = "\(directory.path)/shop.git"
        _ = try await BareRepository(at: repository)
        signers = try Signers(repository: repository)
    }

    private var scratch: String { "\(directory.path)/scratch" }

    private func verifier(_ policy: SignaturePolicy, known: VerifiedCommits = VerifiedCommits()) -> SignatureVerifier {
        SignatureVerifier(policy, scratch: scratch, pool: pool, known: known)
    }

    private func verifier(ssh list: String) -> SignatureVerifier { verifier(SignaturePolicy(allowedSignersFile: list)) }
    private func verifier(openPGP ring: String) -> SignatureVerifier { verifier(SignaturePolicy(keyringFile: ring)) }

    private func verify(_ commits: String..., by verifier: SignatureVerifier) async throws {
        try await verifier.verify(commits.compactMap { ObjectID(hex: $0) }, in: repository)
        #expect(try Files.list(scratch) == [])
    }

    /// - Returns: the sentence.
    private func refusal(of commit: String, by verifier: SignatureVerifier) async throws -> String {
        let id = try #require(ObjectID(hex: commit))
        let error = await #expect(throws: GitError.self) { try await verifier.verify([id], in: repository) }
        #expect(error?.failureClass == .signature)
        #expect(error?.operation == "use commit \(id.abbreviated)")
        #expect(!Files.exists(scratch) || (try? Files.list(scratch)) == [])
        return error?.message ?? ""
    }

    // MARK: ssh

    @Test("ssh: who is allowed is accepted, and nobody else")
    func ssh() async throws {
        let (anna, eve) = (try await signers.makeSSHKey("anna"), try await signers.makeSSHKey("eve"))
        let list = try signers.allow("# the team", "", "anna@example.org,*@team.example.org \(anna) a comment")
        let verifier = verifier(ssh: list)
        let good = try await signers.commit("one", by: .ssh("anna"))
        let merge = try await signers.commit("two", by: .ssh("anna"), parents: [good, good])
        try await verify(good, merge, by: verifier)

        let unsigned = try await signers.commit("three", by: .none)
        #expect(try await refusal(of: unsigned, by: verifier).hasPrefix("it is not signed; sign it"))
        let other = try await signers.commit("four", by: .ssh("eve"))
        let sentence = try await refusal(of: other, by: verifier)
        #expect(
            sentence.hasPrefix("it is signed with ED25519 key SHA256:")
                && sentence.contains("which is not allowed by \(list); add")
        )
        try signers.allow("*@example.org \(eve)")
        try await verify(other, by: verifier)
        #expect(try await refusal(of: good, by: verifier).contains("not allowed"))
    }

    @Test("ssh: a commit that was changed after it was signed is refused")
    func sshTampered() async throws {
        let verifier = verifier(ssh: try signers.allow("anna@example.org \(try await signers.makeSSHKey("anna"))"))
        let good = try await signers.commit("good", by: .ssh("anna"))
        let message = try await signers.forge(good) { $0.replacing("\ngood", with: "\nevil") }
        let committer = try await signers.forge(good) { $0.replacing("committer C", with: "committer D") }
        let header = try await signers.forge(good) { $0.replacing("\ngpgsig ", with: "\nx y\ngpgsig ") }
        for forged in [message, committer, header] {
            let sentence = try await refusal(of: forged, by: verifier)
            #expect(sentence.hasPrefix("its ssh signature is not one of this commit (Signature verification failed"))
        }
        // A signature of another commit with the same signer does not help.
        let unsigned = try await signers.forge(good) { $0.replacing("\n\ngood", with: "\n\nother") }
        #expect(try await refusal(of: unsigned, by: verifier).hasPrefix("its ssh signature"))
        let broken = try await signers.forge(good) { $0.replacing("\n U1NI", with: "\n AAAA") }
        #expect(try await refusal(of: broken, by: verifier).hasPrefix("its ssh signature"))
        let twice = try await signers.forge(good) { $0.replacing("\ngpgsig ", with: "\ngpgsig x\ngpgsig ") }
        #expect(try await refusal(of: twice, by: verifier).hasPrefix("it has more than one signature"))
        let x509 = try await signers.forge(good) { $0.replacing("SSH SIGNATURE", with: "SIGNED MESSAGE") }
        #expect(try await refusal(of: x509, by: verifier).hasPrefix("it has an X.509 signature, which is not supported"))
        let unknown = try await signers.forge(good) { $0.replacing("SSH SIGNATURE", with: "PIGEON") }
        #expect(try await refusal(of: unknown, by: verifier).hasPrefix("its signature is of an unknown kind"))
    }

    @Test("ssh: a key counts for the time that its line gives it, by the time of the commit")
    func sshWindow() async throws {
        let key = try await signers.makeSSHKey("anna")
        let window = #"valid-after="20230101Z",valid-before="20240101Z""#
        let verifier = verifier(ssh: try signers.allow("anna@example.org \(window) \(key)"))
        let before = try await signers.commit("1", by: .ssh("anna"), date: 1_600_000_000)
        let inside = try await signers.commit("2", by: .ssh("anna"), date: 1_690_000_000)
        let after = try await signers.commit("3", by: .ssh("anna"), date: 1_720_000_000)
        try await verify(inside, by: verifier)
        #expect(
            try await refusal(of: before, by: verifier).contains("(line 1: key is not yet valid: verify time 2020-09-13T12:26:40")
        )
        #expect(try await refusal(of: after, by: verifier).contains("(line 1: key has expired: verify time 2024-07-03T09:46:40"))
    }

    @Test("ssh: a line may name what a key signs")
    func sshNamespaces() async throws {
        let key = try await signers.makeSSHKey("anna")
        let commit = try await signers.commit("1", by: .ssh("anna"))
        try await verify(commit, by: verifier(ssh: try signers.allow("anna@example.org namespaces=\"git\" \(key)")))
        let other = verifier(ssh: try signers.allow("anna@example.org namespaces=\"file,mail\" \(key)"))
        #expect(try await refusal(of: commit, by: other).contains("(line 1: key is not permitted for use in signature namespace"))
        // A later line may allow it.
        let lines = ["anna@example.org namespaces=\"file\" \(key)", "anna2@example.org \(key)"]
        let both = verifier(ssh: try signers.allow(lines[1], lines[0]))
        try await verify(commit, by: both)
        // Signed for another purpose, by somebody who may sign commits.
        let list = try signers.allow("anna@example.org \(key)")
        let unsigned = try await signers.commit("2", by: .none)
        let forged = try await signers.forge(unsigned) { text in
            try? Files.write(text.utf8, to: "\(signers.path)/mail")
            return text
        }
        #expect(forged == unsigned)
        try await signers.run(
            "/usr/bin/ssh-keygen",
            ["-q", "-Y", "sign", "-n", "mail", "-f", "\(signers.path)/anna", "\(signers.path)/mail"]
        )
        let signature = String(decoding: try Files.read("\(signers.path)/mail.sig"), as: UTF8.self)
        let field = "\ngpgsig " + signature.split(separator: "\n").joined(separator: "\n ") + "\n\n"
        let mail = try await signers.forge(unsigned) { $0.replacing("\n\n", with: field, maxReplacements: 1) }
        #expect(try await refusal(of: mail, by: verifier(ssh: list)).contains("namespace does not match"))
    }

    // MARK: OpenPGP

    @Test("OpenPGP: whose key is in the keyring is accepted, and nobody else", arguments: [false, true])
    func openPGP(armored: Bool) async throws {
        for name in ["anna", "eve", "old"] { try await signers.makeGPGKey(name) }
        let good = try await signers.commit("one", by: .gpg("anna"))
        let merge = try await signers.commit("two", by: .gpg("anna"), parents: [good, good])
        let other = try await signers.commit("three", by: .gpg("eve"))
        let old = try await signers.commit("four", by: .gpg("old"))
        try await signers.revoke("old")
        let ring = try await signers.export(["anna", "old"], armored: armored)
        let verifier = verifier(openPGP: ring)
        try await verify(good, merge, by: verifier)
        #expect(try await refusal(of: other, by: verifier).contains("which is not in \(ring); add the key there"))
        let revoked = try await refusal(of: old, by: verifier)
        #expect(revoked.hasPrefix("it is signed by old <old@example.org> (key ") && revoked.contains("and that key was revoked"))
        let unsigned = try await signers.commit("five", by: .none)
        #expect(try await refusal(of: unsigned, by: verifier).hasPrefix("it is not signed"))
        let forged = try await signers.forge(good) { $0.replacing("\none", with: "\nevil") }
        let sentence = try await refusal(of: forged, by: verifier)
        #expect(
            sentence.hasPrefix("its signature by anna <anna@example.org> (key ") && sentence.contains("not one of this commit")
        )
        let broken = try await signers.forge(good) { $0.replacing("\n \n", with: "\n \n AAAA\n") }
        #expect(!(try await refusal(of: broken, by: verifier)).isEmpty)
        let ssh = self.verifier(ssh: try signers.allow("anna@example.org \(try await signers.makeSSHKey("anna"))"))
        #expect(try await refusal(of: good, by: ssh).contains("only ssh keys are allowed"))
        let signed = try await signers.commit("six", by: .ssh("anna"))
        #expect(try await refusal(of: signed, by: verifier).contains("only OpenPGP keys are allowed"))
    }

    @Test("OpenPGP: a key that has expired is refused, whenever the commit was made")
    func openPGPExpired() async throws {
        let program = try await signers.makeExpiredGPGKey("anna")
        let commit = try await signers.commit("one", by: .gpg("anna", program: program), date: 1_577_836_860)
        let sentence = try await refusal(of: commit, by: verifier(openPGP: try await signers.export(["anna"])))
        #expect(sentence.hasPrefix("it is signed by anna <anna@example.org> (key "))
        #expect(sentence.contains("and that key has expired; put the renewed key into"))
    }

    // MARK: The policy

    @Test("What is found is remembered until the files change")
    func remembered() async throws {
        let key = try await signers.makeSSHKey("anna")
        let policy = SignaturePolicy(allowedSignersFile: try signers.allow("anna@example.org \(key)"))
        let known = VerifiedCommits()
        let commit = try #require(ObjectID(hex: try await signers.commit("1", by: .ssh("anna"))))
        try await verifier(policy, known: known).verify([commit], in: repository)
        // It would fail if anything were read.
        try await verifier(policy, known: known).verify([commit], in: "/nowhere")
        await #expect(throws: GitError.self) { try await verifier(policy).verify([commit], in: "/nowhere") }
        try signers.allow("anna@example.org namespaces=\"file\" \(key)")
        await #expect(throws: GitError.self) { try await verifier(policy, known: known).verify([commit], in: repository) }
        try signers.allow("anna@example.org \(key)")
        try await verifier(policy, known: known).verify([commit], in: repository)
    }

    @Test func whatIsRememberedIsBounded() {
        let known = VerifiedCommits()
        let basis = VerifiedCommits.Basis(policy: SignaturePolicy())
        func id(_ number: Int) -> ObjectID { ObjectID(hex: String(repeating: "0", count: 35) + String(number + 10_000))! }
        for number in 0...VerifiedCommits.maximum { known.insert(id(number), by: basis) }
        #expect(!known.contains(id(0), by: basis))
        #expect((1...VerifiedCommits.maximum).allSatisfy { known.contains(id($0), by: basis) })
        known.insert(id(0), by: basis, lifetime: .zero)
        #expect(!known.contains(id(0), by: basis))
    }

    @Test func aPolicyThatCannotBeAppliedAcceptsNothing() async throws {
        _ = try await signers.makeSSHKey("anna")
        try await signers.makeGPGKey("anna")
        let (ssh, gpg) = (try await signers.commit("1", by: .ssh("anna")), try await signers.commit("2", by: .gpg("anna")))
        #expect(try await refusal(of: ssh, by: verifier(SignaturePolicy())).contains("nobody is named who may sign"))
        let missing = try await refusal(of: ssh, by: verifier(ssh: "\(directory.path)/missing"))
        #expect(missing.contains("cannot read \(directory.path)/missing: No such file or directory; correct the path"))
        #expect(try await refusal(of: ssh, by: verifier(ssh: directory.path)).contains("Is a directory"))
        for text in ["", "nonsense", "anna@example.org", "anna@example.org ssh-ed25519 AAAA"] {
            #expect(try await refusal(of: ssh, by: verifier(ssh: try signers.allow(text))).contains("not allowed by"))
            let keyring = try directory.write(text, to: "keyring")
            #expect(
                try await refusal(of: gpg, by: verifier(openPGP: keyring)).contains(
                    "holds no OpenPGP keys; write it with gpg --export"
                )
            )
        }
    }

    @Test func aProgramThatIsMissingIsNamedWithItsPackage() async throws {
        let program = SignatureProgram("gpgv", package: "gpgv", in: [directory.path])
        let error = await #expect(throws: GitError.self) { try await program.run([], directory: "/") }
        #expect(error?.message == "there is no gpgv; install the package gpgv")
        #expect(SignatureProgram.gpgv.path != nil && SignatureProgram.sshKeygen.path != nil)
    }

    @Test("A caller who is cancelled leaves nothing behind", arguments: [0, 1, 5, 20, 50])
    func cancelled(milliseconds: Int) async throws {
        let verifier = verifier(ssh: try signers.allow("anna@example.org \(try await signers.makeSSHKey("anna"))"))
        let commit = try #require(ObjectID(hex: try await signers.commit("1", by: .ssh("anna"))))
        let task = Task { try await verifier.verify([commit], in: repository) }
        try await Task.sleep(for: .milliseconds(milliseconds))
        task.cancel()
        _ = await task.result
        #expect(!Files.exists(scratch) || (try? Files.list(scratch)) == [])
    }
}
