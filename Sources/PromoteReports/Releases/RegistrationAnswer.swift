import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// A release as it was registered, now or before.
struct RegistrationAnswer: Encodable, Sendable {
    @Text var release: ReleaseID
    @Text var application: ApplicationName
    let images: [ImageAnswer]
    let created: Bool
    /// Null where no registry was asked.
    @OrNull var registry: [ImageRecordAnswer]?

    enum CodingKeys: String, CodingKey {
        case release
        case application
        case images
        case created
        case registry
    }

    init(_ report: RegistrationReport) {
        release = report.release.id
        application = report.application
        images = report.release.images.map(ImageAnswer.init)
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
