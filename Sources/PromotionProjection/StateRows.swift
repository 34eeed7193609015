import Foundation
import GRDB
import GitOpsTypes
import PromotionModel

/// Writes the rows in which two states of an application differ.
struct StateRows {
    let database: Database
    let application: String
    private let encoder = JSONEncoder()

    init(database: Database, application: String) {
        self.database = database
        self.application = application
    }

    /// - Parameter touched: the numbers of the promotions that something happened to.
    func write(from old: ApplicationState, to new: ApplicationState, touched: Set<Int>) throws {
        for (sequence, release) in new.releases.enumerated().dropFirst(old.releases.count) {
            try insert(release, sequence)
        }
        // Those that were decided go first, so that no two are open at once on the way.
        let changed = touched.sorted().compactMap(new.promotion)
        for promotion in changed.filter({ !$0.isOpen }) + changed.filter(\.isOpen) {
            try run(
                "INSERT OR REPLACE INTO promotion (application, sequence, environment, state, json) VALUES (?, ?, ?, ?, ?)",
                [
                    application, promotion.number, promotion.environment.text, new.phase(of: promotion).rawValue,
                    try encoder.encode(promotion),
                ])
        }
        for (sequence, verification) in new.verifications.enumerated().dropFirst(old.verifications.count) {
            try run(
                "INSERT INTO verification (application, sequence, \"release\", json) VALUES (?, ?, ?, ?)",
                [application, sequence, verification.release.text, try encoder.encode(verification)])
        }
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
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    private func insert(_ release: Release, _ sequence: Int) throws {
        try run(
            "INSERT INTO \"release\" (application, sequence, id, json) VALUES (?, ?, ?, ?)",
            [application, sequence, release.id.text, try encoder.encode(release)])
        guard let commit = release.build.commit else { return }
        for image in release.images {
            // The same digest again is fine: another image of the release differs. Another digest breaks the constraint.
            let known = try String.fetchOne(
                database.cachedStatement(
                    sql: "SELECT digest FROM releaseImage WHERE application = ? AND name = ? AND sourceCommit = ?"),
                arguments: [application, image.name.text, commit.text])
            if known == image.digest.text { continue }
            try run(
                "INSERT INTO releaseImage (application, name, sourceCommit, digest) VALUES (?, ?, ?, ?)",
                [application, image.name.text, commit.text, image.digest.text])
        }
    }
}
