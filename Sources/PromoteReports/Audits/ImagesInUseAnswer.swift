import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// Images that environments run, may go back to, or are about to get.
struct ImagesInUseAnswer: Encodable, Sendable {
    let images: [UsedImage]

    enum CodingKeys: String, CodingKey {
        case images
    }
}

extension ImagesInUseAnswer {
    struct UsedImage: Encodable, Sendable {
        let name: String
        @TextOrNull var digest: ImageDigest?
        let reference: String
        let uses: [Use]

        enum CodingKeys: String, CodingKey {
            case name
            case digest
            case reference
            case uses
        }

        init(_ image: ImageUse) {
            name = image.name.displayable
            digest = image.digest
            reference = image.reference.displayable
            uses = image.places.map {
                Use(application: $0.application, environment: $0.environment, use: $0.purpose.rawValue)
            }
        }
    }

    struct Use: Encodable, Sendable {
        @Text var application: ApplicationName
        @Text var environment: EnvironmentName
        let use: String

        enum CodingKeys: String, CodingKey {
            case application
            case environment
            case use
        }
    }
}

extension Answer {
    /// `promote images`: one reference on each line.
    public init(_ images: [ImageUse]) {
        self.init(
            json: ImagesInUseAnswer(images: images.map(ImagesInUseAnswer.UsedImage.init)),
            text: images.map { $0.reference.displayable + "\n" }.joined())
    }
}
