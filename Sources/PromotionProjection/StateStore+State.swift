import Foundation
import GRDB
import GitOpsTypes
public import PromotionDomain

/// What the ledgers say, folded.
extension StateStore {
    /// The folded state of an application; that of an empty ledger when nothing has been read.
    public func state(of application: ApplicationName) throws(StateStoreError) -> ApplicationState {
        try read { database in
            let decoder = JSONDecoder()
            func all<Value: Decodable>(_ type: Value.Type, _ table: String) throws -> [Value] {
                try Data.fetchAll(
                    database, sql: "SELECT json FROM \(table) WHERE application = ? ORDER BY sequence",
                    arguments: [application.text]
                ).map { try decoder.decode(type, from: $0) }
            }
            var deployments: [EnvironmentName: [Deployment]] = [:]
            let rows = try Row.fetchAll(
                database, sql: "SELECT environment, json FROM deployment WHERE application = ? ORDER BY sequence",
                arguments: [application.text])
            for row in rows {
                guard let environment = EnvironmentName(row["environment"] as String) else { continue }
                deployments[environment, default: []].append(try decoder.decode(Deployment.self, from: row["json"]))
            }
            let interventions = try Interventions(of: application, in: database)
            let ofPolicy = try policyWords(of: application, in: database)
            return ApplicationState(
                application: application, releases: try all(Release.self, "release"),
                promotions: try all(Promotion.self, "promotion"), verifications: try all(Verification.self, "verification"),
                deployments: deployments, holds: interventions.holds, yanks: interventions.yanks,
                violations: interventions.violations, unregistered: interventions.unregistered, freezes: interventions.freezes,
                changeApprovals: ofPolicy.approvals, policyViolations: ofPolicy.violations)
        }
    }

    private typealias PolicyWords = (approvals: [CommitID: [ChangeApproval]], violations: [Violation])

    /// What the ledger of environments says of changes, and of those of the policy that do not count.
    private func policyWords(
        of application: ApplicationName, in database: Database
    ) throws -> PolicyWords {
        let decoder = JSONDecoder()
        let rows = try Row.fetchAll(
            database.cachedStatement(sql: "SELECT head, json FROM changeApproval WHERE application = ?"),
            arguments: [application.text])
        var approvals: [CommitID: [ChangeApproval]] = [:]
        for row in rows {
            guard let head = CommitID(row["head"] as String) else { continue }
            approvals[head] = try decoder.decode([ChangeApproval].self, from: row["json"] as Data)
        }
        let violations = try Data.fetchAll(
            database.cachedStatement(sql: "SELECT json FROM policyViolation WHERE application = ? ORDER BY sequence"),
            arguments: [application.text]
        ).map { try decoder.decode(Violation.self, from: $0) }
        return (approvals, violations)
    }

    /// What is needed to say what runs where, what is open, and how that is judged: what each environment runs now, the
    /// promotions that are open, and of their releases everything. How long that takes does not depend on the history before.
    public func presentState(of application: ApplicationName) throws(StateStoreError) -> ApplicationState {
        try read { database in
            let decoder = JSONDecoder()
            func all<Value: Decodable>(_ type: Value.Type, _ sql: String, _ arguments: [String] = []) throws -> [Value] {
                try Data.fetchAll(
                    database.cachedStatement(sql: sql), arguments: StatementArguments([application.text] + arguments)
                ).map { try decoder.decode(type, from: $0) }
            }
            var promotions = try all(
                Promotion.self,
                """
                SELECT json FROM promotion INDEXED BY openPromotion
                WHERE application = ? AND state IN ('requested', 'open')
                """)
            var deployments: [EnvironmentName: [Deployment]] = [:]
            func add(_ index: String, _ condition: String, _ arguments: [String] = []) throws {
                let rows = try Row.fetchAll(
                    database.cachedStatement(
                        sql: "SELECT environment, json FROM deployment INDEXED BY \(index) WHERE application = ? AND \(condition)"
                    ),
                    arguments: StatementArguments([application.text] + arguments))
                for row in rows {
                    guard let environment = EnvironmentName(row["environment"] as String) else { continue }
                    let deployment = try decoder.decode(Deployment.self, from: row["json"])
                    deployments[environment, default: []].append(deployment)
                }
            }
            // Where the releases of open promotions were before, which is what promotions upstream are judged by…
            var releases = Set(promotions.map(\.release.text))
            for release in releases { try add("deploymentByRelease", "\"release\" = ? AND isPresent = 0", [release]) }
            // …and what is there now.
            try add("presentDeployment", "isPresent = 1")
            releases.formUnion(deployments.values.compactMap(\.last?.release.text))
            let open = Set(promotions.map(\.number))
            for number in Set(deployments.values.compactMap(\.last?.promotion)).subtracting(open) {
                promotions += try all(
                    Promotion.self, "SELECT json FROM promotion WHERE application = ? AND sequence = CAST(? AS INTEGER)",
                    [String(number)])
            }
            let newest = try all(
                Release.self, "SELECT json FROM \"release\" WHERE application = ? ORDER BY sequence DESC LIMIT 1")
            var known: [(sequence: Int, release: Release)] = []
            var verifications: [Verification] = []
            for id in releases.sorted() {
                let row = try Row.fetchOne(
                    database.cachedStatement(sql: "SELECT sequence, json FROM \"release\" WHERE application = ? AND id = ?"),
                    arguments: [application.text, id])
                if let row { known.append((row["sequence"], try decoder.decode(Release.self, from: row["json"] as Data))) }
                verifications += try all(
                    Verification.self,
                    """
                    SELECT json FROM verification INDEXED BY verificationByRelease
                    WHERE application = ? AND "release" = ? ORDER BY sequence
                    """, [id])
            }
            let next = try Int.fetchOne(
                database.cachedStatement(sql: "SELECT max(sequence) FROM promotion WHERE application = ?"),
                arguments: [application.text])
            let ofPolicy: PolicyWords =
                try application == .environments ? policyWords(of: application, in: database) : (approvals: [:], violations: [])
            let older = known.sorted { $0.sequence < $1.sequence }.map(\.release).filter { !newest.contains($0) }
            let interventions = try Interventions(of: application, in: database)
            return ApplicationState(
                application: application, releases: older + newest,
                promotions: promotions.sorted { $0.number < $1.number }, verifications: verifications,
                deployments: deployments, holds: interventions.holds, yanks: interventions.yanks,
                violations: interventions.violations, unregistered: interventions.unregistered, freezes: interventions.freezes,
                changeApprovals: ofPolicy.approvals, policyViolations: ofPolicy.violations, nextPromotionNumber: (next ?? 0) + 1)
        }
    }
}

/// What operators said of an application that was not taken back: few, however long the history.
private struct Interventions {
    var holds: [EnvironmentName: Hold] = [:]
    var yanks: [ReleaseID: Yank] = [:]
    var violations: [EnvironmentName: [Violation]] = [:]
    var unregistered: [EnvironmentName: UnregisteredContent] = [:]
    var freezes: [Freeze] = []

    init(of application: ApplicationName, in database: Database) throws {
        let decoder = JSONDecoder()
        func rows(_ table: String, _ column: String, order: String = "") throws -> [(key: String, json: Data)] {
            try Row.fetchAll(
                database.cachedStatement(sql: "SELECT \"\(column)\", json FROM \(table) WHERE application = ? \(order)"),
                arguments: [application.text]
            ).map { ($0[0], $0[1]) }
        }
        for (key, json) in try rows("hold", "environment") {
            if let name = EnvironmentName(key) { holds[name] = try decoder.decode(Hold.self, from: json) }
        }
        for (key, json) in try rows("yank", "release") {
            if let id = ReleaseID(key) { yanks[id] = try decoder.decode(Yank.self, from: json) }
        }
        for (key, json) in try rows("violation", "environment", order: "ORDER BY sequence") {
            guard let name = EnvironmentName(key) else { continue }
            violations[name, default: []].append(try decoder.decode(Violation.self, from: json))
        }
        for (key, json) in try rows("unregistered", "environment") {
            if let name = EnvironmentName(key) { unregistered[name] = try decoder.decode(UnregisteredContent.self, from: json) }
        }
        freezes = try Data.fetchAll(
            database.cachedStatement(sql: "SELECT json FROM freeze WHERE application = ? ORDER BY sequence"),
            arguments: [application.text]
        ).map { try decoder.decode(Freeze.self, from: $0) }
    }
}
