import GitOpsTypes

extension Rule {
    public static let digestExact = Rule("digest-exact")
}

/// `digest-exact`: after the edit and the render, every container that uses an image of the application has exactly the
/// release's digest.
struct DigestExactRule: PromotionRule {
    var name: Rule { .digestExact }
    var isBypassable: Bool { false }
    var needs: RuleNeeds { .content(check) }

    private func check(_ facts: PromotionFacts, _ evidence: ContentEvidence) -> Check {
        guard let release = facts.state.release(facts.release) else {
            return Check(.digestExact, .fail, "\(facts.release) is not registered, so its digests are not known")
        }
        guard let images = evidence.images else {
            return Check(
                .digestExact, .fail, "not rendered, because what the branch holds or a merge would give is not what was planned")
        }
        let application = facts.policy.anyApplication(facts.state.application)
        if let missing = application?.images.first(where: { release.image($0)?.kind != application?.kind(of: $0) }) {
            return Check(
                .digestExact, .fail,
                "\(release.id) has no digest of \(missing), which the application runs too: register a release with all of its images"
            )
        }
        for image in release.images {
            let places = images.filter { $0.image == image.name }
            if places.isEmpty { return Check(.digestExact, .fail, Self.absence(of: image, facts.environment.name)) }
            if let wrong = places.first(where: { !$0.isExactly(image) }) {
                return Check(.digestExact, .fail, Self.mismatch(wrong, image))
            }
        }
        if let refusal = refusal(of: evidence.unrendered, in: facts.environment) { return refusal }
        let count = images.count
        return Check(
            .digestExact, .pass,
            "\(count) \(count == 1 ? "place has" : "places have") exactly the release's digest" + reservation(release, images)
                + Self.versions(release, images) + Self.told(evidence.unrendered))
    }

    private static func absence(of image: ReleaseImage, _ environment: EnvironmentName) -> String {
        switch image.kind {
        case .image:
            "no container, image volume or configured field of \(environment) uses \(image.name), and no value that "
                + "is read pins it: correct the image's name in the manifests or in the application"
        case .chart:
            "no object of \(environment) takes the chart \(image.name), and no value that is read pins it: "
                + "correct the chart's name in the manifests or in the application (docs/sources.md)"
        }
    }

    private static func mismatch(_ wrong: ImageOccurrence, _ image: ReleaseImage) -> String {
        let why = "nothing that a promotion writes reaches it"
        switch image.kind {
        case .image:
            return "\(wrong.object), container \(wrong.container), has \(wrong.text) and not \(image.digest.short)…: \(why)"
        case .chart:
            let version = image.chartVersion.map { " (\($0))" } ?? ""
            return "\(wrong.object), \(wrong.container), has \(wrong.text) and not \(image.digest.short)…\(version): \(why)"
        }
    }

    /// That what holds a chart is its version, and what that is worth.
    private static func versions(_ release: Release, _ images: [ImageOccurrence]) -> String {
        let places = images.filter { if case .version = $0.hold { true } else { false } }
        guard !places.isEmpty else { return "" }
        let told = places.prefix(5).map { place in
            "\(place.object) (\(place.image.text)\(release.image(place.image)?.chartVersion.map { " \($0)" } ?? ""))"
        }
        return "; only by version, as no digest can stand there, so that it is what the registry has under that: "
            + told.joined(separator: ", ") + (places.count > 5 ? " and \(places.count - 5) more" : "")
    }

    /// Where the environment wants all that runs to be rendered here, and some of it is not.
    private func refusal(of unrendered: [UnrenderedObject], in environment: Environment) -> Check? {
        guard environment.unrendered == .refuse, !unrendered.isEmpty else { return nil }
        return Check(
            .digestExact, .fail,
            "\(environment.name) has `unrendered: refuse`, and what runs of these is not known here: \(Self.list(unrendered)); "
                + "have it in the repository as a source that is rendered (docs/sources.md), or write `unrendered: allow`")
    }

    /// That the digests are those of what is rendered here, and of nothing else.
    private static func told(_ unrendered: [UnrenderedObject]) -> String {
        guard !unrendered.isEmpty else { return "" }
        return
            "; not rendered here, so that the images they run are not known: \(list(unrendered)), which `unrendered: allow` lets pass"
    }

    private static func list(_ unrendered: [UnrenderedObject]) -> String {
        let shown = unrendered.prefix(5).map(\.description).joined(separator: ", ")
        return unrendered.count > 5 ? "\(shown) and \(unrendered.count - 5) more" : shown
    }

    /// What a reader has to know of images that no rendered container runs: that what is made of their values is not seen here.
    private func reservation(_ release: Release, _ images: [ImageOccurrence]) -> String {
        let marked = release.images.map(\.name).filter { name in
            images.allSatisfy { $0.image != name || $0.evidence == .marked }
        }
        if marked.isEmpty { return "" }
        return
            "; of \(marked.map(\.text).joined(separator: ", ")) only marked values are known, and what reads them has to honour the digest"
    }
}
