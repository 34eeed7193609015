import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// A release as it was registered, now or before.
struct RegistrationAnswer: Encodable, Sendable {
    @Text var release: ReleaseID
    @Text var application: ApplicationName
    let images: [ImageAnswer]
    /// Only where there are some.
    let charts: [ChartAnswer]?
    let created: Bool
    /// Null where no registry was asked.
    @OrNull var registry: [ImageRecordAnswer]?

    enum CodingKeys: String, CodingKey {
        case release
        case application
        case images
        case charts
        case created
        case registry
    }

    init(_ report: RegistrationReport) {
        release = report.release.id
        application = report.application
        let artifacts = ArtifactAnswers(report.release)
        images = artifacts.images
        charts = artifacts.charts
        created = report.created
        registry = report.release.records.map { $0.map(ImageRecordAnswer.init) }
    }
}

extension Answer {
    /// `promote register`
    public init(_ report: RegistrationReport) {
        let verb = report.created ? "Registered" : "Nothing to do: registered already,"
        var lines = ["\(verb) \(report.release.id)"]
        lines += ReleaseText.facts(report.release).lines(indentation: "  ")
        lines += ["", "next: promote build <environment> --app \(report.application)"]
        self.init(json: RegistrationAnswer(report), text: lines.joined(separator: "\n") + "\n", notices: report.notices)
    }
}
