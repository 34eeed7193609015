import GitOpsTypes
import Kustomize

@testable import PromotionDomain
@testable import PromotionEngine
@testable import PromotionPlanning

/// The names and values that the answers in these tests are made of.
enum Sample {
    static let web = make(ApplicationName("web"))
    static let api = make(ApplicationName("api"))
    static let dev = make(EnvironmentName("dev"))
    static let staging = make(EnvironmentName("staging"))
    static let prod = make(EnvironmentName("prod"))
    static let alice = make(Principal("alice@example.org"))
    static let bob = make(Principal("bob@example.org"))
    static let ci = make(Principal("ci@example.org"))
    static let noon = make(Timestamp("2026-11-21T12:00:00Z"))
    static let evening = make(Timestamp("2026-11-21T18:30:00Z"))
    static let image = make(ImageName("registry.example/web"))

    /// A commit whose digits are all `digit`.
    static func commit(_ digit: Character) -> CommitID { make(CommitID(String(repeating: digit, count: 40))) }

    static func digest(_ digit: Character) -> ImageDigest { make(ImageDigest("sha256:" + String(repeating: digit, count: 64))) }

    static func path(_ text: String) -> RepositoryPath { make(RepositoryPath(text)) }

    /// A release of web with one image.
    static func release(_ digit: Character = "1", tag: String? = "1.4.2", records: [ImageRecord]? = nil) -> Release {
        let images = [ReleaseImage(name: image, digest: digest(digit), tag: tag.flatMap { ImageTag($0) })]
        return Release(
            id: ReleaseID(web, images: images), images: images,
            build: BuildOrigin(
                commit: SourceCommit("0a1b2c3d4e5f"), source: "https://git.example/web", run: "https://ci.example/runs/7"),
            registered: noon, registeredBy: ci, records: records)
    }

    /// The same, with a chart.
    static func releaseWithChart() -> Release {
        let chart = ReleaseImage(
            name: make(ImageName("registry.example/charts/web")), digest: digest("2"), tag: ImageTag("1.5.0_build.7"),
            kind: .chart)
        let images = release().images + [chart]
        return Release(
            id: ReleaseID(web, images: images), images: images, build: release().build, registered: noon, registeredBy: ci)
    }

    /// What a registry showed of its image.
    static let record = ImageRecord(
        name: image, platforms: ["linux/amd64", "linux/arm64"], revision: "0a1b2c3d4e5f", source: nil, version: "1.4.2",
        created: nil, provenance: ["signed with the key release"])

    static let passing = Check(.approved, .pass, "2 of 2 approvals", clearedBy: ["bob@example.org"])
    static let pending = Check(
        .approved, .pending, "1 of 2 approvals", since: noon, clearedBy: ["alice@example.org", "bob@example.org"])
    static let failing = Check(.notHeld, .fail, "staging is held: looking\u{1B}[2J", since: noon, clearedBy: ["an operator"])
    static let asked = Check(.gate("scan"), .pass, "scan lets it through", output: "2 packages\nno finding")

    static let hold = Hold(reason: "looking into it", by: alice, at: noon)
    static let yank = Yank(reason: "leaks memory", by: alice, at: noon)
    static let violation = Violation(commit: commit("b"), detail: "kubectl edit", by: bob, at: noon)
    static let freeze = Freeze(
        environment: prod, reason: "holidays", by: alice, at: noon, until: evening, policyCommit: commit("a"))

    /// What one change of an image does to a rendered environment.
    static let diff = RenderedDiff(from: manifests("1.4.1"), to: manifests("1.4.2"))

    static func manifests(_ tag: String, besides more: String = "") -> RenderedManifests {
        let deployment =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
            + "spec: {template: {spec: {containers: [{name: web, image: 'registry.example/web:\(tag)'}]}}}\n" + more
        let files = MemoryFiles([
            path("kustomization.yaml"): Array("resources: [web.yaml]\n".utf8), path("web.yaml"): Array(deployment.utf8),
        ])
        do {
            return try KustomizeRenderer(files: files).render(.root)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static func make<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a sample is no valid value") }
        return value
    }
}
