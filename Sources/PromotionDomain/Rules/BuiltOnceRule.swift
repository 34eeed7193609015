import GitOpsTypes

extension Rule {
    public static let builtOnce = Rule("built-once")
}

/// `built-once`: only registered releases move, and what was built from a commit is built once.
struct BuiltOnceRule: PromotionRule {
    var name: Rule { .builtOnce }
    var isBypassable: Bool { false }
    var needs: RuleNeeds { .ledger(check) }

    private func check(_ facts: PromotionFacts) -> Check {
        guard let release = facts.state.release(facts.release) else {
            return Check(
                .builtOnce, .fail, "\(facts.release) is not registered; CI registers a build with `promote register`")
        }
        if release.isBaseline, !facts.isRollback {
            return Check(
                .builtOnce, .fail,
                "\(release.id) is known because it ran somewhere when promotions began, and no builder registered it: "
                    + "`\(command(for: release, facts))`",
                clearedBy: facts.policy.anyApplication(facts.state.application)?.builders.principals.map(\.text) ?? [])
        }
        if let problem = problem(of: release, facts) {
            return Check(
                .builtOnce, .fail,
                "\(release.id) was registered \(release.registered) by \(release.registeredBy), and \(problem); "
                    + "register the same digests again with another key of a builder: `\(command(for: release, facts))`",
                clearedBy: facts.policy.anyApplication(facts.state.application)?.builders.principals.map(\.text) ?? [])
        }
        let digests = release.images.map { "\($0.name.text)@\($0.digest.short)…" }.joined(separator: ", ")
        return Check(.builtOnce, .pass, "registered \(release.registered) by \(release.registeredBy): \(digests)")
    }

    /// Why a registration counts no more. To go back to what already ran, one by a key that merely expired is enough.
    private func problem(of release: Release, _ facts: PromotionFacts) -> String? {
        guard let keys = facts.keys else { return nil }
        if facts.isRollback, keys.isMerelyExpired(release.key, of: release.registeredBy) { return nil }
        return keys.problem(release.key, of: release.registeredBy)
    }

    private func command(for release: Release, _ facts: PromotionFacts) -> String {
        let images = release.images.map { ($0.kind == .chart ? "--chart " : "") + $0.reference.description }
        let commit = release.build.commit.map { " --commit \($0)" } ?? ""
        return "promote register \(images.joined(separator: " ")) --app \(facts.state.application)\(commit)"
    }

    /// The release that already has another digest of one of `images` for the same source commit: that image was rebuilt. Charts have
    /// versions instead, and may be from elsewhere.
    ///
    /// - Parameter keys: by which registrations count; nil for all.
    static func rebuilt(
        _ images: [ReleaseImage], _ build: BuildOrigin, in state: ApplicationState, _ keys: KeyStanding?
    ) -> (Release, ReleaseImage)? {
        guard let commit = build.commit else { return nil }
        for release in state.releases(builtFrom: commit) where keys?.problem(release.key, of: release.registeredBy) == nil {
            for image in images.ofContainers {
                if let known = release.image(image.name), known.digest != image.digest { return (release, known) }
            }
        }
        return nil
    }
}
