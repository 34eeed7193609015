import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// A release for people.
struct ReleaseText {
    let report: ReleaseReport

    var text: String {
        var table = Self.facts(report.release)
        if let yank = report.yank { table.add(["YANKED", "by \(yank.by) at \(yank.at): \(yank.reason.displayable)"]) }
        for (environment, deployment) in report.deployments { table.add(["deployed", told(deployment, in: environment)]) }
        for verification in report.verifications { table.add(["verified", Self.told(verification)]) }
        let lines =
            ["\(report.release.id) of \(report.application)"] + table.lines(indentation: "  ")
            + ["", "next: promote history --app \(report.application)"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func told(_ deployment: Deployment, in environment: EnvironmentName) -> String {
        let until = deployment.until.map { "until \($0)" } ?? "now"
        let origin = deployment.promotion.map { "by \(PromotionID(report.application, $0))" } ?? "found there and accepted"
        return "\(environment) since \(deployment.since), \(until), \(origin)"
    }

    private static func told(_ verification: Verification) -> String {
        let evidence =
            (verification.evidence.map { " (\($0.displayable))" } ?? "")
            + (verification.isVoid ? "; does not count: something else was there" : "")
        return
            "\(verification.environment): \(verification.result.rawValue) at \(verification.at) by \(verification.by)\(evidence)"
    }

    /// What is known of a release from its registration on.
    static func facts(_ release: Release) -> TextTable {
        var table = TextTable()
        for image in release.images {
            table.add([
                image.kind.rawValue,
                "\(image.name)@\(image.digest)" + ((image.chartVersion?.text ?? image.tag?.text).map { " (\($0))" } ?? ""),
            ])
        }
        if let commit = release.build.commit { table.add(["commit", commit.text]) }
        if let source = release.build.source { table.add(["source", source.displayable]) }
        if let run = release.build.run { table.add(["run", run.displayable]) }
        for record in release.records ?? [] {
            let parts: [String?] = [
                record.platforms.joined(separator: " "), record.version.map { "version \($0)" }, record.created,
            ]
            let told = parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ").displayable
            table.add(["found", "\(record.name)\(told.isEmpty ? "" : ": \(told)")"])
            for proof in record.provenance ?? [] { table.add(["proven", proof.displayable]) }
        }
        if release.records == nil { table.add(["registry", "not asked"]) }
        table.add(["registered", "by \(release.registeredBy) at \(release.registered)"])
        return table
    }
}
