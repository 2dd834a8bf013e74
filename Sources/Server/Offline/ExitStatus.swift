/// How a command ends, for the shell.
public enum ExitStatus: Int32, Sendable, Hashable {
    /// All went well.
    case pass = 0
    /// A script failed.
    case fail = 1
    /// The command line or the configuration is wrong.
    case usage = 2
    /// No file was found for the event; of `runs`, there is no such run.
    case nothingToRun = 3
    /// The scripts could not be had, or an event could not be sent.
    case infrastructure = 4
}
