import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// A release as text and as JSON.
struct ReleaseRendering {
    static func images(_ release: Release) -> JSONValue {
        .array(
            release.images.map { image in
                .object(["name": .text(image.name), "tag": .text(image.tag), "digest": .text(image.digest)])
            })
    }

    /// What was seen in registries; null where none was asked.
    private static func records(_ release: Release) -> JSONValue {
        guard let records = release.records else { return .null }
        return .array(
            records.map { record in
                .object([
                    "name": .text(record.name), "platforms": .array(record.platforms.map { .string($0) }),
                    "revision": .text(record.revision), "source": .text(record.source), "version": .text(record.version),
                    "created": .text(record.created),
                    "provenance": record.provenance.map { .array($0.map { .string($0.displayable) }) } ?? .null,
                ])
            })
    }

    static func json(_ report: RegistrationReport) -> JSONValue {
        .object([
            "release": .text(report.release.id), "application": .text(report.application),
            "images": images(report.release), "created": .bool(report.created), "registry": records(report.release),
        ])
    }

    static func text(_ report: RegistrationReport) -> String {
        let verb = report.created ? "Registered" : "Nothing to do: registered already,"
        var lines = ["\(verb) \(report.release.id)"]
        lines += facts(report.release).lines(indentation: "  ")
        lines += ["", "next: promote build <environment> --app \(report.application)"]
        return lines.joined(separator: "\n") + "\n"
    }

    static func json(_ report: ReleaseReport) -> JSONValue {
        .object([
            "release": .text(report.release.id), "application": .text(report.application), "images": images(report.release),
            "commit": .text(report.release.build.commit), "source": .text(report.release.build.source),
            "run": .text(report.release.build.run), "registry": records(report.release),
            "registeredAt": .text(report.release.registered),
            "registeredBy": .text(report.release.registeredBy),
            "deployments": .array(
                report.deployments.map { environment, deployment in
                    .object([
                        "environment": .text(environment), "since": .text(deployment.since), "until": .text(deployment.until),
                        "promotion": .text(deployment.promotion.map { PromotionID(report.application, $0) }),
                    ])
                }),
            "yank": report.yank.map { .object(["reason": .string($0.reason), "by": .text($0.by), "at": .text($0.at)]) } ?? .null,
            "verifications": .array(
                report.verifications.map {
                    .object([
                        "environment": .text($0.environment), "result": .string($0.result.rawValue), "at": .text($0.at),
                        "by": .text($0.by), "evidence": .text($0.evidence), "counts": .bool(!$0.isVoid),
                    ])
                }),
        ])
    }

    static func text(_ report: ReleaseReport) -> String {
        var lines = ["\(report.release.id) of \(report.application)"]
        var table = facts(report.release)
        if let yank = report.yank { table.add(["YANKED", "by \(yank.by) at \(yank.at): \(yank.reason.displayable)"]) }
        for (environment, deployment) in report.deployments {
            let until = deployment.until.map { "until \($0)" } ?? "now"
            let origin = deployment.promotion.map { "by \(PromotionID(report.application, $0))" } ?? "found there and accepted"
            table.add(["deployed", "\(environment) since \(deployment.since), \(until), \(origin)"])
        }
        for verification in report.verifications {
            let evidence =
                (verification.evidence.map { " (\($0.displayable))" } ?? "")
                + (verification.isVoid ? "; does not count: something else was there" : "")
            table.add([
                "verified",
                "\(verification.environment): \(verification.result.rawValue) at \(verification.at) by \(verification.by)\(evidence)",
            ])
        }
        lines += table.lines(indentation: "  ")
        lines += ["", "next: promote history --app \(report.application)"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func facts(_ release: Release) -> TextTable {
        var table = TextTable()
        for image in release.images {
            table.add(["image", "\(image.name)@\(image.digest)" + (image.tag.map { " (\($0))" } ?? "")])
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
