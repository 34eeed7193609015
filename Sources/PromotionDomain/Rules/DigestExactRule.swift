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
        let names = facts.policy.anyApplication(facts.state.application)?.images ?? []
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
                    "no container, image volume or configured field of \(facts.environment.name) uses \(image.name), and no value that "
                        + "is read pins it: correct the image's name in the manifests or in the application"
                )
            }
            if let wrong = places.first(where: { $0.digest != image.digest.text }) {
                return Check(
                    .digestExact, .fail,
                    "\(wrong.object), container \(wrong.container), has \(wrong.text) and not \(image.digest.short)…: "
                        + "nothing that a promotion writes reaches it")
            }
        }
        if let refusal = refusal(of: evidence.unrendered, in: facts.environment) { return refusal }
        let count = images.count
        return Check(
            .digestExact, .pass,
            "\(count) \(count == 1 ? "place has" : "places have") exactly the release's digest" + reservation(release, images)
                + Self.told(evidence.unrendered))
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
