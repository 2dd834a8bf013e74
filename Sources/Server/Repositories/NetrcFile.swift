import Curl

/// A file in the format of `.netrc`, read for what must not be seen of it: libcurl does the rest.
enum NetrcFile {
    /// The users and passwords in it. Pure; what is no entry is skipped.
    static func credentials(in text: String) -> [BasicCredentials] {
        var found: [BasicCredentials] = []
        var current = BasicCredentials(user: "", password: "")
        var rest = words(of: text)[...]
        while let word = rest.popFirst() {
            switch word {
            case "machine", "default":
                found.append(current)
                current = BasicCredentials(user: "", password: "")
                if word == "machine" { _ = rest.popFirst() }
            case "login": current.user = rest.popFirst() ?? ""
            case "password": current.password = rest.popFirst() ?? ""
            default: break
            }
        }
        return (found + [current]).filter { !$0.password.isEmpty }
    }

    /// Parted by white space; one in quotes may hold some, and a character after a backslash there is itself.
    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var rest = text[...]
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "\"" {
                rest.removeFirst()
                words.append(quoted(&rest))
            } else {
                let word = rest.prefix { !$0.isWhitespace }
                rest = rest.dropFirst(word.count)
                words.append(String(word))
            }
        }
        return words
    }

    private static func quoted(_ rest: inout Substring) -> String {
        var word = ""
        while let character = rest.popFirst(), character != "\"" {
            word.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        return word
    }
}
