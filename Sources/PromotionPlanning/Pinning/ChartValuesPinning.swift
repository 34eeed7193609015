import GitOpsTypes
import Kustomize
import PromotionDomain
import YAMLEditing

/// Writes digests into the values of a chart: where the application says that they name an image, and where they are marked.
struct ChartValuesPinning: PinningStrategy {
    let release: ChartRelease
    let application: Application
    let files: any FileSource

    func editedFiles(_ manifests: RenderedManifests?) throws -> [RepositoryPath] {
        guard release.editedValues != nil else {
            throw PlanningError(
                "the chart of \(application.name) has no file with values, which a promotion could change", in: release.chart,
                hint: "add one for each environment: values: [\"values/{environment}.yaml\"]")
        }
        let own = release.ownValues
        for path in own {
            guard case .file = try files.entry(at: path) else {
                throw PlanningError(
                    "there is no such file, so \(application.name) has no values there", in: path,
                    hint: "add it, correct the application\'s values, or list under its `environments` the ones that it has")
            }
            guard try files.realPath(of: path) == path else {
                throw PlanningError(
                    "it is reached through a symbolic link, which an edit would replace", in: path, hint: "make it a plain file")
            }
        }
        return own
    }

    func markableFiles(_ manifests: RenderedManifests) -> [RepositoryPath] { release.ownValues }

    func edits(
        of release: Release, _ manifests: RenderedManifests, marked: [MarkedFile]
    ) throws -> [PromotionPlan.FileEdit] {
        let images = release.images.byName
        let own = try editedFiles(manifests)
        var contents = try contents(of: own)
        let before = contents
        try requirePins(release, contents)
        for image in self.release.images {
            try requireNames(of: image)
            for (pointer, field) in image.fields.sorted(by: { $0.key.description < $1.key.description }) {
                guard let text = field.text(in: images) else { continue }
                let holder = own.last { path in ValuesFile(contents[path] ?? [], path).has(pointer) }
                guard holder == nil, let path = self.release.editedValues else { continue }
                contents[path] = try ValuesFile(contents[path] ?? [], path).adding(text, at: pointer)
            }
        }
        return try own.map { path in
            let bytes = contents[path] ?? []
            let new = try self.marked(path, bytes)?.edited(images) ?? bytes
            return PromotionPlan.FileEdit(path: path, old: before[path] ?? [], new: new)
        }
    }

    func marked(_ manifests: RenderedManifests) throws -> [MarkedFile] {
        try contents(of: editedFiles(manifests)).sorted { $0.key < $1.key }.compactMap { try marked($0.key, $0.value) }
    }

    func renamings(_ manifests: RenderedManifests) -> [String: Set<String>] { [:] }

    private func contents(of paths: [RepositoryPath]) throws -> [RepositoryPath: [UInt8]] {
        var contents: [RepositoryPath: [UInt8]] = [:]
        for path in paths {
            if case .file(let bytes) = try files.entry(at: path) { contents[path] = bytes }
        }
        return contents
    }

    /// The values of a file that are marked, or that the application points to.
    private func marked(_ path: RepositoryPath, _ bytes: [UInt8]) throws -> MarkedFile? {
        let file = ValuesFile(bytes, path)
        var pointers: [JSONPointer: ImageField] = [:]
        for image in release.images {
            for (pointer, field) in image.fields where file.has(pointer) { pointers[pointer] = field }
        }
        return try MarkedFile(bytes, path: path, of: application, pointers: pointers)
    }

    /// That something says where each image's digest goes.
    private func requirePins(_ release: Release, _ contents: [RepositoryPath: [UInt8]]) throws {
        let marked = try contents.compactMap { try MarkedFile($0.value, path: $0.key, of: application) }
        for image in release.images.ofContainers {
            let isNamed = self.release.images.contains {
                $0.name == image.name && $0.fields.values.contains(where: \.part.isPinning)
            }
            guard isNamed || marked.contains(where: { $0.pins(image.name) }) else {
                throw PlanningError(
                    "nothing says where the values of the chart name \(image.name)",
                    in: self.release.editedValues ?? self.release.chart,
                    hint:
                        "list it under `images` of the application's helm, or mark the value: # {\"$promote\": \"\(application.name)\"}"
                )
            }
        }
    }

    /// That the values that say which image it is are the image's, where a file has them.
    private func requireNames(of image: ChartImage) throws {
        let sources = (release.chartValues.map { [$0] } ?? []) + release.values
        func value(_ pointer: JSONPointer?) throws -> (text: String, path: RepositoryPath)? {
            guard let pointer else { return nil }
            for path in sources.reversed() {
                guard case .file(let bytes) = try files.entry(at: path), let text = ValuesFile(bytes, path).text(at: pointer)
                else {
                    continue
                }
                return (text, path)
            }
            return nil
        }
        guard let repository = try value(image.repository), !repository.text.isEmpty else { return }
        let registry = try value(image.registry)
        // What a chart that this one depends on has for it is not known here.
        if image.registry != nil, registry == nil, image.name.text.hasSuffix("/" + repository.text) { return }
        let prefix = registry.map { $0.text.isEmpty ? "" : $0.text + "/" } ?? ""
        let name = prefix + repository.text
        guard !DockerHub.isSame(name, image.name.text) else { return }
        throw PlanningError(
            "the values name \(name.displayable), and the image is \(image.name)", in: repository.path,
            hint: "correct the value, or `images` of the application's helm")
    }
}
