import GitOpsTypes
public import Kustomize
import ManifestRendering
public import PromotionDomain
import PromotionPlanning

/// The trees that environments are in: one for all, or a branch for each.
public struct SurveyTrees {
    let main: any FileSource
    let branches: [EnvironmentName: Branch]

    /// A branch that is an environment.
    public struct Branch {
        /// Nil for the one that the configuration is on.
        let name: String?
        let files: any FileSource

        public init(name: String?, files: any FileSource) {
            self.name = name
            self.files = files
        }
    }

    /// - Parameter branches: those that are called like environments; they count where the main tree has none.
    public init(_ main: any FileSource, branches: [EnvironmentName: Branch] = [:]) {
        self.main = main
        self.branches = branches
    }

    /// The environment that a branch is by its name: `prod`, `env/prod`; nil for what is none.
    ///
    /// - Parameter wanted: the environments that a person named; empty for a guess.
    public static func environment(ofBranch name: String, among wanted: [EnvironmentName]) -> EnvironmentName? {
        let parts = name.split(separator: "/").map(String.init)
        let folders: Set = ["env", "envs", "environment", "environments", "deploy"]
        guard let last = parts.last, parts.dropLast().allSatisfy(folders.contains), parts.count < 3,
            let mark = EnvironmentMark(last, in: EnvironmentLexicon(given: wanted)), mark.environment.text == last
        else { return nil }
        return mark.environment
    }

    /// The main tree alone.
    var withoutBranches: SurveyTrees { SurveyTrees(main) }

    func files(of environment: EnvironmentName) -> any FileSource { branches[environment]?.files ?? main }
}

/// What sources run in their environments, as they are rendered.
struct RenderedImages {
    let trees: SurveyTrees
    let renderers: SourceRenderers
    let policies: FluxPolicies

    /// The images of one source in one environment.
    enum Outcome {
        /// With their tags; what is no reference of an image is apart.
        case images([ImageName: String], unreadable: [String])
        case problem(String)
    }

    func outcome(of source: SurveyedSource, named name: ApplicationName, in environment: EnvironmentName) -> Outcome {
        do {
            let place = source.source.place(of: name, in: environment)
            let files = trees.files(of: environment)
            let rendered = try renderers.renderer(of: place).render(files)
            var tags: [ImageName: String] = [:]
            for path in rendered.reads.keys where path.name.hasSuffix(".yaml") || path.name.hasSuffix(".yml") {
                guard !policies.images.isEmpty, case .file(let bytes) = try files.entry(at: path) else { continue }
                for image in policies.marked(in: bytes) { tags[image] = "" }
            }
            var unreadable: [String] = []
            for text in Set(rendered.imageTexts).sorted() {
                if let image = ImageReference(text) {
                    tags[image.name] = image.tag?.text ?? ""
                } else {
                    unreadable.append(text)
                }
            }
            return .images(tags, unreadable: unreadable)
        } catch is RendererUnavailable where !source.chartImages.isEmpty {
            return .images(Dictionary(source.chartImages.map { ($0.name, "") }, uniquingKeysWith: { $1 }), unreadable: [])
        } catch {
            return .problem("\(error)")
        }
    }
}
