import GitOpsTypes
public import PromotionDomain
public import PromotionEngine

/// What became of one of several applications that were promoted by one command.
public enum PromotionOutcome: Sendable {
    case promoted(PromotionReport)
    case planned(PromotionReport)
    case failed(application: String, promotion: PromotionID? = nil, any Error)
}

/// Several applications, each with its promotion or with why there is none.
struct PromotionsAnswer: Encodable, Sendable {
    let promotions: [Item]

    enum CodingKeys: String, CodingKey {
        case promotions
    }

    enum Item: Encodable, Sendable {
        case promotion(PromotionAnswer)
        case failure(Failure)

        init(_ outcome: PromotionOutcome) {
            switch outcome {
            case .promoted(let report): self = .promotion(PromotionAnswer(report))
            case .planned(let report): self = .promotion(PromotionAnswer(plan: report))
            case .failed(let application, let promotion, let error):
                self = .failure(
                    Failure(application: application, promotion: promotion?.description, error: .init(Diagnosis(error))))
            }
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .promotion(let answer): try answer.encode(to: encoder)
            case .failure(let failure): try failure.encode(to: encoder)
            }
        }
    }

    struct Failure: Encodable, Sendable {
        let application: String
        /// Only where it is about one that was named.
        let promotion: String?
        let error: ErrorAnswer.Body

        enum CodingKeys: String, CodingKey {
            case application
            case promotion
            case error
        }
    }
}

extension Answer {
    /// `promote <from> <to> --all`: its status is that of the first application that was not promoted.
    public init(_ outcomes: [PromotionOutcome], _ style: TextStyle) {
        self.init(
            json: PromotionsAnswer(promotions: outcomes.map(PromotionsAnswer.Item.init)),
            text: outcomes.map { Self.text(of: $0, style) }.joined(separator: "\n"),
            status: outcomes.lazy.compactMap(Self.failure).first ?? .success)
    }

    private static func text(of outcome: PromotionOutcome, _ style: TextStyle) -> String {
        switch outcome {
        case .promoted(let report), .planned(let report): PromotionText(report: report, style: style).text
        case .failed(let application, let promotion, let error):
            "\(promotion?.description ?? application): \(Diagnosis(error).message.displayable)\n"
        }
    }

    private static func failure(_ outcome: PromotionOutcome) -> ExitStatus? {
        switch outcome {
        case .promoted, .planned: nil
        case .failed(_, _, let error): Diagnosis(error).status
        }
    }
}
