import Basics
import Glibc

/// The person who measures, apart from the figures.
public enum Console {
    /// Says something on standard error.
    public static func tell(_ text: String) { try? Files.write(Array("\(text)\n".utf8), to: STDERR_FILENO) }

    /// Refuses the command line, with how it should be.
    public static func refuse(_ usage: String) -> Never {
        tell(usage)
        exit(2)
    }
}
