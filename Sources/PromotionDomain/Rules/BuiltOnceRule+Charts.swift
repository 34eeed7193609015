import GitOpsTypes

// What is built once of charts: a version.
extension BuiltOnceRule {
    /// That each artifact of a release is what the policy has it as.
    ///
    /// - Throws: `Refusal` where it has an image for a chart, or a chart for an image.
    static func requireKinds(of images: [ReleaseImage], _ release: ReleaseID, in application: Application) throws(Refusal) {
        guard let other = images.first(where: { $0.kind != application.kind(of: $0.name) }) else { return }
        let known = application.kind(of: other.name).noun
        throw Refusal(.builtOnce, "\(other.name) is \(other.kind.noun) of \(release), and the policy has it as \(known)")
    }

    /// That no version of a chart is known with another digest: a version is what it is known by where no digest can stand, so that it
    /// means one digest for ever.
    ///
    /// - Parameter keys: by which registrations count; nil for all.
    /// - Throws: `Refusal` where one is.
    static func requireFirstVersions(
        of images: [ReleaseImage], in state: ApplicationState, _ keys: KeyStanding?
    ) throws(Refusal) {
        guard let (first, chart) = versionTaken(by: images, in: state, keys), let tag = chart.tag else { return }
        throw Refusal(
            .builtOnce,
            "\(chart.name) \(tag) is registered already, as \(chart.digest) (\(first.id)); "
                + "this is another digest, so the version was built again",
            hint: "promote what was built first: \(first.id); another chart needs another version")
    }

    /// The release that already has another digest of a chart of `images` in the same version.
    private static func versionTaken(
        by images: [ReleaseImage], in state: ApplicationState, _ keys: KeyStanding?
    ) -> (Release, ReleaseImage)? {
        for chart in images.charts {
            for release in state.releases(withVersionOf: chart) where keys?.problem(release.key, of: release.registeredBy) == nil
            {
                if let known = release.image(chart.name), known.digest != chart.digest { return (release, known) }
            }
        }
        return nil
    }
}
