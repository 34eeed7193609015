import GitOpsTypes
import Kustomize
import PromotionDomain

/// Renders what Argo CD does for an Application: Kustomize, Helm or plain manifests with the options that it has.
///
/// Source: Argo CD's repo-server; how a source is taken where it does not say it: a chart, else a kustomization, else a directory.
struct ArgoRenderer: ManifestRenderer {
    let place: ArgoPlace
    let programs: any RenderingPrograms
    let charts: any ChartInflating

    func version() throws -> String {
        let helm = try programs.identity(of: "helm") ?? "without helm"
        return "argo 2 \(KustomizeRenderer.version)/\(place.kustomize.key) \(helm)"
    }

    func render(_ source: any FileSource) throws -> RenderedManifests {
        let files = TracedFiles(source)
        let application = try ArgoApplication(in: place.application, from: files)
        var sum: RenderedManifests?
        var program: String?
        var reads = files.identities
        for source in application.sources {
            let rendered = try render(source, of: application, files)
            reads.merge(rendered.reads) { $1 }
            program = program ?? rendered.program
            sum = sum.map { $0.adding(rendered) } ?? rendered
        }
        if !application.remoteSources.isEmpty {
            sum = (sum ?? .none).adding(try RemoteArgoSources(application, in: files).nodes())
        }
        reads.merge(files.identities) { $1 }
        return (sum ?? .none).printed(reading: reads, by: program)
    }

    private func render(
        _ source: ArgoApplication.Source, of application: ArgoApplication, _ files: TracedFiles
    ) throws -> RenderedManifests {
        switch try kind(of: source, application, files) {
        case .helm:
            let release = try ArgoChart(source, of: application, in: files).release()
            return try ChartRenderer(release: release, programs: programs).render(files)
        case .kustomize:
            let edited = try ArgoKustomization(source, of: application.file).edited(files, missing: .arePassedOver)
            return try rendering {
                try KustomizeRenderer(files: edited, in: place.kustomize, charts: charts).render(source.path)
            }
        case .directory: return try ArgoDirectory(source, of: application.file).render(files)
        }
    }

    private enum Kind {
        case helm
        case kustomize
        case directory
    }

    private func kind(
        of source: ArgoApplication.Source, _ application: ArgoApplication, _ files: TracedFiles
    ) throws -> Kind {
        func has(_ key: String) -> Bool { source.node[key]?.map?.isEmpty == false }
        guard source.node["plugin"] == nil else {
            throw RenderingError("a plugin of Argo CD renders it, which is not known here", in: application.file)
        }
        if has("kustomize") { return .kustomize }
        if has("helm") { return .helm }
        if has("directory") { return .directory }
        if let chart = source.path.appending(ChartReferences.definition), case .file = try files.entry(at: chart) { return .helm }
        let kustomization = try rendering { try KustomizeRenderer(files: files).kustomizationFile(in: source.path) }
        return kustomization == nil ? .directory : .kustomize
    }
}

/// A chart with the options of an Application.
private struct ArgoChart {
    private let source: ArgoApplication.Source
    private let application: ArgoApplication
    private let files: TracedFiles
    private var helm: ManifestNode? { source.node["helm"] }

    init(_ source: ArgoApplication.Source, of application: ArgoApplication, in files: TracedFiles) {
        self.source = source
        self.application = application
        self.files = files
    }

    func release() throws -> ChartRelease {
        let passesOver = helm?["ignoreMissingValueFiles"]?.scalar?.text == "true"
        let values = try (helm?["valueFiles"]?.list ?? []).compactMap { item -> RepositoryPath? in
            let path = try application.valuesFile(item.scalar?.text ?? "", of: source)
            return try passesOver && files.entry(at: path) == .missing ? nil : path
        }
        let options = ChartOptions(
            kubeVersion: helm?["kubeVersion"]?.scalar?.text ?? ChartOptions.newestKubeVersion,
            apiVersions: (helm?["apiVersions"]?.list ?? []).compactMap { $0.scalar?.text },
            includesCRDs: helm?["skipCrds"]?.scalar?.text != "true")
        return ChartRelease(
            chart: source.path, values: values,
            name: helm?["releaseName"]?.text.flatMap { $0.isEmpty ? nil : $0 } ?? application.name,
            namespace: helm?["namespace"]?.text ?? application.namespace, options: options, overrides: try overrides())
    }

    /// Values inline, and those set one by one, which win.
    private func overrides() throws -> ChartOverrides {
        var arguments: [String] = []
        for parameter in helm?["parameters"]?.list ?? [] {
            guard let name = parameter["name"]?.text, !name.isEmpty else {
                throw RenderingError("a parameter of helm has no name", in: application.file)
            }
            let flag = parameter["forceString"]?.scalar?.text == "true" ? "--set-string" : "--set"
            arguments += [flag, "\(name)=\(Self.escaped(parameter["value"]?.scalar?.text ?? ""))"]
        }
        if helm?["fileParameters"]?.list?.isEmpty == false {
            throw RenderingError("fileParameters of helm are not read", in: application.file, hint: "write them as values")
        }
        if helm?["skipTests"]?.scalar?.text == "true" { arguments.append("--skip-tests") }
        if helm?["skipSchemaValidation"]?.scalar?.text == "true" { arguments.append("--skip-schema-validation") }
        let object = helm?["valuesObject"].map { String(decoding: ManifestText.bytes(of: [$0]), as: UTF8.self) }
        return ChartOverrides(values: object ?? helm?["values"]?.text, arguments: arguments)
    }

    /// A comma is part of the value, but for lists in braces and where it is escaped already.
    private static func escaped(_ value: String) -> String {
        guard !(value.hasPrefix("{") && value.hasSuffix("}")) else { return value }
        var result = ""
        var previous: Character?
        for character in value {
            if character == ",", previous != "\\" { result.append("\\") }
            result.append(character)
            previous = character
        }
        return result
    }
}

/// Plain manifests with the options of an Application.
private struct ArgoDirectory {
    private let source: ArgoApplication.Source
    private let file: RepositoryPath

    init(_ source: ArgoApplication.Source, of file: RepositoryPath) {
        self.source = source
        self.file = file
    }

    func render(_ files: TracedFiles) throws -> RenderedManifests {
        let directory = source.node["directory"]
        let patterns = try ["include", "exclude"].map { key in
            try directory?[key]?.text.map { try NamePattern($0, of: key, in: file) }
        }
        let renderer = ManifestFilesRenderer(
            place: source.path, isRecursive: directory?["recurse"]?.scalar?.text == "true",
            isTaken: { name in patterns[0]?.matches(name) != false && patterns[1]?.matches(name) != true })
        for name in try files.names(in: source.path) ?? [] where name.hasSuffix(".jsonnet") {
            throw RenderingError("\(name.displayable) is Jsonnet, which is not rendered here", in: source.path)
        }
        return try renderer.render(files)
    }
}

/// A pattern of names as Argo CD has it: `*`, `?`, and alternatives in braces.
private struct NamePattern {
    private let alternatives: [[Character]]

    init(_ text: String, of key: String, in file: RepositoryPath) throws {
        guard text.utf8.count <= AgentOptions.maximumPattern, !text.contains(where: { "[]\\!".contains($0) }) else {
            throw RenderingError(
                "\(key) “\(String(text.prefix(100)).displayable)” has more than *, ? and braces, which is not read, or is longer than a pattern is",
                in: file, hint: "write it with those")
        }
        if text.hasPrefix("{"), text.hasSuffix("}") {
            alternatives = text.dropFirst().dropLast().split(separator: ",").map { Array($0) }
        } else {
            alternatives = [Array(text)]
        }
    }

    func matches(_ name: String) -> Bool { alternatives.contains { PathGlob($0).matches(name[...]) } }
}
