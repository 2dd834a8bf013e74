/// How many runs of one project may go at once, and for how long each file.
struct RunLimits: Sendable, Hashable {
    /// Of the project; nil: as many as of all together.
    var perProject: Int?
    /// Of one project, stage and service, in order of arrival; 0: as many as of the project.
    var perService: Int = 0
    /// Of one file; nil: as for all.
    var timeout: Duration?
}
