import Basics
import Glibc

/// Standard output, unbuffered: what a script prints is seen when it prints it.
enum Terminal {
    static func print(_ line: String) { write(line + "\n") }

    static func write(_ text: String) {
        // Whoever read it has gone: nobody is left to tell.
        try? Files.write(Array(text.utf8), to: STDOUT_FILENO)
    }
}
