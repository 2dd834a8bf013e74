import Basics
import Glibc

/// The functions of `{{$name arguments}}`, as JetBrains, REST Client and httpyac name them.
struct PlaceholderFunctions: Sendable {
    private let environment: [String: String]
    private let dotenv: [String: String]
    /// Milliseconds since 1970; a test sets it.
    var now: @Sendable () -> Int64 = { OutputChunk.now }

    init(environment: [String: String], dotenv: [String: String]) {
        self.environment = environment
        self.dotenv = dotenv
    }

    /// - Parameter call: `timestamp -1 d`, without the `$`.
    /// - Throws: for a function that is not known, and for arguments that it does not take.
    func value(_ call: String, line: Int) throws(HTTPFileError) -> String {
        let words = Self.words(call)
        let name = words.first ?? ""
        let arguments = Array(words.dropFirst())
        switch name {
        case "guid", "uuid", "random.uuid": return UniqueID.random()
        case "timestamp": return "\(try moment(arguments, name, line) / 1_000)"
        case "isoTimestamp": return DateText.iso8601(try moment(arguments, name, line))
        case "randomInt":
            guard arguments.count == 2, let low = Int(arguments[0]), let high = Int(arguments[1]), low < high else {
                throw HTTPFileError("{{$randomInt}} needs two numbers, the first one less than the second", line: line)
            }
            return "\(Int.random(in: low..<high))"
        case "random.integer":
            return "\(Int.random(in: 0..<1_000))"
        case "datetime", "localDatetime":
            guard let format = arguments.first else {
                throw HTTPFileError("{{$\(name)}} needs iso8601, rfc1123 or a format in quotes", line: line)
            }
            return DateText.text(try moment(Array(arguments.dropFirst()), name, line), format: format)
        case "processEnv":
            guard let variable = arguments.first, let value = environment[Self.name(variable).lowercased()] else {
                throw HTTPFileError("{{$\(call)}} is not among the variables that scripts may see", line: line)
            }
            return value
        case "dotenv":
            guard let variable = arguments.first, let value = dotenv[Self.name(variable)] else {
                throw HTTPFileError("{{$\(call)}} is not in the .env file beside this one", line: line)
            }
            return value
        default:
            let known = "$guid, $uuid, $timestamp, $isoTimestamp, $randomInt, $datetime, $processEnv, $dotenv"
            throw HTTPFileError("{{$\(name)}} is no function of ours; these are: \(known)", line: line)
        }
    }

    /// REST Client's `%NAME` names a variable whose value names the variable: we know no such detour.
    private static func name(_ text: String) -> String { text.hasPrefix("%") ? String(text.dropFirst()) : text }

    /// Now, and `offset unit` later: `-1 d`, `2 h`.
    private func moment(_ arguments: [String], _ name: String, _ line: Int) throws(HTTPFileError) -> Int64 {
        guard !arguments.isEmpty else { return now() }
        let units: [String: Int64] = [
            "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "M": 2_592_000_000,
            "y": 31_536_000_000,
        ]
        guard arguments.count == 2, let offset = Int64(arguments[0]), let unit = units[arguments[1]],
            case let (milliseconds, overflow) = offset.multipliedReportingOverflow(by: unit), !overflow,
            milliseconds.magnitude < 1 << 52
        else {
            throw HTTPFileError("{{$\(name)}} takes an offset such as '-1 d': a number and ms, s, m, h, d, w, M or y", line: line)
        }
        return now() + milliseconds
    }

    /// Parted by white space; quotes keep a format together.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for character in text {
            if character == quote {
                quote = nil
                words.append(word)
                word = ""
            } else if quote != nil {
                word.append(character)
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }
}
