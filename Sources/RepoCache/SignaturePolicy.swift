/// Who must have signed a commit before its scripts are run.
public struct SignaturePolicy: Sendable, Hashable {
    /// Signatures by ssh keys: a file in the format of ssh-keygen(1), "ALLOWED SIGNERS".
    public var allowedSignersFile: String?
    /// Signatures by OpenPGP keys: a keyring, binary or armored.
    public var keyringFile: String?

    public init(allowedSignersFile: String? = nil, keyringFile: String? = nil) {
        self.allowedSignersFile = allowedSignersFile
        self.keyringFile = keyringFile
    }
}
