import GitOpsTypes
import PromotionDomain
public import PromotionEngine
import PromotionPlanning

/// What a change to the configuration does to every environment, and whether it may.
struct ChangeAnswer: Encodable, Sendable {
    let verdict: String
    @Text var base: CommitID
    @Text var head: CommitID
    let environments: [ChangedEnvironment]
    @OrNull var policy: Judgement?

    enum CodingKeys: String, CodingKey {
        case verdict
        case base
        case head
        case environments
        case policy
    }

    init(_ report: ChangeReport) {
        verdict = report.verdict.rawValue
        base = report.base
        head = report.head
        environments = report.entries.map(ChangedEnvironment.init)
        policy = report.policy.map(Judgement.init)
    }
}

extension ChangeAnswer {
    /// A check, as a change has it.
    struct Judgement: Encodable, Sendable {
        let permitted: Bool
        let status: String
        @Text var rule: Rule
        let detail: String
        let clearedBy: [String]

        enum CodingKeys: String, CodingKey {
            case permitted
            case status
            case rule
            case detail
            case clearedBy
        }

        init(_ check: Check) {
            permitted = check.status == .pass
            status = check.status.rawValue
            rule = check.rule
            detail = check.detail.displayable
            clearedBy = check.clearedBy
        }
    }

    struct ChangedEnvironment: Encodable, Sendable {
        /// Its keys are the environment's own.
        let judgement: Judgement
        @Text var name: EnvironmentName
        @Text var application: ApplicationName
        let changed: Bool
        let diff: [String]

        enum CodingKeys: String, CodingKey {
            case name
            case application
            case changed
            case diff
        }

        init(_ entry: ChangeReport.Entry) {
            judgement = Judgement(entry.check)
            name = entry.environment
            application = entry.application
            changed = entry.isChanged
            diff = entry.diff?.lines ?? []
        }

        func encode(to encoder: any Encoder) throws {
            try judgement.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(_name, forKey: .name)
            try container.encode(_application, forKey: .application)
            try container.encode(changed, forKey: .changed)
            try container.encode(diff, forKey: .diff)
        }
    }
}

extension Answer {
    /// How a change is told.
    public enum ChangeForm: Sendable {
        /// For a terminal; the status tells the verdict.
        case verdict(TextStyle, unified: Bool = false)
        /// For a comment on a pull request; the status tells the verdict.
        case markdown
        /// For a terminal, after a word about the change was recorded: the status is of that.
        case recorded(TextStyle)
    }

    /// `promote gate`, and `approve --change` and `revoke --change`
    public init(_ report: ChangeReport, as form: ChangeForm) {
        let json = Deferred { ChangeAnswer(report) }
        switch form {
        case .verdict(let style, let unified):
            self.init(
                json: json, text: ChangeText(report: report, style: style, unified: unified).text,
                status: Self.status(of: report.verdict))
        case .markdown: self.init(json: json, text: ChangeMarkdown(report).text, status: Self.status(of: report.verdict))
        case .recorded(let style): self.init(json: json, text: ChangeText(report: report, style: style).text)
        }
    }

    private static func status(of verdict: Check.Status) -> ExitStatus {
        switch verdict {
        case .pass: .success
        case .pending: .tryAgain
        case .fail: .refused
        }
    }
}
