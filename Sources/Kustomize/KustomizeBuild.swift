import GitOpsTypes
import YAMLEditing

/// One render: the kustomization that was asked for, and everything below it, each base once.
final class KustomizeBuild {
    private let files: KustomizationFiles
    private let dialect: KustomizeDialect
    private var kustomize: KustomizeVersion { dialect.version }
    private let budget: RenderBudget
    private let shared: SharedBases?
    private var charts: ChartBuild
    /// What has rendered charts; nil as long as there were none.
    var chartProgram: InflatedChart? { charts.program }
    /// What the present kustomization, or one above it, puts everything into: what its charts are rendered for.
    private var namespace: String?
    private var bases: [RepositoryPath: SharedBases.Base] = [:]
    /// Of the present base.
    private var extent = BuildExtent()
    private var schema = SchemaChoice()
    private var notes = BuildNotes(isEnabled: false)
    /// Kustomizations may build on each other this deep; far beyond any real repository.
    private static let maximumDepth = 100

    init(files: KustomizationFiles, in dialect: KustomizeDialect, shared: SharedBases?, charts: (any ChartInflating)? = nil) {
        self.charts = ChartBuild(by: charts, of: files)
        self.dialect = dialect
        self.files = files
        self.budget = files.budget
        self.shared = shared
    }

    func render(_ directory: RepositoryPath) throws -> RenderedManifests {
        let (kustomization, place) = try load(directory, ancestors: [], referrer: nil, seen: .overlay)
        return try render(kustomization, in: place)
    }

    /// Nil for a component.
    func renderUnlessComponent(_ directory: RepositoryPath) throws -> RenderedManifests? {
        let (kustomization, place) = try load(directory, ancestors: [], referrer: nil, seen: .overlay)
        return kustomization.kind == .component ? nil : try render(kustomization, in: place)
    }

    private func render(_ kustomization: Kustomization, in place: KustomizationPlace) throws -> RenderedManifests {
        notes = BuildNotes(isEnabled: !kustomization.buildMetadata.isEmpty)
        var result = Accumulation(of: kustomize)
        try apply(kustomization, in: place, to: &result, ancestors: [place.directory])
        return try BuildOutput(of: kustomization, in: place, as: kustomize, budget: budget).manifests(result)
    }

    // MARK: Kustomizations

    /// What asks for a kustomization, and where, for messages.
    private struct Referrer {
        let path: RepositoryPath
        let position: SourcePosition
    }

    private func load(
        _ directory: RepositoryPath, ancestors: [RepositoryPath], referrer: Referrer?, seen: SeenPlace
    ) throws -> (Kustomization, KustomizationPlace) {
        let (path, position) = (referrer?.path ?? directory, referrer?.position)
        try requireNoCircle(through: directory, ancestors: ancestors, referrer: referrer)
        extent.directories.insert(directory)
        guard ancestors.count < Self.maximumDepth else {
            throw KustomizeError(.forbidden, "kustomizations are nested too deeply", in: directory)
        }
        guard let file = try files.kustomizationFile(in: directory) else {
            throw KustomizeError(
                .missing, "\(directory) has no kustomization.yaml", in: path, at: position, hint: "add one, or correct the path")
        }
        let kustomization = try KustomizationDecoder(file.bytes, path: file.path, as: kustomize).kustomization()
        let place = KustomizationPlace(directory: directory, path: file.path, seen: seen)
        if let openAPI = kustomization.openAPI { try choose(openAPI, of: place) }
        return (kustomization, place)
    }

    private func choose(_ openAPI: Kustomization.OpenAPI, of place: KustomizationPlace) throws {
        let file = try openAPI.path.map { try files.read($0, in: place) }
        guard !schema.isSettled else { return }
        func error(_ message: String, _ hint: String?) -> KustomizeError {
            KustomizeError(.invalid, message, in: place.path, at: openAPI.position, hint: hint)
        }
        guard file == nil || openAPI.version == nil else { throw error("openapi has either path or version", nil) }
        if let (path, bytes) = file {
            schema.choose(.custom(try KustomizationDecoder(bytes, path: path, repeatedKeys: .areRefused).mergeSchema()))
        } else if let version = openAPI.version, !version.isEmpty {
            guard version == "v1.21.2" else { throw error("this OpenAPI version is not built in", "v1.21.2 is") }
            schema.choose(.builtIn)
        }
    }

    private func base(
        _ directory: RepositoryPath, _ reference: Kustomization.Reference, of place: KustomizationPlace,
        ancestors: [RepositoryPath]
    ) throws -> Accumulation {
        let referrer = Referrer(path: place.path, position: reference.position)
        // A base that several kustomizations build on gives the same each time.
        if !schema.isCustom, let known = bases[directory] ?? shareable?[directory, dialect], known.isSame(for: namespace) {
            for (base, cost) in known.costs { try budget.spend(cost, onceFor: base) }
            try budget.spend(steps: known.directories.count * (ancestors.count + 1))
            for directory in known.directories {
                try requireNoCircle(through: directory, ancestors: ancestors, referrer: referrer)
            }
            extent.add(BuildExtent(of: known))
            bases[directory] = known
            schema.repeat(known.schemaUse)
            return known.result
        }
        var outer = BuildExtent()
        swap(&outer, &extent)
        let outerUse = schema.beginUse()
        let (spent, inner) = (budget.spent, budget.total)
        let outerNamespace = namespace
        let (kustomization, basePlace) = try load(
            directory, ancestors: ancestors, referrer: referrer, seen: place.seen.leading(to: reference.text))
        guard kustomization.kind == .kustomization else {
            throw KustomizeError(
                .invalid, "\(directory) is a component", in: place.path, at: reference.position,
                hint: "list it under components")
        }
        var result = Accumulation(of: kustomize)
        try apply(kustomization, in: basePlace, to: &result, ancestors: ancestors + [directory])
        // By itself: without what the bases that it was the first to build on took.
        budget.note(budget.spent - spent - (budget.total - inner), of: directory)
        let base = SharedBases.Base(
            result: result, directories: extent.directories, costs: budget.costs(of: extent.directories),
            schemaUse: schema.endUse(within: outerUse),
            charts: extent.hasCharts ? .renderedFor(namespace: outerNamespace) : .none)
        if !schema.isCustom {
            bases[directory] = base
            shareable?.keep(base, of: directory, dialect)
        }
        extent.add(outer)
        return result
    }

    /// What other renders know of the same files: nothing where this one notes where objects come from, as seen from its own
    /// overlay.
    private var shareable: SharedBases? { notes.isEnabled ? nil : shared }

    private func requireNoCircle(
        through directory: RepositoryPath, ancestors: [RepositoryPath], referrer: Referrer?
    ) throws(KustomizeError) {
        // Kustomize takes a base above one that builds on it for a circle, too.
        guard ancestors.contains(where: { $0.isInside(directory) }) else { return }
        let circle = (ancestors + [directory]).map(\.description).joined(separator: " → ")
        throw KustomizeError(
            .forbidden, "kustomizations build on each other in a circle: \(circle)", in: referrer?.path ?? directory,
            at: referrer?.position)
    }

    /// Carries out a kustomization on top of `result`: for one by itself this is empty, for a component all that the
    /// kustomization that lists it has so far.
    private func apply(
        _ kustomization: Kustomization, in place: KustomizationPlace, to result: inout Accumulation,
        ancestors: [RepositoryPath]
    ) throws {
        let outerNamespace = namespace
        defer { namespace = outerNamespace }
        if let own = kustomization.namespace, !own.isEmpty { namespace = own }
        budget.place = place.path
        try accumulate(kustomization.resources, in: place, to: &result, ancestors: ancestors)
        budget.place = place.path
        let additions = try kustomization.configurations.map { reference in
            let (path, bytes) = try files.read(reference, in: place)
            return try KustomizationDecoder(bytes, path: path, repeatedKeys: .areRefused).transformerConfiguration()
        }
        for addition in additions { try budget.spend(steps: result.steps(ofMerging: addition)) }
        try result.configure(additions, by: place)
        for reference in kustomization.customResources {
            let (path, bytes) = try files.read(reference, in: place)
            let addition = try KustomizationDecoder(
                bytes, path: path, repeatedKeys: .areRefused
            ).customResourceConfiguration(budget)
            try budget.spend(steps: result.steps(ofMerging: addition))
            try result.merge(addition, by: place)
        }
        try generate(kustomization, in: place, into: &result, ancestors: ancestors)
        for reference in kustomization.components {
            try apply(component: reference, of: place, to: &result, ancestors: ancestors)
        }
        try transform(&result, by: kustomization, in: place, ancestors: ancestors)
        try budget.spend(steps: kustomization.variables.count + result.resources.count)
        try result.define(kustomization.variables, by: place)
    }

    private func apply(
        component reference: Kustomization.Reference, of place: KustomizationPlace, to result: inout Accumulation,
        ancestors: [RepositoryPath]
    ) throws {
        let directory = try files.directory(reference, in: place)
        let referrer = Referrer(path: place.path, position: reference.position)
        let (component, componentPlace) = try load(
            directory, ancestors: ancestors, referrer: referrer, seen: place.seen.leading(to: reference.text))
        guard component.kind == .component else {
            throw KustomizeError(
                .invalid, "\(directory) is no component", in: place.path, at: reference.position,
                hint: "list it under resources, or give it kind: Component")
        }
        try apply(component, in: componentPlace, to: &result, ancestors: ancestors + [directory])
    }

    private func accumulate(
        _ references: [Kustomization.Reference], in place: KustomizationPlace, to result: inout Accumulation,
        ancestors: [RepositoryPath]
    ) throws {
        var read: [Resource] = []
        for reference in references {
            switch try files.target(of: reference, in: place) {
            case .directory(let directory):
                let base = try base(directory, reference, of: place, ancestors: ancestors)
                budget.place = place.path
                try spend(on: &result, objects: base.resources.count, ManifestNode.Size(values: base.values))
                read += base.resources.all
                try budget.spend(
                    steps: result.steps(ofMerging: base.configuration)
                        + base.variables.count)
                try result.inherit(from: base, by: place)
            case .file(let path, let bytes):
                var resources = try ManifestReader(bytes, path: path).resources()
                for resource in resources {
                    try spend(on: &result, objects: 1, resource.node.size)
                    schema.note(resource.kind)
                }
                notes.note(file: place.seen.leading(to: reference.text), on: &resources)
                read += resources
            }
        }
        try result.append(read, by: place)
    }

    /// Spends what objects take that are added to `result`.
    private func spend(
        on result: inout Accumulation, objects: Int, _ size: ManifestNode.Size
    ) throws(KustomizeError) {
        try budget.spend(objects: objects, values: size.values, bytes: size.bytes, steps: size.values)
        result.values += size.values
    }

    // MARK: Generators

    private func generate(
        _ kustomization: Kustomization, in place: KustomizationPlace, into result: inout Accumulation,
        ancestors: [RepositoryPath]
    ) throws {
        let file = place.seen.leading(to: place.path.name)
        let rules =
            kustomization.configMapGenerator.map { (ManifestGenerator.Product.configMap, $0) }
            + kustomization.secretGenerator.map { (ManifestGenerator.Product.secret, $0) }
        for (product, rule) in rules {
            let options = rule.options.merged(onto: kustomization.generatorOptions)
            let tool = BuildNotes.Tool(
                kind: product == .configMap ? "ConfigMapGenerator" : "SecretGenerator", configuredIn: file)
            try generate(product, rule, options, tool, in: place, into: &result)
        }
        let globals = kustomization.helmGlobals ?? Kustomization.HelmGlobals()
        for chart in kustomization.helmCharts {
            let namespace = kustomize.leavesNamespacesToCharts ? namespace : nil
            let generator = ChartGenerator(
                chart: chart, home: globals.chartHome, namespace: namespace, place: place, files: files)
            try inflate(generator, BuildNotes.Tool(kind: BuiltinPlugin.chartKind, configuredIn: file), into: &result)
        }
        for plugin in try plugins(kustomization.generators, in: place, ancestors: ancestors) {
            switch try plugin.generator() {
            case .chart(let chart, let globals):
                let generator = ChartGenerator(
                    chart: chart, home: globals.chartHome, namespace: nil, place: place, files: files)
                try inflate(generator, plugin.tool, into: &result)
            case .manifest(let product, let rule):
                try generate(product, rule, rule.options, plugin.tool, in: place, into: &result)
            case .resource(var resource):
                notes.note(generator: plugin.tool, on: &resource)
                try spend(on: &result, objects: 1, resource.node.size)
                try result.absorb(resource, .create, by: place, at: nil)
            }
        }
    }

    private func generate(
        _ product: ManifestGenerator.Product, _ rule: Kustomization.GeneratorRule, _ options: GeneratorOptions,
        _ tool: BuildNotes.Tool, in place: KustomizationPlace, into result: inout Accumulation
    ) throws {
        let generator = ManifestGenerator(product: product, rule: rule, options: options, path: place.path) {
            try self.files.read($0, in: place).bytes
        }
        var generated = try generator.generate()
        notes.note(generator: tool, on: &generated)
        try spend(on: &result, objects: 1, generated.node.size)
        try result.absorb(generated, rule.behavior, by: place, at: rule.position)
    }

    /// Renders a chart, and adds its objects.
    private func inflate(
        _ generator: ChartGenerator, _ tool: BuildNotes.Tool, into result: inout Accumulation
    ) throws {
        extent.hasCharts = true
        for var resource in try charts.resources(of: generator) {
            schema.note(resource.kind)
            if kustomize.leavesNamespacesToCharts { resource.setAnnotation(BuildNotes.helmKey, "true") }
            notes.note(generator: tool, on: &resource)
            try spend(on: &result, objects: 1, resource.node.size)
            try result.absorb(resource, .create, by: generator.place, at: generator.chart.position)
        }
    }

    /// The plugins that `references` name, each a resource of its own: inline, in files, or built by kustomizations.
    private func plugins(
        _ references: [Kustomization.Reference], in place: KustomizationPlace, ancestors: [RepositoryPath]
    ) throws -> [BuiltinPlugin] {
        var configurations = Accumulation(of: kustomize)
        for reference in references where reference.isInline {
            var inline = try ManifestReader(Array(reference.text.utf8), path: place.path).resources()
            for resource in inline { schema.note(resource.kind) }
            notes.note(file: place.seen.leading(to: place.path.name), on: &inline)
            try configurations.append(inline, by: place)
        }
        try accumulate(references.filter { !$0.isInline }, in: place, to: &configurations, ancestors: ancestors)
        return try configurations.resources.all.map { try BuiltinPlugin($0, in: place, as: kustomize) }
    }

    // MARK: Transformers

    private func transform(
        _ result: inout Accumulation, by kustomization: Kustomization, in place: KustomizationPlace,
        ancestors: [RepositoryPath]
    ) throws {
        let factory = TransformerFactory(
            files: files, kustomize: kustomize, schema: { self.schema.schema() }, configuration: result.configuration,
            place: place,
            budget: budget)
        for transformer in try factory.transformers(of: kustomization) { try run(transformer, on: &result, in: place) }
        for plugin in try plugins(kustomization.transformers, in: place, ancestors: ancestors) {
            for transformer in try factory.transformers(of: plugin) { try run(transformer, on: &result, in: place) }
        }
    }

    private func run(_ transformer: Transformer, on result: inout Accumulation, in place: KustomizationPlace) throws {
        let before = budget.spent.values
        try reporting(in: place.path, at: transformer.position) { try transformer.transform(&result.resources) }
        result.values += budget.spent.values - before
        guard notes.isEnabled else { return }
        try budget.spend(steps: result.resources.count)
        try notes.note(transformer: transformer.tool, on: &result.resources.all, budget)
    }
}
