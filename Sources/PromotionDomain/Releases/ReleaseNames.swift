import GitOpsTypes

// What people type for a release.
extension ApplicationState {
    /// Fewer digits of an id are no name: they are too easily those of another release tomorrow.
    private static let minimumDigits = 4

    /// The releases that a text may mean: the one of that id, or those whose id begins so (with the application or without), and
    /// those that are known by that tag or version. None, one, or several; the newest first.
    public func releases(named text: String) -> [Release] {
        if let release = ReleaseID(text).flatMap(release) { return [release] }
        let own = "\(application)-"
        let digits = text.hasPrefix(own) ? text.dropFirst(own.count) : text[...]
        let isAbbreviation =
            digits.utf8.count >= Self.minimumDigits
            && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return releases.reversed().filter { release in
            isAbbreviation && release.id.text.utf8.starts(with: "\(own)\(digits)".utf8) || release.isKnown(by: text)
        }
    }
}

extension Release {
    /// What people call it: the tag of its images, where they have the same one, the version of its only chart, or what the registry's
    /// label says; nil where there is nothing of the kind.
    public var version: String? {
        let tags = Set(images.ofContainers.map { $0.tag?.text })
        if tags.count == 1, case let tag?? = tags.first { return tag }
        if images.ofContainers.isEmpty, images.count == 1, let chart = images.first {
            return chart.chartVersion?.text ?? chart.tag?.text
        }
        let labels = Set((records ?? []).map(\.version))
        if labels.count == 1, case let label?? = labels.first { return label }
        return nil
    }

    fileprivate func isKnown(by text: String) -> Bool {
        let text = Array(text.utf8)
        let names = images.flatMap { [$0.tag?.text, $0.chartVersion?.text] } + [version]
        return names.contains { $0.map { Array($0.utf8) == text } ?? false }
    }
}
