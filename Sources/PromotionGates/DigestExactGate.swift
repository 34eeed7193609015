import GitOpsTypes
import PromotionModel

/// `digest-exact`: after the edit and the render, every container that uses an image of the application has exactly the
/// release's digest.
enum DigestExactGate {
    static func check(_ question: PromotionQuestion, _ evidence: ContentEvidence) -> Check {
        guard let release = question.state.release(question.release) else {
            return Check(.digestExact, .fail, "\(question.release) is not registered, so its digests are not known")
        }
        guard let images = evidence.images else {
            return Check(
                .digestExact, .fail, "not rendered, because what the branch holds or a merge would give is not what was planned")
        }
        let names = question.policy.application(question.state.application)?.images ?? []
        if let missing = names.first(where: { release.image($0) == nil }) {
            return Check(
                .digestExact, .fail,
                "\(release.id) has no digest of \(missing), which the application runs too: register a release with all of its images"
            )
        }
        for image in release.images {
            let places = images.filter { $0.image == image.name }
            if places.isEmpty {
                return Check(
                    .digestExact, .fail,
                    "no container of \(question.environment.name) uses \(image.name): correct the image's name in the manifests or in the application"
                )
            }
            if let wrong = places.first(where: { $0.digest != image.digest.text }) {
                return Check(
                    .digestExact, .fail,
                    "\(wrong.object), container \(wrong.container), has \(wrong.text) and not \(image.digest.short)…: "
                        + "neither the overlay's images entry nor a marked value reaches it")
            }
        }
        let count = images.count
        return Check(.digestExact, .pass, "\(count) \(count == 1 ? "place has" : "places have") exactly the release's digest")
    }
}
