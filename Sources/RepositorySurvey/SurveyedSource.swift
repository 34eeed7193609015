import GitOpsTypes
import PromotionDomain

/// One way in which something is described in several environments, with the template that they share.
struct SurveyedSource {
    var source: ApplicationSource
    /// The path that it is known by.
    let template: PathTemplate
    let environments: [EnvironmentName]
    /// What its path calls the application; nil where nothing in it does.
    let name: String?
    /// What kustomizations of it call images, by environment: the names that they find, and those that they put there.
    var renamings: [EnvironmentName: [ImageRenaming]] = [:]
    /// Where the values of a chart name images.
    var chartImages: [ChartImage] = []
    /// Folders that it renders, which are no sources of their own then.
    var replaces: Set<RepositoryPath> = []
    let because: String
}

/// An entry under `images` of a kustomization.
struct ImageRenaming: Hashable {
    let name: String
    let newName: String?
}

/// What one kind of source comes to.
struct SourceFindings {
    var sources: [SurveyedSource] = []
    var guesses: [Guess] = []
    /// Whether some were in the configuration's own folder, and are left out for that.
    var isDirectoryTaken = false

    static func += (left: inout SourceFindings, right: SourceFindings) {
        left.sources += right.sources
        left.guesses += right.guesses
        left.isDirectoryTaken = left.isDirectoryTaken || right.isDirectoryTaken
    }

    static func + (left: SourceFindings, right: SourceFindings) -> SourceFindings {
        var sum = left
        sum += right
        return sum
    }
}
