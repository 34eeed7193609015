import GitOpsTypes
import YAMLEditing

/// What a build ends in: names are final and references follow them, values are put in, and all is as it is printed.
struct BuildOutput {
    /// The one that was asked for.
    private let kustomization: Kustomization
    private let place: KustomizationPlace
    private let kustomize: KustomizeVersion
    private let budget: RenderBudget

    init(
        of kustomization: Kustomization, in place: KustomizationPlace, as kustomize: KustomizeVersion, budget: RenderBudget
    ) {
        self.kustomization = kustomization
        self.place = place
        self.kustomize = kustomize
        self.budget = budget
    }

    /// - Parameter result: what the kustomization, and all that it builds on, come to.
    /// - Throws: `KustomizeError` where that is nothing that could be printed, or too much.
    func manifests(_ result: Accumulation) throws -> RenderedManifests {
        var result = result
        var resources = try finished(&result)
        try requireIdentities(of: resources)
        let order = kustomization.order ?? .standard
        try reporting(in: place.path, at: nil) {
            if case .byKind = order { try resources.requireDistinctIDs(after: "all steps") }
            if kustomization.buildMetadata.contains(.managedByLabel) {
                try resources.setEntries(
                    [("app.kubernetes.io/managed-by", kustomize.managedBy)], at: [FieldSpec("metadata/labels", create: true)],
                    budget)
            }
        }
        let removed = removedNotes
        for index in resources.indices { resources[index].normalizeAnnotations(removing: removed) }
        resources = order.sorted(resources)
        for index in resources.indices { try canonicalize(&resources[index]) }
        let standard = Set(TransformerConfiguration.standard(of: kustomize).images)
        let fields = result.configuration.images.filter { !standard.contains($0) }
        var manifests = RenderedManifests(
            objects: resources.map(RenderedObject.init), configuredImages: ConfiguredImage.all(in: resources, at: fields))
        manifests.imageFields = fields
        return manifests
    }

    /// With hashes in their names, references that follow names, and variables.
    private func finished(_ result: inout Accumulation) throws -> [Resource] {
        var resources = result.resources.all
        resources.appendHashes()
        let references =
            !result.configuration.isStandard
            ? NameReferenceUpdate(result.configuration.nameReferences) : NameReferenceUpdate.standard
        try reporting(in: place.path, at: nil) {
            try budget.spend(steps: result.values + resources.count)
            try references.apply(to: &resources, budget)
            result.resources = ResourceList(resources)
            let values = try result.variableValues(in: place.path)
            try VariableExpansion(values: values, budget: budget).apply(
                to: &resources, at: result.configuration.varReferences)
        }
        resources.removeAll { $0.annotation(BuildNotes.localConfigKey).map { $0 != "false" } ?? false }
        return resources
    }

    private func requireIdentities(of resources: [Resource]) throws(KustomizeError) {
        for resource in resources where resource.node["kind"]?.scalar?.text.isEmpty ?? true || resource.hasNoNameThoughNeeded {
            throw KustomizeError(
                .invalid, "\(resource.originalID) lost its kind or its name", in: place.path,
                hint: "correct the patch that took it")
        }
    }

    private var removedNotes: Set<String> {
        var removed = BuildNotes.internalKeys
        if kustomize.leavesNamespacesToCharts { removed.insert(BuildNotes.helmKey) }
        if !kustomization.buildMetadata.contains(.originAnnotations) { removed.insert(BuildNotes.originKey) }
        if !kustomization.buildMetadata.contains(.transformerAnnotations) { removed.insert(BuildNotes.transformationsKey) }
        return removed
    }

    private func canonicalize(_ resource: inout Resource) throws(KustomizeError) {
        // Its name is gone while it changes.
        let label = resource.label
        try budget.spend(bytes: resource.node.printedSize())
        do {
            try resource.node.canonicalize()
        } catch {
            throw KustomizeError(
                .invalid, "\(label): \(error.problem), which YAML cannot have as it is", in: place.path,
                hint: UnprintableText.hint)
        }
    }
}
