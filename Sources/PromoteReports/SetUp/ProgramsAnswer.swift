import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// The programs that the policy names, and whether they may be run here.
struct ProgramsAnswer: Encodable, Sendable {
    @Text var commit: CommitID
    let permitted: Bool
    let programs: [Program]

    enum CodingKeys: String, CodingKey {
        case commit
        case permitted
        case programs
    }
}

extension ProgramsAnswer {
    struct Program: Encodable, Sendable {
        @Text var environment: EnvironmentName
        @TextOrNull var gate: String?
        /// The application, where it renders one.
        let renderer: String?
        let command: [String]
        @TextOrNull var file: RepositoryPath?
        @TextOrNull var version: BlobID?
        let files: [GivenFile]
        let trusted: Bool

        enum CodingKeys: String, CodingKey {
            case environment
            case gate
            case renderer
            case command
            case file
            case version
            case files
            case trusted
        }

        init(_ program: PolicyProgram) {
            environment = program.environment
            switch program.purpose {
            case .gate(let name): (gate, renderer) = (name, nil)
            case .renderer(let application): (gate, renderer) = (nil, application.text)
            }
            command = program.command.map(\.displayable)
            file = program.definition?.path
            version = program.definition?.version
            files = (program.files ?? []).map { GivenFile(path: $0.path, id: $0.id) }
            trusted = program.isTrusted
        }
    }

    /// What a program is given from the target branch.
    struct GivenFile: Encodable, Sendable {
        @Text var path: RepositoryPath
        let id: String

        enum CodingKeys: String, CodingKey {
            case path
            case id
        }
    }
}

extension Answer {
    /// `promote trust`
    ///
    /// - Parameter permitted: whether the programs may be run here from now on.
    public init(_ report: ProgramReport, permitted: Bool) {
        self.init(
            json: ProgramsAnswer(
                commit: report.commit, permitted: permitted, programs: report.programs.map(ProgramsAnswer.Program.init)),
            text: ProgramsText(report: report, permitted: permitted).text)
    }
}
