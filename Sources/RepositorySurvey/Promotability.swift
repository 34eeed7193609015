import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain
import PromotionPlanning

/// Tries a promotion of an image that there is not, to see whether it would reach what runs. Nothing is written.
struct Promotability {
    let trees: SurveyTrees
    let renderers: SourceRenderers

    /// As many are tried; of more, those that are alike work alike.
    static let maximumTrials = 200

    /// Why a promotion would not work; nil where it would, and where that cannot be told here.
    func problem(_ application: Application, in environment: EnvironmentName) -> String? {
        guard let release = Self.release(of: application) else { return nil }
        do {
            let tree = UncachedTree(trees.files(of: environment), renderers: renderers)
            let plan = try PromotionPlanner(tree).plan(release, of: application, into: environment)
            return release.images.lazy.compactMap { Self.problem(with: $0, in: plan.images) }.first
        } catch is RendererUnavailable {
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func problem(with image: ReleaseImage, in occurrences: [ImageOccurrence]) -> String? {
        let places = occurrences.filter { $0.image == image.name }
        if places.isEmpty { return "nothing in it runs \(image.name) where a promotion could write it" }
        return places.first { !$0.isExactly(image) }.map {
            "nothing that a promotion writes reaches \($0.object), container \($0.container)"
        }
    }

    private static func release(of application: Application) -> Release? {
        guard let digest = ImageDigest("sha256:" + String(repeating: "1", count: 64)), let tester = Principal("init"),
            let tag = ImageTag("0.0.0")
        else { return nil }
        let images = application.images.map { ReleaseImage(name: $0, digest: digest, tag: tag, kind: application.kind(of: $0)) }
        return Release(
            id: ReleaseID(application.name, images: images), images: images,
            build: BuildOrigin(commit: nil, source: nil, run: nil), registered: Timestamp(seconds: 0), registeredBy: tester)
    }
}

/// The applications of which a promotion would reach something, and what was found of the others.
struct PromotableDrafts {
    private(set) var drafts: [ApplicationDraft] = []
    private(set) var guesses: [Guess] = []

    init(_ all: [ApplicationDraft], _ promotability: Promotability) {
        var trials = 0
        for draft in all {
            guard trials < Promotability.maximumTrials else {
                drafts.append(draft)
                continue
            }
            trials += draft.environments.count
            let problems = draft.environments.compactMap { environment in
                promotability.problem(draft.application, in: environment).map { (environment, $0) }
            }
            add(draft, problems)
        }
        if trials >= Promotability.maximumTrials, drafts.count > 1 {
            guesses.append(
                Guess(
                    about: "promotions of \(drafts.count) applications",
                    because: "the first \(Promotability.maximumTrials) were tried out, and the others are like them"))
        }
    }

    private mutating func add(_ draft: ApplicationDraft, _ problems: [(environment: EnvironmentName, text: String)]) {
        guard let first = problems.first else { return drafts.append(draft) }
        let isWhole = problems.count == draft.environments.count
        if !isWhole { drafts.append(draft) }
        guesses.append(
            Guess(
                about: isWhole
                    ? "\(draft.image) in \(draft.source.template.text) is left alone"
                    : "application \(draft.name) in \(first.environment)",
                because: "a promotion would not work: \(first.text)"))
    }
}
