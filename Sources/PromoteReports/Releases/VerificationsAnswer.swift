import GitOpsTypes
public import PromotionEngine

/// What became of one of several applications that were verified by one command.
public enum VerificationOutcome: Sendable {
    case verified(VerificationReport)
    case failed(application: String, any Error)
}

/// Several applications, each with its verification or with why there is none.
struct VerificationsAnswer: Encodable, Sendable {
    let verifications: [Item]

    enum CodingKeys: String, CodingKey {
        case verifications
    }

    enum Item: Encodable, Sendable {
        case verification(VerificationAnswer)
        case failure(PromotionsAnswer.Failure)

        init(_ outcome: VerificationOutcome) {
            switch outcome {
            case .verified(let report): self = .verification(VerificationAnswer(report))
            case .failed(let application, let error):
                self = .failure(.init(application: application, promotion: nil, error: .init(Diagnosis(error))))
            }
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .verification(let answer): try answer.encode(to: encoder)
            case .failure(let failure): try failure.encode(to: encoder)
            }
        }
    }
}

extension Answer {
    /// `promote verify <env> --app 'shop-*'`: its status is that of the first application that was not verified.
    public init(_ outcomes: [VerificationOutcome]) {
        self.init(
            json: VerificationsAnswer(verifications: outcomes.map(VerificationsAnswer.Item.init)),
            text: outcomes.map(Self.text).joined(separator: "\n"),
            status: outcomes.lazy.compactMap(Self.failure).first ?? .success)
    }

    private static func text(of outcome: VerificationOutcome) -> String {
        switch outcome {
        case .verified(let report): Answer(report).text
        case .failed(let application, let error): "\(application): \(Diagnosis(error).message.displayable)\n"
        }
    }

    private static func failure(_ outcome: VerificationOutcome) -> ExitStatus? {
        switch outcome {
        case .verified: nil
        case .failed(_, let error): Diagnosis(error).status
        }
    }
}
