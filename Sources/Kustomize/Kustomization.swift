import GitOpsTypes
import YAMLEditing

/// A decoded `kustomization.yaml`: only what this renderer carries out. A field it does not is an error, never ignored.
///
/// Source: Kustomize v5.5, the Kustomization type's documented fields.
struct Kustomization: Sendable {
    enum Kind: Sendable {
        case kustomization
        case component
    }

    var path: RepositoryPath
    var kind = Kind.kustomization
    var resources: [Reference] = []
    var components: [Reference] = []
    var namespace: String?
    var namePrefix = ""
    var nameSuffix = ""
    var labels: [LabelRule] = []
    /// Labels that go into selectors too; after those of `labels`.
    var commonLabels: [(key: String, value: String)] = []
    var commonAnnotations: [(key: String, value: String)] = []
    var images: [ImageRule] = []
    var replicas: [ReplicaRule] = []
    /// `patchesStrategicMerge`, which comes before `patches`.
    var strategicMergePatches: [PatchRule] = []
    var patches: [PatchRule] = []
    /// `patchesJson6902`, which comes after names, labels and annotations are set.
    var jsonPatches: [PatchRule] = []
    var replacements: [ReplacementSource] = []
    var configMapGenerator: [GeneratorRule] = []
    var secretGenerator: [GeneratorRule] = []
    var generatorOptions = GeneratorOptions()
    var variables: [Variable] = []
    /// Files that add to the fields the transformers know.
    var configurations: [Reference] = []
    /// Files with OpenAPI definitions of custom resources, which say what their fields mean.
    var customResources: [Reference] = []
    /// The schema that says which lists strategic merge merges.
    var openAPI: OpenAPI?
    var helmCharts: [HelmChart] = []
    /// Nil where nothing is said.
    var helmGlobals: HelmGlobals?
    /// Configurations of built-in plugins, inline or by path.
    var generators: [Reference] = []
    var transformers: [Reference] = []
    var order: ResourceOrder?
    var buildMetadata: Set<BuildMetadata> = []

    /// A path as written, and where, for messages.
    struct Reference: Sendable {
        let text: String
        let position: SourcePosition
    }

    struct OpenAPI: Sendable {
        /// A file with a schema.
        var path: Reference?
        /// The name of a built-in schema.
        var version: String?
        var position: SourcePosition
    }

    struct LabelRule: Sendable {
        var pairs: [(key: String, value: String)]
        var includeSelectors: Bool
        var includeTemplates: Bool
        /// Further fields to write to.
        var fields: [FieldSpec]
        var position: SourcePosition
    }

    /// An entry of `images`.
    struct ImageRule: Sendable {
        var name: String
        var newName: String?
        var newTag: String?
        var digest: String?
        /// What is put behind the tag the manifest has, where neither tag nor digest are given.
        var tagSuffix: String?
    }

    struct ReplicaRule: Sendable {
        var name: String
        var count: Int
        var position: SourcePosition
    }

    struct PatchRule: Sendable {
        enum Source: Sendable {
            case inline(String)
            case file(Reference)
        }

        var source: Source
        var target: PatchTarget?
        var allowNameChange = false
        var allowKindChange = false
        /// Whether the entry is one of `patchesStrategicMerge`.
        var isFromStrategicMergeField = false
        var position: SourcePosition

        /// Kustomize v5.5 turns the labels and annotations of such patches into texts, so that null sets `"null"` there
        /// instead of removing the entry.
        var stringifiesMetadata: Bool { target != nil || isFromStrategicMergeField }
    }

    struct GeneratorRule: Sendable {
        var name: String
        var namespace: String?
        var behavior = GeneratorBehavior.create
        var literals: [Reference] = []
        var files: [Reference] = []
        var envs: [Reference] = []
        var type: String?
        var options = GeneratorOptions()
        var position: SourcePosition
    }
}

enum GeneratorBehavior: String, Sendable {
    case create
    case merge
    case replace
}

struct GeneratorOptions: Sendable {
    var labels: [(key: String, value: String)] = []
    var annotations: [(key: String, value: String)] = []
    var disableNameSuffixHash = false
    var immutable = false

    /// A rule's own options on top of those for all of the kustomization.
    func merged(onto global: GeneratorOptions) -> GeneratorOptions {
        var result = global
        for (key, value) in labels {
            result.labels.removeAll { $0.key.hasSameBytes(as: key) }
            result.labels.append((key, value))
        }
        for (key, value) in annotations {
            result.annotations.removeAll { $0.key.hasSameBytes(as: key) }
            result.annotations.append((key, value))
        }
        result.disableNameSuffixHash = disableNameSuffixHash || global.disableNameSuffixHash
        result.immutable = immutable || global.immutable
        return result
    }
}

/// Which resources a patch is for. Every given part must match.
struct PatchTarget: Sendable {
    var group: String?
    var version: String?
    var kind: String?
    /// Regular expressions, anchored at both ends.
    var name: String?
    var namespace: String?
    var labelSelector: String?
    var annotationSelector: String?
}

/// What of the way an object came is noted on it.
enum BuildMetadata: String, Sendable {
    case managedByLabel
    case originAnnotations
    case transformerAnnotations
}
