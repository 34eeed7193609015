import GitOpsTypes
public import Kustomize
import ManifestRendering
public import PromotionDomain
import PromotionPlanning

/// The trees that environments are in: one for all, or a branch for each.
public struct SurveyTrees {
    let main: any FileSource
    let branches: [EnvironmentName: any FileSource]

    public init(_ main: any FileSource, branches: [EnvironmentName: any FileSource] = [:]) {
        self.main = main
        self.branches = branches
    }

    func files(of environment: EnvironmentName) -> any FileSource { branches[environment] ?? main }
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
            for text in Set(rendered.imageTexts) {
                if let image = ImageReference(text) {
                    tags[image.name] = image.tag?.text ?? ""
                } else {
                    unreadable.append(text)
                }
            }
            return .images(tags, unreadable: unreadable.sorted())
        } catch is RendererUnavailable where !source.chartImages.isEmpty {
            return .images(Dictionary(source.chartImages.map { ($0.name, "") }, uniquingKeysWith: { $1 }), unreadable: [])
        } catch {
            return .problem("\(error)")
        }
    }
}
