import Foundation
import GRDB
import GitOpsTypes
import PromotionDomain

/// Writes the rows in which two states of an application differ.
struct StateRows {
    let database: Database
    let application: String
    private let encoder = JSONEncoder()

    init(database: Database, application: String) {
        self.database = database
        self.application = application
    }

    /// - Parameters:
    ///   - touched: the numbers of the promotions that something happened to.
    ///   - registered: the releases that were registered, some of them perhaps once more.
    func write(
        from old: ApplicationState, to new: ApplicationState, touched: Set<Int>, registered: Set<ReleaseID>
    ) throws {
        for id in registered.sorted() {
            guard let before = old.release(id), let now = new.release(id), before != now else { continue }
            try run(
                "UPDATE \"release\" SET json = ? WHERE application = ? AND id = ?",
                [try encoder.encode(now), application, id.text])
            try insertImages(of: now, new)
        }
        for (sequence, release) in new.releases.enumerated().dropFirst(old.releases.count) {
            try insert(release, sequence, new)
        }
        // Those that were decided go first, so that no two are open at once on the way.
        let changed = touched.sorted().compactMap(new.promotion)
        for promotion in changed.filter({ !$0.isOpen }) + changed.filter(\.isOpen) {
            try run(
                "INSERT OR REPLACE INTO promotion (application, sequence, environment, state, mergeCommit, json) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    application, promotion.number, promotion.environment.text, new.phase(of: promotion).rawValue,
                    promotion.merge?.commit.hex,
                    try encoder.encode(promotion),
                ])
        }
        for (sequence, verification) in new.verifications.enumerated().dropFirst(old.verifications.count) {
            try run(
                "INSERT INTO verification (application, sequence, \"release\", json) VALUES (?, ?, ?, ?)",
                [application, sequence, verification.release.text, try encoder.encode(verification)])
        }
        // What was found to be in an environment may take from earlier ones that they count.
        if old.violations != new.violations { try writeVoided(from: old, to: new) }
        for (environment, deployments) in new.deployments {
            let before = old.deployments[environment] ?? []
            // Of what was there before, only the last one's end can be new.
            for (sequence, deployment) in deployments.enumerated().dropFirst(max(before.count - 1, 0)) {
                try run(
                    "INSERT OR REPLACE INTO deployment (application, environment, sequence, \"release\", isPresent, json) VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        application, environment.text, sequence, deployment.release.text, sequence == deployments.count - 1,
                        try encoder.encode(deployment),
                    ])
            }
        }
        try writeInterventions(from: old, to: new)
    }

    private func writeVoided(from old: ApplicationState, to new: ApplicationState) throws {
        for (sequence, (before, after)) in zip(old.verifications, new.verifications).enumerated() where before != after {
            try run(
                "UPDATE verification SET json = ? WHERE application = ? AND sequence = ?",
                [try encoder.encode(after), application, sequence])
        }
    }

    /// What operators may take back: few, and written whole.
    private func writeInterventions(from old: ApplicationState, to new: ApplicationState) throws {
        if old.holds != new.holds {
            try run("DELETE FROM hold WHERE application = ?", [application])
            for (environment, hold) in new.holds {
                try run(
                    "INSERT INTO hold (application, environment, json) VALUES (?, ?, ?)",
                    [application, environment.text, try encoder.encode(hold)])
            }
        }
        if old.unregistered != new.unregistered {
            try run("DELETE FROM unregistered WHERE application = ?", [application])
            for (environment, content) in new.unregistered {
                try run(
                    "INSERT INTO unregistered (application, environment, json) VALUES (?, ?, ?)",
                    [application, environment.text, try encoder.encode(content)])
            }
        }
        for (release, yank) in new.yanks where old.yanks[release] != yank {
            try run(
                "INSERT OR REPLACE INTO yank (application, \"release\", json) VALUES (?, ?, ?)",
                [application, release.text, try encoder.encode(yank)])
        }
        for (sequence, freeze) in new.freezes.enumerated()
        where !old.freezes.indices.contains(sequence) || old.freezes[sequence] != freeze {
            try run(
                "INSERT OR REPLACE INTO freeze (application, sequence, json) VALUES (?, ?, ?)",
                [application, sequence, try encoder.encode(freeze)])
        }
        for (head, approvals) in new.changeApprovals where old.changeApprovals[head] != approvals {
            try run(
                "INSERT OR REPLACE INTO changeApproval (application, head, json) VALUES (?, ?, ?)",
                [application, head.hex, try encoder.encode(approvals)])
        }
        for (sequence, violation) in new.policyViolations.enumerated()
        where !old.policyViolations.indices.contains(sequence) || old.policyViolations[sequence] != violation {
            try run(
                "INSERT OR REPLACE INTO policyViolation (application, sequence, json) VALUES (?, ?, ?)",
                [application, sequence, try encoder.encode(violation)])
        }
        if old.violations != new.violations {
            try run("DELETE FROM violation WHERE application = ?", [application])
            for (environment, violations) in new.violations {
                for (sequence, violation) in violations.enumerated() {
                    try run(
                        "INSERT INTO violation (application, environment, sequence, json) VALUES (?, ?, ?, ?)",
                        [application, environment.text, sequence, try encoder.encode(violation)])
                }
            }
        }
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    private func insert(_ release: Release, _ sequence: Int, _ state: ApplicationState) throws {
        try run(
            "INSERT INTO \"release\" (application, sequence, id, json) VALUES (?, ?, ?, ?)",
            [application, sequence, release.id.text, try encoder.encode(release)])
        try insertImages(of: release, state)
    }

    private func insertImages(of release: Release, _ state: ApplicationState) throws {
        guard let commit = release.build.commit else { return }
        for image in release.images.ofContainers {
            // The same digest again is fine: another image of the release differs. Another digest breaks the constraint.
            let known = try String.fetchOne(
                database.cachedStatement(
                    sql: "SELECT digest FROM releaseImage WHERE application = ? AND name = ? AND sourceCommit = ?"),
                arguments: [application, image.name.text, commit.text])
            if known == image.digest.text { continue }
            // A registration by a key that was given up gives way to one by a key that counts, and to no other.
            if let known {
                let isGivenUp = state.releases(builtFrom: commit).contains {
                    $0.image(image.name)?.digest.text == known && $0.key != release.key
                }
                if isGivenUp {
                    try run(
                        "DELETE FROM releaseImage WHERE application = ? AND name = ? AND sourceCommit = ?",
                        [application, image.name.text, commit.text])
                }
            }
            try run(
                "INSERT INTO releaseImage (application, name, sourceCommit, digest) VALUES (?, ?, ?, ?)",
                [application, image.name.text, commit.text, image.digest.text])
        }
    }
}
