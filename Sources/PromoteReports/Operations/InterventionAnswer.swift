import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// What an operator did to an environment of an application, or to a release.
enum InterventionAnswer: Encodable, Sendable {
    case hold(HeldEnvironment)
    case yank(YankedRelease)
    case acceptance(AcceptedContent)

    init(_ report: InterventionReport) {
        let (application, created) = (report.application, report.isNew)
        switch report.action {
        case .held(let environment, let hold):
            self = .hold(.init(application: application, created: created, environment: environment, hold: HoldAnswer(hold)))
        case .resumed(let environment):
            self = .hold(.init(application: application, created: created, environment: environment, hold: nil))
        case .yanked(let release, let yank, let environments):
            self = .yank(
                .init(
                    application: application, created: created, release: release, yank: YankAnswer(yank),
                    runningIn: environments.map(\.description)))
        case .accepted(let environment, let violations, let content):
            self = .acceptance(
                .init(
                    application: application, created: created, environment: environment,
                    accepted: violations.map(ViolationAnswer.init), release: content?.release?.id,
                    images: (content?.found.images ?? []).map(\.reference)))
        }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .hold(let answer): try answer.encode(to: encoder)
        case .yank(let answer): try answer.encode(to: encoder)
        case .acceptance(let answer): try answer.encode(to: encoder)
        }
    }
}

extension InterventionAnswer {
    struct HeldEnvironment: Encodable, Sendable {
        @Text var application: ApplicationName
        let created: Bool
        @Text var environment: EnvironmentName
        @OrNull var hold: HoldAnswer?

        enum CodingKeys: String, CodingKey {
            case application
            case created
            case environment
            case hold
        }
    }

    struct YankedRelease: Encodable, Sendable {
        @Text var application: ApplicationName
        let created: Bool
        @Text var release: ReleaseID
        let yank: YankAnswer
        let runningIn: [String]

        enum CodingKeys: String, CodingKey {
            case application
            case created
            case release
            case yank
            case runningIn
        }
    }

    struct AcceptedContent: Encodable, Sendable {
        @Text var application: ApplicationName
        let created: Bool
        @Text var environment: EnvironmentName
        let accepted: [ViolationAnswer]
        @TextOrNull var release: ReleaseID?
        let images: [String]

        enum CodingKeys: String, CodingKey {
            case application
            case created
            case environment
            case accepted
            case release
            case images
        }
    }
}

extension Answer {
    /// `promote hold`, `resume`, `yank` and `accept`
    public init(_ report: InterventionReport) {
        self.init(json: InterventionAnswer(report), text: InterventionText(report: report).text)
    }
}
