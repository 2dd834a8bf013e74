import Model

/// Decides which files run for an event. Pure: what is on disk it is told by `find`.
enum Planner {
    /// What stands at one candidate's place.
    enum Finding: Sendable, Hashable {
        case nothing
        case file(path: String)
        /// Something that does not count as a file; the sentence goes into the plan's warnings.
        case refused(String)
    }

    /// Each candidate is looked up by itself: service before stage before project, within a level the first folder that has it.
    ///
    /// - Parameters:
    ///   - places: the levels that exist, the narrowest first.
    ///   - find: what is at that place, in the folder, under the file name.
    static func plan(
        _ request: ScriptRequest,
        places: [Snapshot.Place],
        folders: [String],
        find: (Snapshot.Place, _ folder: String, _ name: String) -> Finding
    ) -> Plan {
        var plan = Plan(scripts: [])
        for stem in request.names + ["all.events"] {
            for kind in Script.Kind.allCases {
                let name = "\(stem).\(kind.rawValue)"
                plan.lookedFor.append(name)
                guard PlainName(name) != nil else {
                    plan.warnings.append("\(name) is no plain file name")
                    continue
                }
                for place in places {
                    for folder in folders {
                        switch find(place, folder, name) {
                        case .nothing: continue
                        case .refused(let sentence): plan.warnings.append(sentence)
                        case .file(let path):
                            let script = Script(
                                name: name,
                                kind: kind,
                                level: place.level,
                                branch: place.branch,
                                commit: place.commit,
                                folder: folder,
                                path: path,
                                root: place.root
                            )
                            plan.add(script, firstMatchOnly: request.firstMatchOnly)
                        }
                    }
                }
            }
        }
        return plan
    }
}

extension Plan {
    /// A file that was found after another one of its name, or after the only one that may run, is shadowed.
    fileprivate mutating func add(_ script: Script, firstMatchOnly: Bool) {
        if let winner = scripts.first(where: { firstMatchOnly || $0.name == script.name }) {
            shadowed.append(Shadowed(script: script, winner: winner))
        } else {
            scripts.append(script)
        }
    }
}
