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

    func write(from old: ApplicationState, to new: ApplicationState) throws {
        for (sequence, release) in new.releases.enumerated().dropFirst(old.releases.count) {
            try insert(release, sequence)
        }
        // Those that were decided go first, so that no two are open at once on the way.
        let changed = new.promotions.enumerated().filter { index, promotion in
            !old.promotions.indices.contains(index) || old.promotions[index] != promotion
        }
        for (sequence, promotion) in changed.sorted(by: { !$0.element.isOpen && $1.element.isOpen }) {
            try database.execute(
                sql: "INSERT OR REPLACE INTO promotion (application, sequence, environment, state, json) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    application, sequence, promotion.environment.text, new.phase(of: promotion).rawValue,
                    try encoder.encode(promotion),
                ])
        }
        for (sequence, verification) in new.verifications.enumerated().dropFirst(old.verifications.count) {
            try database.execute(
                sql: "INSERT INTO verification (application, sequence, json) VALUES (?, ?, ?)",
                arguments: [application, sequence, try encoder.encode(verification)])
        }
        for (environment, deployments) in new.deployments {
            let before = old.deployments[environment] ?? []
            for (sequence, deployment) in deployments.enumerated()
            where !before.indices.contains(sequence) || before[sequence] != deployment {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO deployment (application, environment, sequence, json) VALUES (?, ?, ?, ?)",
                    arguments: [application, environment.text, sequence, try encoder.encode(deployment)])
            }
        }
    }

    private func insert(_ release: Release, _ sequence: Int) throws {
        try database.execute(
            sql: "INSERT INTO \"release\" (application, sequence, id, json) VALUES (?, ?, ?, ?)",
            arguments: [application, sequence, release.id.text, try encoder.encode(release)])
        guard let commit = release.build.commit else { return }
        for image in release.images {
            // The same digest again is fine: another image of the release differs. Another digest breaks the constraint.
            let known = try String.fetchOne(
                database, sql: "SELECT digest FROM releaseImage WHERE application = ? AND name = ? AND sourceCommit = ?",
                arguments: [application, image.name.text, commit.text])
            if known == image.digest.text { continue }
            try database.execute(
                sql: "INSERT INTO releaseImage (application, name, sourceCommit, digest) VALUES (?, ?, ?, ?)",
                arguments: [application, image.name.text, commit.text, image.digest.text])
        }
    }
}
