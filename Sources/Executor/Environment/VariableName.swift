/// The rules for names of variables.
enum VariableName {
    /// The prefixes of what comes from events and from the service: a name that begins with one of them means nothing to a shell,
    /// a loader or an interpreter.
    private static let harmlessPrefixes = ["DATA_", "DATA[", "LABEL_", "VALUE_", "CE_", "ENV_"].map { Array($0.utf8) }
    private static let reservedNames: Set<String> = [
        "PATH", "HOME", "TMPDIR", "LANG", "LANGUAGE", "TZ", "ENV", "IFS", "CDPATH", "GLOBIGNORE", "SHELLOPTS", "BASHOPTS",
        "BASH_ENV", "PS4", "PROMPT_COMMAND", "EVENT_FILE", "RESULT_FILE", "RUN_ID", "TRACEPARENT",
    ]
    private static let reservedPrefixes = ["LD_", "LC_", "BASH_FUNC_", "PYTHON", "PERL", "GIT_", "SCRIPT_"].map { Array($0.utf8) }
    private static let reservedSuffix = Array("_PROXY".utf8)

    /// Whether an event must not set that name: it would change how scripts run, or is one of ours.
    static func isReserved(_ name: String) -> Bool {
        var name = name.uppercased()
        // By bytes: a combining mark behind a prefix would make it another Character.
        let (isHarmless, isReserved) = name.withUTF8 { bytes in
            (
                harmlessPrefixes.contains { bytes.starts(with: $0) },
                reservedPrefixes.contains { bytes.starts(with: $0) } || bytes.suffix(6).elementsEqual(reservedSuffix)
            )
        }
        return !isHarmless && (isReserved || reservedNames.contains(name))
    }

    /// Whether the kernel and every program can take it.
    static func isPossible(_ name: String) -> Bool {
        !name.isEmpty && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "=") }
    }

    /// The name as a shell can read it, in upper case with `_` for everything odd; nil where a shell can read it as it is.
    static func readable(_ name: String) -> String? {
        let isWord = name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard !isWord else { return nil }
        let scalars = name.uppercased().unicodeScalars.map { scalar in
            switch scalar {
            case "A"..."Z", "0"..."9", "_": scalar
            default: Unicode.Scalar("_")
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
