import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// What environments ran when promotions began.
struct AdoptionAnswer: Encodable, Sendable {
    let baselines: [Baseline]
    let omissions: [Omission]

    enum CodingKeys: String, CodingKey {
        case baselines
        case omissions
    }

    struct Baseline: Encodable, Sendable {
        @Text var application: ApplicationName
        @Text var environment: EnvironmentName
        @Text var release: ReleaseID
        let images: [ImageAnswer]
        let created: Bool

        enum CodingKeys: String, CodingKey {
            case application
            case environment
            case release
            case images
            case created
        }
    }

    /// A place of which no baseline could be made.
    struct Omission: Encodable, Sendable {
        @Text var application: ApplicationName
        @Text var environment: EnvironmentName
        let reason: String

        enum CodingKeys: String, CodingKey {
            case application
            case environment
            case reason
        }
    }
}

extension Answer {
    /// `promote adopt`: unavailable where a registry did not answer, bad input where something cannot be known at all.
    public init(_ report: AdoptionReport) {
        let json = AdoptionAnswer(
            baselines: report.baselines.map {
                .init(
                    application: $0.application, environment: $0.environment, release: $0.release.id,
                    images: $0.release.images.map(ImageAnswer.init), created: $0.isNew)
            },
            omissions: report.omissions.map {
                .init(application: $0.application, environment: $0.environment, reason: $0.reason.displayable)
            })
        let status: ExitStatus =
            report.omissions.contains { $0.kind == .unanswered } ? .unavailable : report.omissions.isEmpty ? .success : .badInput
        self.init(json: json, text: Self.text(of: report), status: status)
    }

    private static func text(of report: AdoptionReport) -> String {
        let new = report.baselines.filter(\.isNew)
        var table = TextTable()
        for baseline in new {
            let tags = baseline.release.images.map { $0.tag?.text ?? $0.digest.short }.joined(separator: ", ")
            table.add(["", baseline.application.text, baseline.environment.text, tags, baseline.release.id.text])
        }
        let known = report.baselines.count - new.count
        var headline =
            new.isEmpty && !report.omissions.isEmpty
            ? "Adopted nothing"
            : new.isEmpty
                ? "Nothing to do: \(known > 0 ? "the ledger knows what environments run" : "nothing runs anywhere")"
                : "Adopted what \(new.count) environment\(new.count == 1 ? "" : "s") of applications run\(new.count == 1 ? "s" : "")"
        if !new.isEmpty, known > 0 { headline += "; \(known) more were known" }
        if !report.omissions.isEmpty { headline += "; \(report.omissions.count) could not be adopted" }
        var lines = [headline] + (new.isEmpty ? [] : [""] + table.lines())
        if !report.omissions.isEmpty {
            var table = TextTable()
            for omission in report.omissions {
                table.add(["", omission.application.text, omission.environment.text, omission.reason.displayable])
            }
            lines += ["", "not adopted:"] + table.lines()
        }
        lines += ["", "next: " + (report.omissions.isEmpty ? "promote status" : "mend that, and run promote adopt again")]
        return lines.joined(separator: "\n") + "\n"
    }
}
