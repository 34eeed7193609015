import GitOpsTypes
import PromotionDomain
import SSHSignatures

extension Doctor {
    /// What `doctor` has to say of lists of people none of whom can act, as a list asks for a key and none of theirs is known; and of
    /// single ones of whom that is true.
    func roleFindings(_ snapshot: Snapshot) -> [SetupFinding] {
        let policy = snapshot.policy
        let signers = policy.allowedSigners
        // Before the first key there is nothing that could be proven; `identity` says so.
        guard !signers.entries.isEmpty else { return [] }
        var lists: [(place: String, role: Role)] = []
        for environment in policy.environments {
            lists += [
                ("promoters of \(environment.name)", environment.promoters),
                ("verifiers of \(environment.name)", environment.verifiers),
            ]
            // On a forge, it is accounts that merge.
            if policy.forge.settings == nil, environment.mergers != environment.promoters {
                lists.append(("mergers of \(environment.name)", environment.mergers))
            }
        }
        lists += policy.applications.map { ("builders of \($0.name)", $0.builders) }
        var powerless: [[Principal]: [String]] = [:]
        var keyless: [Principal: [String]] = [:]
        for (place, role) in lists {
            let without = role.principals.filter { !signers.hasKeys(for: $0.text) }.sorted()
            guard !without.isEmpty else { continue }
            if without.count == role.principals.count {
                powerless[without, default: []].append(place)
            } else {
                for principal in without { keyless[principal, default: []].append(place) }
            }
        }
        func places(_ all: [String]) -> String {
            all.prefix(3).joined(separator: ", ") + (all.count > 3 ? " and \(all.count - 3) more" : "")
        }
        let problems = powerless.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { principals, all in
            SetupFinding(
                topic: "roles", status: .problem,
                detail: "\(places(all)): none of those who are listed has a key, and nothing that they do counts: "
                    + principals.map(\.text).joined(separator: ", "),
                remedy: "promote keys add --principal \(principals.first?.text ?? "<principal>") --key <file of their public key>"
            )
        }
        let warnings = keyless.sorted { $0.key < $1.key }.map { principal, all in
            SetupFinding(
                topic: "roles", status: .warning, detail: "\(principal) is among the \(places(all)), and has no key",
                remedy: "promote keys add --principal \(principal) --key <file of their public key>; or take the name off")
        }
        return problems + warnings
    }
}
