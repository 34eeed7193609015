import GitOpsTypes
import PromotionModel

/// `built-once`: only registered releases move, and what was built from a commit is built once.
enum BuiltOnceGate {
    static func check(_ question: PromotionQuestion) -> Check {
        guard let release = question.state.release(question.release) else {
            return Check(
                .builtOnce, .fail, "\(question.release) is not registered; CI registers a build with `promote register`")
        }
        let digests = release.images.map { "\($0.name.text)@\($0.digest.short)…" }.joined(separator: ", ")
        return Check(.builtOnce, .pass, "registered \(release.registered) by \(release.registeredBy): \(digests)")
    }

    /// The release that already has another digest of one of `images` for the same source commit: that image was rebuilt.
    static func rebuilt(_ images: [ReleaseImage], _ build: BuildOrigin, in state: ApplicationState) -> (Release, ReleaseImage)? {
        guard let commit = build.commit else { return nil }
        for release in state.releases(builtFrom: commit) {
            for image in images {
                if let known = release.image(image.name), known.digest != image.digest { return (release, known) }
            }
        }
        return nil
    }
}
