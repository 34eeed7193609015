public import GitOpsTypes

/// Applications that differ in nothing but their name: one for each folder or file that is where they are.
public struct ApplicationSet: Hashable, Sendable {
    /// Distinguishes sets; no application is called so for that.
    public let name: String
    /// One of them, whose name stands for `{application}` in its images.
    public let model: Application
    /// Names that are left alone.
    public let excluded: [NamePattern]
    /// Where they are.
    public let locator: PathTemplate

    /// What the model is called.
    public static let placeholder: ApplicationName = {
        guard let name = ApplicationName("any-application-of-this-set") else { preconditionFailure("it is a name") }
        return name
    }()

    /// Nil where nothing in the model's source tells its applications apart.
    ///
    /// - Parameter model: is called `placeholder`.
    public init?(_ name: String, of model: Application, excluding excluded: [NamePattern]) {
        guard let locator = model.source.locator else { return nil }
        self.name = name
        self.model = model
        self.excluded = excluded
        self.locator = locator
    }

    /// The application of that name, whether there is anything of it or not; nil where the set leaves it out, or where its images
    /// would have no names.
    public func application(_ name: ApplicationName) -> Application? {
        guard !excluded.contains(where: { $0.matches(name) }) else { return nil }
        return model.instance(called: name, insteadOf: Self.placeholder)
    }
}

extension ApplicationSource {
    /// The first of its paths that is another for each application; nil where there is none.
    var locator: PathTemplate? {
        let paths: [PathTemplate] =
            switch self {
            case .overlay(let path, _), .manifests(let path): [path]
            case .chart(let chart): ([chart.chart] + chart.values).filter(\.hasEnvironment) + [chart.chart] + chart.values
            case .flux(let flux): [flux.kustomization]
            case .argo(let argo): [argo.application]
            case .program(let program): program.files.filter(\.hasEnvironment) + program.files
            }
        return paths.first(where: \.hasApplication)
    }
}

/// Where the applications of a set are in one environment: entries of a folder that have their names.
public struct ApplicationFolder: Hashable, Sendable {
    /// May be the root.
    public let path: RepositoryPath
    private let before: Substring
    private let after: Substring

    /// Nil for a path that is the same for all applications.
    init?(_ path: String) {
        let steps = path.split(separator: "/")
        guard let index = steps.firstIndex(where: { $0.contains(Self.blank) }),
            let place = steps[index].firstRange(of: Self.blank)
        else { return nil }
        var folder = RepositoryPath.root
        for step in steps[..<index] {
            guard let inner = folder.appending(String(step)) else { return nil }
            folder = inner
        }
        self.path = folder
        before = steps[index][..<place.lowerBound]
        after = steps[index][place.upperBound...]
    }

    static let blank = "{application}"

    /// The application that an entry of the folder is of; nil where it is of none.
    public func name(of entry: String) -> ApplicationName? {
        guard entry.hasPrefix(before), entry.hasSuffix(after), entry.count > before.count + after.count else { return nil }
        return ApplicationName(String(entry.dropFirst(before.count).dropLast(after.count)))
    }
}

// MARK: One of a set

extension Application {
    /// The same under another name, which it has in the names of its images, too; nil where those would be none, where two of them
    /// would be one, and where one policy of Flux would stand for two.
    fileprivate func instance(called name: ApplicationName, insteadOf placeholder: ApplicationName) -> Application? {
        func renamed(_ text: String) -> String { text.replacing(placeholder.text, with: name.text) }
        var images: [ImageName: ImageName] = [:]
        for image in self.images {
            guard let own = ImageName(renamed(image.text)) else { return nil }
            images[image] = own
        }
        guard Set(images.values).count == self.images.count else { return nil }
        func own(_ image: ImageName) -> ImageName { images[image] ?? image }
        var policies: [String: ImageName] = [:]
        for (policy, image) in self.policies {
            guard policies.updateValue(own(image), forKey: renamed(policy)).map({ $0 == own(image) }) ?? true else { return nil }
        }
        func own(_ field: ImageField) -> ImageField { ImageField(image: own(field.image), part: field.part) }
        return Application(
            name: name, images: self.images.map(own), source: source.naming(own), builders: builders,
            selections: selections.renamingKeys(own), provenance: provenance.renamingKeys(own), policies: policies,
            files: files.map { PromotedFile(path: $0.path, values: $0.values.mapValues(own)) }, environments: environments,
            charts: Set(charts.map(own)))
    }
}

extension Dictionary {
    /// The same under other keys, no two of which are one.
    fileprivate func renamingKeys(_ name: (Key) -> Key) -> [Key: Value] {
        reduce(into: [:]) { $0[name($1.key)] = $1.value }
    }
}

extension ApplicationSource {
    /// The same with other names of images.
    fileprivate func naming(_ name: (ImageName) -> ImageName) -> ApplicationSource {
        switch self {
        case .chart(let chart): .chart(chart.naming(name))
        case .overlay, .manifests, .flux, .argo, .program: self
        }
    }
}

extension ChartSource {
    fileprivate func naming(_ name: (ImageName) -> ImageName) -> ChartSource {
        ChartSource(
            chart: chart, values: values, releaseName: releaseName, namespace: namespace, options: options,
            images: images.map { image in
                ChartImage(
                    name: name(image.name),
                    fields: image.fields.mapValues { ImageField(image: name($0.image), part: $0.part) },
                    registry: image.registry, repository: image.repository)
            })
    }
}
